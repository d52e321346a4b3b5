"""`kliping search`, `kliping index` and `kliping reindex`, as people and scripts call them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from archive.articles import SaveResult
from archive.database import Archive
from archive.finding import find
from archive.leases import acquire
from indexer.embedded.index import EmbeddedIndex
from kliping.cli import index, output, reindex, search
from tests.conftest import an_article

Run = Callable[..., Result]

app = typer.Typer()
app.command()(search.search)
app.command()(reindex.reindex)
app.add_typer(index.app, name="index")


NO_PREVIOUS = (
    "There is no previous index of news to go back to. "
    "`kliping reindex` builds a new index and keeps the present one.\n"
)


@pytest.fixture
def run(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on the test's archive."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))
    return lambda *arguments: CliRunner().invoke(app, list(arguments), catch_exceptions=False)


@pytest.fixture
def story(save: Callable[..., SaveResult]) -> str:
    """Saves an article about ISIS and Moscow and another one; returns the id of the first."""
    fields: dict[str, Any] = {
        "title": "Rusia & Prancis bahas ISIS",
        "body": ("Menteri ke Moskow.",),
        "agency": "ANTARA",
    }
    save(an_article(1, published_at=date(2015, 12, 18), published_precision="day", **fields))
    save(an_article(2))
    return an_article(1).id


def test_search_prints_title_source_date_and_highlights(run: Run, story: str) -> None:
    done = run("search", "ISIS Moskow")
    assert done.exit_code == 0
    isis, moskow, *printed = done.stdout.splitlines()  # which other names were searched for
    assert isis.startswith("“ISIS” is also searched as “NIIS”")
    assert moskow.startswith("“Moskow” is also searched as “Moskwa”")
    assert printed == [
        "1 article",
        "",
        "Rusia & Prancis bahas *ISIS*",
        f"  newsstand · 2015-12-18 · {story[:8]}",
        "  Menteri ke *Moskow*.",
        "",
    ]


def test_a_publication_time_is_shown_in_its_own_zone_and_found_by_its_own_day(
    run: Run, save: Callable[..., SaveResult]
) -> None:
    """14:05 WITA is 13:05 WIB, and half past midnight WIT is the day before WIB."""
    moments = {
        "14:05 WITA": datetime(2024, 12, 31, 14, 5, tzinfo=timezone(timedelta(hours=8))),
        "00:30 WIT": datetime(2025, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))),
        "19:30 +0545": datetime(2024, 12, 31, 19, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    }
    for number, moment in enumerate(moments.values()):
        save(an_article(number, published_at=moment))
    shown = run("search", "", "--facets").stdout
    for printed in ("· 2024-12-31 14:05 WITA ·", "· 2025-01-01 00:30 WIT ·", "· 2024-12-31 19:30 +0545 ·"):
        assert printed in shown
    assert "month: 2024-12 2, 2025-01 1" in shown
    assert "00:30 WIT" in run("search", "--from", "2025-01-01", "--to", "2025-01-01").stdout
    assert run("search", "before:2025-01-01").stdout.startswith("2 articles")


def test_words_may_be_given_without_quotes(run: Run, story: str) -> None:
    assert "1 article" in run("search", "ISIS", "Moskow").stdout


def test_search_json_is_the_object_of_the_contract(run: Run, story: str) -> None:
    found = json.loads(run("search", "ISIS Moskow", "--json").stdout)
    assert found["total"] == 1
    assert found["hits"][0]["id"] == story
    assert found["hits"][0]["published_at"] == "2015-12-18"
    assert found["hits"][0]["highlights"]["title"] == ["Rusia &amp; Prancis bahas <em>ISIS</em>"]
    assert found["facets"]["agency"] == {"ANTARA": 1}


def test_a_search_without_hits_says_so_and_exits_with_0(run: Run, story: str) -> None:
    done = run("search", "Merapi")
    assert done.exit_code == 0
    assert done.stdout.startswith("Nothing was found for Merapi.\n")


def test_a_hit_whose_text_is_not_the_whole_story_is_marked(run: Run, save: Callable[..., SaveResult]) -> None:
    for number, flags in enumerate([("body-incomplete",), ("first-page-only",), ("only-modified",)], start=1):
        save(an_article(number, title=f"Cerita {number}", flags=flags))
    shown = run("search", "cerita").stdout
    assert {line.rpartition(" · ")[2] for line in shown.splitlines() if line.endswith(("text", "only"))} == {
        "incomplete text",
        "first page only",
    }
    assert run("search", "cerita -flag:body-incomplete").stdout.startswith("2 articles")


def test_a_search_for_a_flag_that_does_not_exist_says_so(run: Run, story: str) -> None:
    assert "Did you mean flag:body-incomplete?" in run("search", "flag:body-incomplet").stdout
    assert "No article in the index has flag:x." in run("search", "flag:x").stdout
    assert run("search", "flag:body-incomplete").stdout == (
        "Nothing was found for flag:body-incomplete.\nNo article in the index has flag:body-incomplete.\n"
    )


def test_jsonl_and_csv_print_the_hits(run: Run, story: str) -> None:
    lines = run("search", "", "--jsonl").stdout.splitlines()
    hits = json.loads(run("search", "", "--json").stdout)["hits"]
    assert [json.loads(line) for line in lines] == hits
    header, *rows = csv.reader(run("search", "ISIS Moskow", "--csv").stdout.splitlines())
    assert header == [
        "id",
        "score",
        "title",
        "source",
        "published_at",
        "url",
        "highlights",
        "family",
        "copies",
        "flags",
        "missing",
    ]
    assert [row[0] for row in rows] == [story]
    assert json.loads(rows[0][6])["title"] == ["Rusia &amp; Prancis bahas <em>ISIS</em>"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--source", "newsstand"], 2),
        (["--source", "antara"], 0),
        (["--source", "antara", "--source", "NEWSSTAND"], 2),
        (["--agency", "antara"], 1),
        (["--place", "Paris"], 0),
        (["--from", "2015-12-18", "--to", "2015-12-18"], 1),
        (["--from", "2015-12-19"], 1),
        (["--to", "2015"], 1),
        (["--to", "2024-04"], 1),
        (["--limit", "1"], 2),
    ],
)
def test_options_narrow_a_search(run: Run, story: str, options: list[str], found: int) -> None:
    done = json.loads(run("search", "", "--json", *options).stdout)
    assert done["total"] == found
    assert len(done["hits"]) == (1 if "--limit" in options else found)


def test_sort_orders_the_hits(run: Run, story: str) -> None:
    newest, oldest = (
        [hit["id"] for hit in json.loads(run("search", "", "--json", "--sort", order).stdout)["hits"]]
        for order in ("newest", "oldest")
    )
    assert newest == oldest[::-1] == [an_article(2).id, story]


def test_explain_shows_how_the_query_was_read_and_the_score_computed(run: Run, story: str) -> None:
    done = run("search", "ISIS", "--explain")
    assert "Read as: ISIS\n" in done.stdout
    assert "  title has “ISIS” exactly (an exact word counts 4, another form 3)." in done.stdout.splitlines()
    explanation = json.loads(run("search", "ISIS", "--explain", "--json").stdout)["hits"][0]["explanation"]
    assert explanation["sentences"] == ["title has “ISIS” exactly (an exact word counts 4, another form 3)."]
    assert explanation["engine"]["value"] > 0


def test_options_alone_are_a_search_and_nothing_at_all_is_a_mistake(run: Run, story: str) -> None:
    done = json.loads(run("search", "--json", "--source", "newsstand", "--from", "2024").stdout)
    assert [hit["id"] for hit in done["hits"]] == [an_article(2).id]
    assert run("search", "--to", "2015").stdout.startswith("1 article\n")
    nothing = run("search", "--json")
    assert (nothing.exit_code, nothing.stderr.count("\n")) == (2, 1)
    assert "needs a query" in nothing.stderr


def test_fields_gives_what_was_asked_for_in_that_order(run: Run, story: str) -> None:
    (hit,) = json.loads(run("search", "ISIS", "--json", "--fields", "title, body,AUTHORS,score").stdout)["hits"]
    assert list(hit) == ["title", "body", "authors", "score"]
    assert (hit["title"], hit["body"], hit["authors"]) == ("Rusia & Prancis bahas ISIS", ["Menteri ke Moskow."], [])
    (line,) = run("search", "ISIS", "--jsonl", "--fields", "id,url").stdout.splitlines()
    assert json.loads(line) == {"id": story, "url": an_article(1).url}
    assert run("search", "ISIS", "--csv", "--fields", "id,agency").stdout == f"id,agency\n{story},ANTARA\n"


def test_fields_all_gives_the_hit_and_the_whole_article(run: Run, archive: Archive, story: str) -> None:
    (hit,) = json.loads(run("search", "ISIS", "--json", "--fields", "all").stdout)["hits"]
    (plain,) = json.loads(run("search", "ISIS", "--json").stdout)["hits"]
    assert {name: hit[name] for name in plain} == plain
    with archive.reading() as connection:
        article = find(connection, story).article.as_json()
    assert {name: hit[name] for name in article} == article
    assert (hit["version"], hit["status"], hit["seq"]) == (1, "live", 1)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ["--json", "--fields", "title,autors"],
            "--fields cannot have 'autors'. Did you mean authors? The fields are id,",
        ),
        (["--json", "--fields", "all,id"], "--fields cannot have 'all'."),
        (["--json", "--fields", " , "], "--fields names no field. The fields are id, score, title,"),
        (["--fields", "title"], "--fields is for --json, --jsonl and --csv."),
        (["--json", "--after", "x"], "'x' is not a cursor."),
    ],
)
def test_a_wrong_field_or_cursor_gets_a_sentence_and_status_2(
    run: Run, story: str, options: list[str], says: str
) -> None:
    done = run("search", "ISIS", *options)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(says)


def test_an_index_whose_archive_is_elsewhere_has_no_fields_of_the_archive(
    run: Run, archive: Archive, story: str
) -> None:
    run("index", "follow")
    (archive.home / "archive.sqlite3").rename(archive.home / "elsewhere.sqlite3")
    assert json.loads(run("search", "ISIS", "--json", "--fields", "id").stdout)["total"] == 1
    done = run("search", "ISIS", "--json", "--fields", "id,body")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Only an archive has body, and there is none in")


def test_next_leads_to_the_following_page(run: Run, save: Callable[..., SaveResult]) -> None:
    for number in range(7):
        save(an_article(number))
    for order in ("relevance", "newest", "oldest"):
        options = ("search", "berita", "--json", "--sort", order, "--limit")
        whole = json.loads(run(*options, "7").stdout)
        assert whole["next"] is None
        first = json.loads(run(*options, "3").stdout)
        second = json.loads(run(*options, "9", "--after", first["next"]).stdout)
        assert first["hits"] + second["hits"] == whole["hits"]
        assert (
            "7 articles, at most 2 more of them here"
            in run("search", "berita", "--sort", order, "--limit", "2", "--after", first["next"]).stdout
        )


def test_facets_are_counted_when_they_are_asked_for(run: Run, story: str) -> None:
    assert "source: newsstand 2" in run("search", "", "--facets").stdout
    assert "source:" not in run("search", "").stdout
    assert json.loads(run("search", "", "--json", "--no-facets").stdout)["facets"] == {}


def test_the_json_of_a_stream_is_the_json_of_a_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for record in (
        {"a": 1, "list": [], "z": {"b": "\u2028é"}},
        {"list": [{"a": [1, "x\ny"]}, 2]},
        {"a": 1, "list": [[]]},
    ):
        output.print_json(record)
        whole = capsys.readouterr().out
        output.print_json_stream(partial(dict, record), "list", iter(record["list"]))
        assert capsys.readouterr().out == whole


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ["search", 'ISIS "Moskow'],
            ["This quotation mark is never closed. Close it, or remove it.", "", '    ISIS "Moskow', "         ^"],
        ),
        (["search", "ISIS", "--from", "kemarin"], ["--from and --to need a date, and 'kemarin' is not a year"]),
        (
            ["search", "ISIS", "--from", "2016", "--to", "2015-12"],
            ["--from 2016 is after --to 2015-12. "],
        ),
        (["search", "ISIS", "--sort", "best"], ["--sort cannot be 'best'. It is relevance, newest or oldest."]),
        (["index", "drop", "news-v1"], ["There is no index news-v1."]),
    ],
)
def test_a_mistake_gets_a_sentence_and_status_2(run: Run, arguments: list[str], lines: list[str]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    printed = done.stderr.splitlines()
    assert len(printed) == len(lines)
    for got, expected in zip(printed, lines, strict=True):
        assert got.startswith(expected)


def test_an_unknown_engine_is_one_sentence_and_status_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_INDEX_URL", "ftp://127.0.0.1:9200")
    done = run("search", "ISIS")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)


def test_an_index_is_made_followed_rebuilt_rolled_back_and_pruned(run: Run, archive: Archive, story: str) -> None:
    assert "none yet" in run("index", "status").stdout
    assert run("index", "follow").stdout == "2 indexed; the index is at change 2.\n"
    seen = json.loads(run("index", "status", "--json").stdout)
    assert (seen["documents"], seen["cursor"], seen["lag"], seen["reindex_needed"]) == (2, 2, 0, [])
    built = json.loads(run("reindex", "--json").stdout)
    assert (built["previous"], built["documents"]) == (seen["index"], 2)
    listed = json.loads(run("index", "list", "--json").stdout)
    assert [(each["name"], each["behind_alias"]) for each in listed] == [(seen["index"], False), (built["index"], True)]
    assert run("index", "rollback").stdout == f"Searches now use {seen['index']} again; {built['index']} is kept.\n"
    assert run("index", "prune", "--keep", "0").stdout == f"Dropped {built['index']}.\n"
    assert run("index", "prune").stdout == "There was nothing to drop.\n"
    nothing = run("index", "rollback")
    assert (nothing.exit_code, nothing.stderr) == (1, NO_PREVIOUS)
    assert "→" in run("index", "list").stdout


def test_refused_documents_are_shown_and_end_with_status_1(run: Run, save: Callable[..., SaveResult]) -> None:
    save(an_article(1, section="x" * 40_000))
    done = run("index", "follow")
    assert (done.exit_code, done.stdout) == (1, "0 indexed, 1 refused; the index is at change 1.\n")
    assert run("index", "status").exit_code == 1
    assert "section has 40000 bytes" in run("index", "failures").stdout
    assert json.loads(run("index", "failures", "--json").stdout)[0]["id"] == an_article(1).id
    assert run("index", "retry").exit_code == 1
    assert run("reindex").exit_code == 1
    save(an_article(1, title="Tanpa rubrik"))
    assert run("index", "follow").exit_code == 0
    assert run("index", "failures").stdout == "No document was refused.\n"


def test_a_second_follower_names_the_first(run: Run, archive: Archive) -> None:
    run("index", "follow")
    searched = EmbeddedIndex(archive.home / "index", "news").current()
    assert searched is not None
    assert acquire(archive, f"index:{searched.uuid}", holder="mesin-lain", seconds=60)
    done = run("index", "follow")
    assert (done.exit_code, done.stdout) == (0, "mesin-lain follows the index already; nothing was done.\n")


SUBCOMMANDS = [each.name or getattr(each.callback, "__name__", "") for each in index.app.registered_commands]


@pytest.mark.parametrize("command", [["search"], ["reindex"], *(["index", name] for name in SUBCOMMANDS)])
def test_every_help_has_a_worked_example(run: Run, command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.exit_code == 0
    assert f"Example: kliping {' '.join(command)}" in " ".join(done.stdout.split())
