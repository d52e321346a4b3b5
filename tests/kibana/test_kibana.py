"""Kibana's saved objects have the format that Kibana imports, and one command imports them and checks the result."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from indexer.contract import PhysicalIndex, Provenance
from indexer.elastic.mapping import body_of
from indexer.schema import FACETS
from kibana.__main__ import FILE, write
from kibana.client import Kibana, KibanaError
from kibana.objects import CHARTS, DATA_VIEW, LABELS, SEARCHES, TIME_FIELD, TIME_RANGE, ndjson, saved_objects
from kliping.cli.kibana import app
from tests.support.fake_kibana import fake_kibana

Record = dict[str, Any]
ROOT = Path(__file__).parents[2]
OBJECTS = saved_objects()
BY_ID = {each["id"]: each for each in OBJECTS}
MAPPING = body_of(PhysicalIndex.new("news", Provenance(1, "1", "archive", "epoch"), datetime.now(UTC)))["mappings"][
    "properties"
]


# -- the objects ------------------------------------------------------------------------------------------------------


def test_the_written_file_is_what_the_script_writes(tmp_path: Path) -> None:
    write(tmp_path / "written")
    assert FILE.read_bytes() == (tmp_path / "written").read_bytes(), "run `python -m kibana`"
    assert [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()] == OBJECTS


@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: each["id"])
def test_every_object_has_a_format_that_every_kibana_9_imports(each: Record) -> None:
    """The lowest versions that are still migrated, because Kibana refuses objects newer than itself."""
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


def test_every_reference_names_an_earlier_object_and_every_id_is_unique() -> None:
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
    """The fields that an object uses."""
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


def test_every_field_that_an_object_uses_is_in_the_index() -> None:
    named = {name for each in OBJECTS for name in names_of(each)} - {"___records___"}
    assert len(named) > 10
    assert named <= set(MAPPING)


def test_the_time_field_is_a_date_and_charts_count_keywords() -> None:
    """Kibana refuses a time field of another type, and a chart of a text field or of a field without doc values."""
    assert MAPPING[TIME_FIELD]["type"] == "date"
    for chart in CHARTS:
        assert MAPPING[chart.field]["type"] == "keyword"
        assert MAPPING[chart.field].get("doc_values", True)
        assert "normalizer" not in MAPPING[chart.field], "its values would be shown in lower case"


def test_every_field_of_the_index_has_an_indonesian_label() -> None:
    assert set(LABELS) == set(MAPPING)
    attributes = json.loads(BY_ID[DATA_VIEW]["attributes"]["fieldAttrs"])
    assert {name: of["customLabel"] for name, of in attributes.items()} == LABELS


def test_the_data_view_uses_the_alias_and_shows_url_as_a_link() -> None:
    attributes = BY_ID[DATA_VIEW]["attributes"]
    assert attributes["title"] == "news"
    assert attributes["allowNoIndex"] is True
    assert json.loads(attributes["fieldFormatMap"])["url"]["params"]["type"] == "a"
    other = saved_objects("arsip")
    assert other[0]["attributes"]["title"] == "arsip"
    assert other[1:] == OBJECTS[1:]


def test_searches_and_dashboard_have_their_own_time_range_that_includes_2015() -> None:
    for id_ in SEARCHES:
        attributes = BY_ID[id_]["attributes"]
        assert attributes["timeRestore"] is True
        assert attributes["timeRange"] == TIME_RANGE == {"from": "now-20y", "to": "now+1d"}
    dashboard = BY_ID["kliping-archive"]["attributes"]
    assert dashboard["timeRestore"] is True
    assert (dashboard["timeFrom"], dashboard["timeTo"]) == (TIME_RANGE["from"], TIME_RANGE["to"])


def test_one_search_is_for_both_words_and_the_other_for_everything() -> None:
    queries = {}
    for id_ in SEARCHES:
        attributes = BY_ID[id_]["attributes"]
        source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
        assert source["indexRefName"] in [reference["name"] for reference in BY_ID[id_]["references"]]
        assert attributes["sort"] == [[TIME_FIELD, "desc"]]
        queries[attributes["title"]] = source["query"]
    assert queries == {
        "ISIS Moskow": {"query": "ISIS and Moskow", "language": "kuery"},
        "Semua berita": {"query": "", "language": "kuery"},
    }


def test_every_chart_counts_a_facet_and_uses_all_its_columns() -> None:
    for chart in CHARTS:
        each = BY_ID[chart.id]
        state = each["attributes"]["state"]
        ((layer_id, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
        (drawn,) = state["visualization"]["layers"]
        assert layer["columnOrder"] == list(layer["columns"])
        assert drawn["layerId"] == layer_id
        used = {drawn["xAccessor"], *drawn["accessors"], *filter(None, [drawn.get("splitAccessor")])}
        assert used == set(layer["columns"])
        assert layer["columns"]["values"]["sourceField"] in FACETS.values()
        assert layer["columns"]["values"]["params"]["orderBy"]["columnId"] in layer["columns"]
        assert [reference["name"] for reference in each["references"]] == [f"indexpattern-datasource-layer-{layer_id}"]


def test_every_panel_of_the_dashboard_has_a_reference_and_no_panels_overlap() -> None:
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


def test_the_documentation_names_every_object() -> None:
    page = (ROOT / "docs/kibana.md").read_text(encoding="utf-8")
    for each in OBJECTS:
        assert f"`{each['id']}`" in page
        if each["type"] != "lens":
            assert f"*{each['attributes'].get('name', each['attributes']['title'])}*" in page


# -- import and export ------------------------------------------------------------------------------------------------


@pytest.mark.processes
def test_an_import_adds_every_object_and_a_second_one_changes_nothing() -> None:
    with fake_kibana(api_key="c2VjcmV0") as server:
        client = Kibana(server.url + "/", "c2VjcmV0")
        assert client.import_objects(ndjson()) == len(OBJECTS)
        assert list(server.objects.values()) == OBJECTS
        assert client.import_objects(ndjson()) == len(OBJECTS)
        assert list(server.objects.values()) == OBJECTS


@pytest.mark.processes
def test_an_export_has_the_changes_made_in_kibana_and_can_be_imported_again() -> None:
    with fake_kibana() as server:
        client = Kibana(server.url)
        client.import_objects(ndjson())
        server.objects["search", "kliping-all"]["attributes"]["description"] = "garis\u2028baru"
        text = client.export_objects([("dashboard", "kliping-archive"), ("search", "kliping-isis-moskow")])
        before = dict(server.objects)
        server.objects.clear()
        assert client.import_objects(text) == len(OBJECTS)
        assert server.objects == before


def changed(id_: str, **fields: Any) -> str:
    return "".join(json.dumps(each | fields if each["id"] == id_ else each) + "\n" for each in OBJECTS)


@pytest.mark.processes
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
                "Kibana refused the hologram “Tempat”: this Kibana does not know this type of object.",
                "Kibana refused the dashboard “Arsip berita”: it refers to missing objects: lens kliping-places.",
            ],
        ),
    ],
)
def test_each_refused_object_gets_one_sentence_although_the_status_is_200(text: str, sentences: list[str]) -> None:
    with fake_kibana() as server, pytest.raises(KibanaError) as refused:
        Kibana(server.url).import_objects(text)
    assert list(refused.value.sentences) == sentences


@pytest.mark.processes
@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, "application/json", b"{}"), "does not know the API key"),
        ((403, "application/json", b"{}"), "may not import or export saved objects"),
        ((503, "text/html", b"Kibana server is not ready yet"), "is not ready yet"),
        ((302, "text/html", b""), "answered 302 Found."),
        ((413, "application/json", b'{"message":"Payload too large"}'), "answered 413 .*: Payload too large."),
        ((500, "text/html", b"<html>"), "answered 500 Internal Server Error."),
        ((200, "text/html", b"<html>"), "is not Kibana: its answer is not JSON."),
        ((200, "application/json", b"[]"), "is not Kibana"),
        ((200, "application/json", b'{"success":true,"successCount":3}'), "imported 3 of 7 objects"),
        ((200, "application/json", b'{"success":false,"successCount":7}'), "does not say why"),
    ],
)
def test_every_unexpected_response_gets_one_plain_sentence(answer: tuple[int, str, bytes], sentence: str) -> None:
    with fake_kibana(broken=answer) as server, pytest.raises(KibanaError, match=sentence):
        Kibana(server.url, "c2VjcmV0").import_objects(ndjson())


@pytest.mark.processes
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://127.0.0.1", "must begin with http:// or https://"),
        ("http://127.0.0.1:{closed}", "cannot be reached at .* refused"),
        ("https://127.0.0.1:{closed}", "cannot be reached at"),
        ("http://127.0.0.1:port", "cannot be reached at|cannot send"),
    ],
)
def test_an_address_without_kibana_gets_one_plain_sentence(url: str, sentence: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound but not listening, so every connection is refused
        with pytest.raises(KibanaError, match=sentence):
            Kibana(url.format(closed=closed.getsockname()[1])).import_objects(ndjson())


@pytest.mark.processes
def test_a_key_that_http_cannot_send_is_not_printed() -> None:
    with fake_kibana() as server, pytest.raises(KibanaError) as error:
        Kibana(server.url, "c2VjcmV0\n").import_objects(ndjson())
    assert "c2VjcmV0" not in str(error.value)


@pytest.mark.processes
def test_an_export_of_a_missing_object_names_it() -> None:
    with fake_kibana() as server:
        client = Kibana(server.url)
        with pytest.raises(KibanaError, match=r"Kibana has no dashboard kliping-archive\."):
            client.export_objects([("dashboard", "kliping-archive")])
        client.import_objects(ndjson())
        del server.objects["index-pattern", DATA_VIEW]
        with pytest.raises(KibanaError, match=rf"Kibana has no index-pattern {DATA_VIEW}\."):
            client.export_objects([("search", "kliping-all")])


# -- the command ------------------------------------------------------------------------------------------------------


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.mark.processes
def test_the_command_imports_with_the_key_and_alias_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_ELASTICSEARCH_API_KEY", "c2VjcmV0")
    monkeypatch.setenv("KLIPING_INDEX_ALIAS", "arsip")
    with fake_kibana(api_key="c2VjcmV0") as server:
        done = run("import", "--url", server.url)
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout == f"Kibana has 7 objects of Kliping: {server.url}/app/dashboards\n"
        assert server.objects["index-pattern", DATA_VIEW]["attributes"]["title"] == "arsip"


@pytest.mark.processes
def test_the_command_exits_with_1_and_a_sentence_if_kibana_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_ELASTICSEARCH_API_KEY", "ZmFsc2U=")
    with fake_kibana(api_key="c2VjcmV0") as server:
        done = run("import", "--url", server.url)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "does not know the API key" in done.stderr
    assert "ZmFsc2U=" not in done.stderr


@pytest.mark.processes
def test_the_command_exports_to_a_file_or_leaves_the_file_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "objects.ndjson"
    file.write_text("what was there")
    with fake_kibana() as server:
        done = run("export", file, "--url", server.url)
        assert (done.exit_code, done.stderr.count("Kibana has no ")) == (1, len(OBJECTS))
        assert file.read_text() == "what was there"
        assert run("import", "--url", server.url).exit_code == 0
        done = run("export", file, "--url", server.url)
        assert (done.exit_code, done.stdout) == (0, f"{file} has 7 objects.\n")
        assert sorted(
            json.loads(line)["id"] for line in file.read_text(encoding="utf-8").split("\n") if line
        ) == sorted(BY_ID)
        assert run("export", tmp_path / "no" / "folder", "--url", server.url).exit_code == 2
