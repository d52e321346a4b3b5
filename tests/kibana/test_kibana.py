"""Kibana's saved objects are of the form that Kibana reads, and come in by one command whose result is checked."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from indexer.contract import MadeFor, PhysicalIndex
from indexer.elastic.mapping import body_of
from indexer.schema import FACETS
from kibana.__main__ import FILE, write
from kibana.client import Kibana, KibanaError
from kibana.objects import CHARTS, DATA_VIEW, LABELS, SEARCHES, TIME_FIELD, TIME_RANGE, ndjson, saved_objects
from kliping.cli.kibana import app
from tests.support.kibana_stand_in import kibana

Record = dict[str, Any]
ROOT = Path(__file__).parents[2]
OBJECTS = saved_objects()
BY_ID = {each["id"]: each for each in OBJECTS}
MAPPING = body_of(PhysicalIndex.new("news", MadeFor(1, "1", "archive", "epoch"), datetime.now(UTC)))["mappings"][
    "properties"
]


# -- the objects ------------------------------------------------------------------------------------------------------


def test_the_written_file_is_what_the_script_writes(tmp_path: Path) -> None:
    write(tmp_path / "written")
    assert FILE.read_bytes() == (tmp_path / "written").read_bytes(), "run `python -m kibana`"
    assert [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()] == OBJECTS


@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: each["id"])
def test_every_object_is_of_a_form_that_every_kibana_9_takes(each: Record) -> None:
    """The lowest versions that are still migrated: an object newer than the Kibana that reads it is refused."""
    assert set(each) == {
        *("id", "type", "attributes", "references"),
        *("coreMigrationVersion", "typeMigrationVersion", "managed"),
    }
    assert each["coreMigrationVersion"] == "8.8.0"
    versions = {"index-pattern": "8.0.0", "search": "8.0.0", "lens": "8.9.0", "dashboard": "8.9.0"}
    assert each["typeMigrationVersion"] == versions[each["type"]]
    for name, value in each["attributes"].items():
        if name.endswith(("JSON", "Map", "Attrs")) or name in ("fields", "sourceFilters"):
            assert json.loads(value) is not None, name  # these are JSON within JSON


def test_every_reference_leads_to_an_object_before_it_and_every_name_is_used_once() -> None:
    seen: set[tuple[str, str]] = set()
    for each in OBJECTS:
        names = [reference["name"] for reference in each["references"]]
        assert len(set(names)) == len(names)
        for reference in each["references"]:
            assert set(reference) == {"name", "type", "id"}
            assert (reference["type"], reference["id"]) in seen, each["id"]
        assert (each["type"], each["id"]) not in seen
        seen.add((each["type"], each["id"]))


def names_of(each: Record) -> Iterator[str]:
    """Every field that an object names."""
    match each["type"], each["attributes"]:
        case "index-pattern", attributes:
            yield attributes["timeFieldName"]
            yield from json.loads(attributes["fieldAttrs"])
            yield from json.loads(attributes["fieldFormatMap"])
            yield from (one["value"] for one in json.loads(attributes["sourceFilters"]))
        case "search", attributes:
            yield from attributes["columns"]
            yield from (name for name, _ in attributes["sort"])
        case "lens", attributes:
            for layer in attributes["state"]["datasourceStates"]["formBased"]["layers"].values():
                yield from (column["sourceField"] for column in layer["columns"].values())


def test_every_field_that_an_object_names_is_in_the_index() -> None:
    named = {name for each in OBJECTS for name in names_of(each)} - {"___records___"}
    assert len(named) > 10
    assert named <= set(MAPPING)


def test_the_time_field_is_a_date_and_what_is_counted_can_be() -> None:
    """Kibana refuses a time field of another type, and a chart of a text field or of one that has no doc values."""
    assert MAPPING[TIME_FIELD]["type"] == "date"
    for chart in CHARTS:
        assert MAPPING[chart.field]["type"] == "keyword"
        assert MAPPING[chart.field].get("doc_values", True)
        assert "normalizer" not in MAPPING[chart.field], "its values would be shown in lower case"


def test_every_field_of_the_index_has_an_indonesian_label() -> None:
    assert set(LABELS) == set(MAPPING)
    attributes = json.loads(BY_ID[DATA_VIEW]["attributes"]["fieldAttrs"])
    assert {name: of["customLabel"] for name, of in attributes.items()} == LABELS


def test_the_data_view_stands_on_the_alias_and_url_is_a_link() -> None:
    attributes = BY_ID[DATA_VIEW]["attributes"]
    assert attributes["title"] == "news"
    assert attributes["allowNoIndex"] is True
    assert json.loads(attributes["fieldFormatMap"])["url"]["params"]["type"] == "a"
    other = saved_objects("arsip")
    assert other[0]["attributes"]["title"] == "arsip"
    assert other[1:] == OBJECTS[1:]


def test_searches_and_dashboard_keep_their_own_time_so_that_2015_shows() -> None:
    for id_ in SEARCHES:
        attributes = BY_ID[id_]["attributes"]
        assert attributes["timeRestore"] is True
        assert attributes["timeRange"] == TIME_RANGE == {"from": "now-20y", "to": "now+1d"}
    dashboard = BY_ID["kliping-archive"]["attributes"]
    assert dashboard["timeRestore"] is True
    assert (dashboard["timeFrom"], dashboard["timeTo"]) == (TIME_RANGE["from"], TIME_RANGE["to"])


def test_the_search_isis_moskow_asks_for_both_words_and_the_other_for_everything() -> None:
    asked = {}
    for id_ in SEARCHES:
        attributes = BY_ID[id_]["attributes"]
        source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
        assert source["indexRefName"] in [reference["name"] for reference in BY_ID[id_]["references"]]
        assert attributes["sort"] == [[TIME_FIELD, "desc"]]
        asked[attributes["title"]] = source["query"]
    assert asked == {
        "ISIS Moskow": {"query": "ISIS and Moskow", "language": "kuery"},
        "Semua berita": {"query": "", "language": "kuery"},
    }


def test_every_chart_counts_a_facet_and_its_columns_agree() -> None:
    for chart in CHARTS:
        each = BY_ID[chart.id]
        state = each["attributes"]["state"]
        ((layer_id, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
        (drawn,) = state["visualization"]["layers"]
        assert layer["columnOrder"] == list(layer["columns"])
        assert drawn["layerId"] == layer_id
        used = {drawn["xAccessor"], *drawn["accessors"], *filter(None, [drawn.get("splitAccessor")])}
        assert used == set(layer["columns"])
        assert layer["columns"]["values"]["sourceField"] in FACETS
        assert layer["columns"]["values"]["params"]["orderBy"]["columnId"] in layer["columns"]
        assert [reference["name"] for reference in each["references"]] == [f"indexpattern-datasource-layer-{layer_id}"]


def test_every_panel_of_the_dashboard_has_its_reference_and_a_place_of_its_own() -> None:
    dashboard = BY_ID["kliping-archive"]
    references = {reference["name"]: reference for reference in dashboard["references"]}
    taken: set[tuple[int, int]] = set()
    panels = json.loads(dashboard["attributes"]["panelsJSON"])
    for panel in panels:
        reference = references.pop(f"{panel['panelIndex']}:{panel['panelRefName']}")
        assert reference["type"] == panel["type"]
        grid = panel["gridData"]
        assert grid["i"] == panel["panelIndex"]
        cells = {(grid["x"] + x, grid["y"] + y) for x in range(grid["w"]) for y in range(grid["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 48  # Kibana's grid
        taken |= cells
    assert not references
    assert len(panels) == 4


def test_the_page_names_every_object() -> None:
    page = (ROOT / "docs/kibana.md").read_text(encoding="utf-8")
    for each in OBJECTS:
        assert f"`{each['id']}`" in page
        if each["type"] != "lens":
            assert f"*{each['attributes'].get('name', each['attributes']['title'])}*" in page


# -- their way into Kibana and back -----------------------------------------------------------------------------------


def test_an_import_brings_every_object_in_and_a_second_one_changes_nothing() -> None:
    with kibana(api_key="c2VjcmV0") as there:
        mine = Kibana(there.url + "/", "c2VjcmV0")
        assert mine.import_objects(ndjson()) == len(OBJECTS)
        assert list(there.objects.values()) == OBJECTS
        assert mine.import_objects(ndjson()) == len(OBJECTS)
        assert list(there.objects.values()) == OBJECTS


def test_an_export_gives_what_an_import_takes_with_what_was_changed_there() -> None:
    with kibana() as there:
        mine = Kibana(there.url)
        mine.import_objects(ndjson())
        there.objects["search", "kliping-all"]["attributes"]["description"] = "garis\u2028baru"
        text = mine.export_objects([("dashboard", "kliping-archive"), ("search", "kliping-isis-moskow")])
        held = dict(there.objects)
        there.objects.clear()
        assert mine.import_objects(text) == len(OBJECTS)
        assert there.objects == held


def changed(id_: str, **fields: Any) -> str:
    return "".join(json.dumps(each | fields if each["id"] == id_ else each) + "\n" for each in OBJECTS)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            changed("kliping-all", typeMigrationVersion="99.0.0"),
            ["Kibana refused the search “Semua berita”: 422 belongs to a more recent version."],
        ),
        (
            changed("kliping-places", type="hologram"),
            [
                "Kibana refused the hologram “Tempat”: this Kibana knows no such kind of object.",
                "Kibana refused the dashboard “Arsip berita”: it refers to what is not there: lens kliping-places.",
            ],
        ),
    ],
)
def test_each_object_that_kibana_refuses_is_one_sentence_although_the_answer_was_200(
    text: str, sentences: list[str]
) -> None:
    with kibana() as there, pytest.raises(KibanaError) as refused:
        Kibana(there.url).import_objects(text)
    assert list(refused.value.sentences) == sentences


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, "application/json", b"{}"), "does not know the API key"),
        ((403, "application/json", b"{}"), "may not import or export saved objects"),
        ((503, "text/html", b"Kibana server is not ready yet"), "is not ready yet"),
        ((302, "text/html", b""), "answered 302 Found."),
        ((413, "application/json", b'{"message":"Payload too large"}'), "answered 413 .*: Payload too large."),
        ((500, "text/html", b"<html>"), "answered 500 Internal Server Error."),
        ((200, "text/html", b"<html>"), "is no Kibana: its answer is not JSON."),
        ((200, "application/json", b"[]"), "is no Kibana"),
        ((200, "application/json", b'{"success":true,"successCount":3}'), "took 3 of 7 objects"),
        ((200, "application/json", b'{"success":false,"successCount":7}'), "does not say why"),
    ],
)
def test_whatever_answers_in_kibana_s_place_is_one_plain_sentence(
    answer: tuple[int, str, bytes], sentence: str
) -> None:
    with kibana(broken=answer) as there, pytest.raises(KibanaError, match=sentence):
        Kibana(there.url, "c2VjcmV0").import_objects(ndjson())


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://127.0.0.1", "must begin with http:// or https://"),
        ("http://127.0.0.1:{closed}", "cannot be reached at .* refused"),
        ("https://127.0.0.1:{closed}", "cannot be reached at"),
        ("http://127.0.0.1:port", "cannot be reached at|cannot send"),
    ],
)
def test_an_address_where_no_kibana_is_is_one_plain_sentence(url: str, sentence: str) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: refused for certain
        with pytest.raises(KibanaError, match=sentence):
            Kibana(url.format(closed=held.getsockname()[1])).import_objects(ndjson())


def test_a_key_that_http_cannot_send_is_not_printed() -> None:
    with kibana() as there, pytest.raises(KibanaError) as wrong:
        Kibana(there.url, "c2VjcmV0\n").import_objects(ndjson())
    assert "c2VjcmV0" not in str(wrong.value)


def test_an_export_of_what_kibana_does_not_have_names_it() -> None:
    with kibana() as there:
        mine = Kibana(there.url)
        with pytest.raises(KibanaError, match=r"Kibana has no dashboard kliping-archive\."):
            mine.export_objects([("dashboard", "kliping-archive")])
        mine.import_objects(ndjson())
        del there.objects["index-pattern", DATA_VIEW]
        with pytest.raises(KibanaError, match=rf"Kibana has no index-pattern {DATA_VIEW}\."):
            mine.export_objects([("search", "kliping-all")])


# -- the command ------------------------------------------------------------------------------------------------------


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_the_command_imports_with_the_key_and_alias_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_ELASTICSEARCH_API_KEY", "c2VjcmV0")
    monkeypatch.setenv("KLIPING_INDEX_ALIAS", "arsip")
    with kibana(api_key="c2VjcmV0") as there:
        done = run("import", "--url", there.url)
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == f"Kibana has 7 objects of Kliping: {there.url}/app/dashboards\n"
        assert there.objects["index-pattern", DATA_VIEW]["attributes"]["title"] == "arsip"


def test_the_command_ends_with_1_and_the_sentence_where_kibana_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_ELASTICSEARCH_API_KEY", "ZmFsc2U=")
    with kibana(api_key="c2VjcmV0") as there:
        done = run("import", "--url", there.url)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "does not know the API key" in done.stderr
    assert "ZmFsc2U=" not in done.stderr


def test_the_command_exports_into_a_file_or_leaves_it_alone(tmp_path: Path) -> None:
    file = tmp_path / "objects.ndjson"
    file.write_text("what was there")
    with kibana() as there:
        done = run("export", file, "--url", there.url)
        assert (done.exit_code, done.stderr.count("Kibana has no ")) == (1, len(OBJECTS))
        assert file.read_text() == "what was there"
        assert run("import", "--url", there.url).exit_code == 0
        done = run("export", file, "--url", there.url)
        assert (done.exit_code, done.stdout) == (0, f"{file} has 7 objects.\n")
        assert sorted(
            json.loads(line)["id"] for line in file.read_text(encoding="utf-8").split("\n") if line
        ) == sorted(BY_ID)
        assert run("export", tmp_path / "no" / "folder", "--url", there.url).exit_code == 2
