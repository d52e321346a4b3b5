"""Sources: the registry, the checks at construction, and the page that every source must bring along."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

import sources
from reading.article import normalise
from reading.extract.page import extract
from reading.extract.state import render_state
from sources import (
    BadSourceError,
    DailyIndex,
    Feed,
    FrontPage,
    Layout,
    Sitemap,
    Source,
    publishers,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"

GOOD: dict[str, Any] = {
    "name": "koran",
    "title": "Koran",
    "domains": ("koran.example.id",),
    "finds": (Feed("https://www.koran.example.id/rss"),),
    "article": r"https?://(?:www\.)?koran\.example\.id/berita/\d+",
    "layouts": (Layout(body=("div.isi",)),),
    "terms": "robots.txt allows all.",
}


def pages_of(name: str) -> list[Path]:
    return sorted((FIXTURES / name).glob("*.html"))


@pytest.mark.parametrize("name", sources.names())
def test_every_source_brings_a_page_of_each_layout_and_the_article_expected_of_it(name: str) -> None:
    """Adding a source means adding tests/fixtures/sources/NAME/*.html and *.json: a page for each layout."""
    source = sources.load(name)
    pages = pages_of(name)
    assert pages, f"tests/fixtures/sources/{name} has no page"
    used: list[Layout] = []
    for page in pages:
        expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
        fetched_at = datetime.fromisoformat(expected.pop("fetched_at")) if "fetched_at" in expected else None
        assert source.is_article(expected["url"]), f"{expected['url']} does not look like an article of {name}"
        raw = extract(page.read_bytes(), url=expected["url"], source=source)
        article = normalise(raw, source=source, url=expected["url"], fetched_at=fetched_at).as_json()
        for field in sorted(article.keys() | expected.keys()):
            assert article.get(field) == expected.get(field, "no such field expected"), f"{page.name}: {field}"
        tree = LexborHTMLParser(page.read_bytes())
        if source.state:
            tree = render_state(tree, source.state)
        used.append(next(layout for layout in source.layouts if any(map(tree.css_first, layout.body))))
    assert [layout for layout in source.layouts if layout not in used] == [], "a layout that no page proves"


def test_no_fixture_is_left_over() -> None:
    """Each folder is a source's, and pages and expected articles come in pairs: what no test reads proves nothing."""
    for folder in FIXTURES.iterdir():
        assert folder.name in sources.names()
        files = {ending: {file.stem for file in folder.glob(f"*{ending}")} for ending in (".html", ".json")}
        assert files[".html"] == files[".json"], folder.name


def test_names_opens_no_file_and_load_opens_only_its_own() -> None:
    """`names` lists the folder; loading one source imports no other."""
    assert {"antara", "newsstand"} <= set(sources.names())
    for module in [each for each in sys.modules if each.startswith("sources.publishers.")]:
        del sys.modules[module]
    sources.names()
    sources.load("antara")
    opened = {each.rsplit(".", 1)[1] for each in sys.modules if each.startswith("sources.publishers.")}
    assert opened == {"antara"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.antaranews.com/berita/5214897/bapanas", "antara"),
        ("http://otomotif.antaranews.com/whatever", "antara"),
        ("https://ANTARANEWS.com", "antara"),
        ("http://arsip.newsstand.test:8000/berita/1/x", "newsstand"),
        ("https://notantaranews.com/berita/1/x", None),
        ("https://antaranews.com.example.org/", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_the_domain_alone_tells_whose_an_address_is(url: str, expected: str | None) -> None:
    """A source is chosen by registered domain, never by the look of the address."""
    source = sources.for_url(url)
    assert (source.name if source else None) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.antaranews.com/berita/527615/29-penerbangan", True),
        ("https://www.antaranews.com/berita/5214897/bapanas-pastikan?page=all", True),
        ("http://otomotif.antaranews.com/berita/546646/prototype", True),
        ("https://www.antaranews.com/foto/5214897/bapanas", False),
        ("https://www.antaranews.com/tag/beras", False),
        ("https://www.antaranews.com/rss/terkini.xml", False),
        ("https://jatim.antaranews.com/berita/527615/x", False),
        ("https://example.org/?u=https://www.antaranews.com/berita/527615/x", False),
    ],
)
def test_antara_knows_its_articles_by_their_addresses(url: str, expected: bool) -> None:
    assert sources.load("antara").is_article(url) is expected


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "Koran Pagi"}, "lower-case"),
        ({"domains": ("https://koran.example.id",)}, "without scheme"),
        ({"domains": ("koran.example.id/berita",)}, "without scheme"),
        ({"domains": "koran.example.id"}, "tuple of strings"),
        ({"domains": ()}, "at least one domain"),
        ({"article": "("}, "cannot be read"),
        ({"article": ""}, "needs a regular expression"),
        ({"exclude": "[a-"}, "cannot be read"),
        ({"zone": "Asia/Djakarta"}, "no time zone"),
        ({"finds": ()}, "feed, a sitemap"),
        ({"finds": ("https://www.koran.example.id/rss",)}, "tuple of ways"),
        ({"finds": (Feed("/rss"),)}, "whole address"),
        ({"finds": (Sitemap("https://lain.example.org/sitemap.xml"),)}, "none of its own domains"),
        ({"finds": (FrontPage(url="https://koran.example.id/", links=("a[",)),)}, "cannot be read"),
        ({"finds": (DailyIndex(url="https://koran.example.id/indeks/{year}"),)}, "{month}"),
        ({"finds": (DailyIndex(url="https://koran.example.id/{year}{month}{day}/{hour}"),)}, "{page}"),
        ({"finds": (DailyIndex(url="https://koran.example.id/{year}{month}{day}/{"),)}, "template"),
        ({"layouts": ()}, "at least one Layout"),
        ({"terms": " "}, "robots.txt"),
        ({"delay": -1}, "negative"),
        ({"outlets": "Koran"}, "tuple of strings"),
    ],
)
def test_a_source_that_cannot_be_used_says_so_in_one_sentence(changed: dict[str, Any], sentence: str) -> None:
    """The message names the source and the fault, in a single line."""
    with pytest.raises(BadSourceError, match=sentence) as caught:
        Source(**GOOD | changed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("selectors", [("h1[",), ("a:::b",), "h1", ("",), ()])
def test_a_selector_that_cannot_be_read_is_found_when_it_is_written(selectors: Any) -> None:
    with pytest.raises(BadSourceError):
        Layout(body=selectors)


def test_the_politeness_group_is_the_first_domain_unless_it_is_named() -> None:
    assert Source(**GOOD).group == "koran.example.id"
    assert Source(**GOOD, group="penerbit").group == "penerbit"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SOURCE = Source(", "cannot be read: SyntaxError"),
        ("import nowhere_at_all", "cannot be read: ModuleNotFoundError"),
        ("SOURCE = 1 / 0", "cannot be read: ZeroDivisionError"),
        ("", "has no SOURCE"),
        ("SOURCE = 'koran'", "has no SOURCE"),
        (
            "from sources import Feed, Layout, Source\nSOURCE = Source(name='lain', title='K', "
            "domains=('k.id',), finds=(Feed('https://k.id/rss'),), article='x', terms='All.', "
            "layouts=(Layout(body=('p',)),))",
            "share one name",
        ),
        ("from sources import Layout\nLayout(body=('h1[',))", "selector that cannot be read"),
    ],
)
def test_a_half_written_source_file_says_so_at_once(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`load` raises BadSourceError with one sentence, whatever Python makes of the file."""
    (tmp_path / "koran_rusak.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(publishers, "__path__", [*publishers.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "sources.publishers.koran_rusak", raising=False)
    assert "koran_rusak" in sources.names()
    with pytest.raises(BadSourceError, match=sentence):
        sources.load("koran_rusak")


def test_an_unknown_source_is_named_with_those_there_are() -> None:
    with pytest.raises(BadSourceError, match="no source 'koran'; there are: antara, "):
        sources.load("koran")
