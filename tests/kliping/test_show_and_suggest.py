"""`kliping show` finds what `kliping search` prints; related articles and suggestions, as people call them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner, Result

from archive.articles import SaveResult
from archive.database import Archive
from archive.identity import clipping_id
from archive.records import Dateline
from kliping.cli import search, show
from tests.conftest import an_article

Run = Callable[..., Result]
Save = Callable[..., SaveResult]

app = typer.Typer()
app.command()(search.search)
app.command()(show.show)


@pytest.fixture
def run(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on the test's archive."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))
    return lambda *arguments: CliRunner().invoke(app, list(arguments), catch_exceptions=False)


@pytest.fixture
def stories(save: Save) -> None:
    """Two articles about a war, and others."""
    war = "Menteri pertahanan membahas serangan udara terhadap kelompok bersenjata di gurun."
    line = Dateline("Moscow", "ANTARA/Reuters", "Moscow (ANTARA/Reuters) -", "Moskow", None, "Rusia")
    save(an_article(1, title="Serangan udara dibahas di Moskow", body=(war,), dateline=line, authors=("Nur Imansyah",)))
    save(an_article(2, title="Menteri: serangan udara berlanjut", body=(war,)))
    for number in range(3, 12):
        save(an_article(number))


def test_show_takes_every_id_and_address_that_search_prints(run: Run, save: Save) -> None:
    text = "Harga beras naik."
    save(an_article(1))
    save(an_article(2, id=clipping_id(text), url=None, source="clipping", title=text))
    hits = json.loads(run("search", "", "--json").stdout)["hits"]
    shorts = [line.rpartition(" · ")[2] for line in run("search", "").stdout.splitlines() if " · " in line]
    assert len(hits) == len(shorts) == 2
    for hit, short in zip(hits, shorts, strict=True):
        addresses = [hit["url"], hit["url"].removeprefix("http://")] if hit["url"] else []
        for wanted in (hit["id"], short, *addresses):
            done = run("show", wanted, "--json")
            assert (done.exit_code, json.loads(done.stdout)["id"]) == (0, hit["id"]), wanted


def test_an_ambiguous_id_lists_the_articles_that_it_may_be(run: Run, save: Save) -> None:
    for number in range(12):
        save(an_article(number, id=f"1f3a9c20{number:024x}"))
    done = run("show", "1f3a9c20")
    assert (done.exit_code, done.stdout) == (1, "")
    first, *listed = done.stderr.splitlines()
    assert first == "The ids of several articles begin with 1f3a9c20. Give more characters."
    assert listed[0] == f"  1f3a9c20{0:024x}  2024-05-01  newsstand  Judul berita nomor 0"
    assert (len(listed), listed[-1]) == (11, "  … and more")
    assert run("show", f"1f3a9c20{0:022x}0b").stdout.startswith("Judul berita nomor 11")


def test_related_prints_the_articles_that_are_most_like_one(run: Run, stories: None) -> None:
    first, second = an_article(1), an_article(2)
    assert [hit["id"] for hit in json.loads(run("show", first.id, "--related", "--json").stdout)] == [second.id]
    shown = run("show", second.id, "--related").stdout.splitlines()
    assert shown[0].replace("*", "") == "Serangan udara dibahas di Moskow"
    assert first.id[:8] in shown[1]


def test_an_article_like_no_other_has_no_related_ones(run: Run, save: Save) -> None:
    save(an_article(1))
    done = run("show", an_article(1).id, "--related")
    assert (done.exit_code, done.stdout) == (0, "The index has no article like 'Judul berita nomor 1'.\n")
    assert json.loads(run("show", an_article(1).id, "--related", "--json").stdout) == []


def test_suggestions_are_printed_by_kind(run: Run, stories: None) -> None:
    assert [line.split() for line in run("search", "--suggest", "mosc").stdout.splitlines()] == [
        ["place", "Moskow", "1"]
    ]
    assert json.loads(run("search", "--suggest", "iman", "--json").stdout) == [
        {"kind": "author", "text": "Nur Imansyah", "query": 'author:"Nur Imansyah"', "articles": 1}
    ]
    header, *rows = csv.reader(run("search", "--suggest", "reu", "--csv").stdout.splitlines())
    assert (header, rows) == (["kind", "text", "query", "articles"], [["agency", "Reuters", "agency:Reuters", "1"]])
    assert run("search", "--suggest", "tidakada").stdout == ""


def test_suggest_takes_no_query_beside_it(run: Run, stories: None) -> None:
    done = run("search", "gempa", "--suggest", "mos")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--suggest takes the place of a query." in done.stderr
