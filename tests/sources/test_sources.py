"""Sources: the registry, the checks at construction, and the fixture that every source must have."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import sources
from crawler.probe.fixture import differences, load_expected, read_page
from crawler.probe.selectors import KNOWN_UNMATCHED, FixturePage, layout_of, rendered, unmatched_selectors
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


LOADED = [source.name for source in sources.load_all()[0]]
"""A broken file fails `test_every_source_file_loads` alone."""


def pages_of(name: str) -> list[Path]:
    return sorted((FIXTURES / name).glob("*.html"))


@pytest.mark.parametrize("name", LOADED)
def test_every_source_has_a_page_of_each_layout_and_the_article_expected_of_it(name: str) -> None:
    """tests/fixtures/sources/NAME/ has a page (*.html) for each layout, and beside it the expected article (*.json).

    Each field that the expected article names must be equal; `kliping sources fixture NAME` rewrites it.
    """
    source = sources.load(name)
    pages = pages_of(name)
    assert pages, f"tests/fixtures/sources/{name} has no page"
    used: list[Layout | None] = []
    for page in pages:
        expected = load_expected(page)
        different = differences(expected, read_page(source, page, expected))
        assert not different, "\n".join([f"{page.name} differs from {page.stem}.json:", *different])
        used.append(layout_of(source, rendered(source, page.read_bytes())))
    assert [layout for layout in source.layouts if layout not in used] == [], "layouts without a page"


@pytest.mark.parametrize("name", LOADED)
def test_each_selector_of_a_layout_matches_on_a_page_of_the_fixture(name: str) -> None:
    """A wrong selector is noticed, although the reader falls back on metadata or text. KNOWN_UNMATCHED only shrinks."""
    source = sources.load(name)
    pages = [
        FixturePage(page.name, page.read_bytes(), read_page(source, page, load_expected(page)))
        for page in pages_of(name)
    ]
    unmatched = unmatched_selectors(source, pages)
    known = KNOWN_UNMATCHED.get(name, frozenset())
    new = [sentence for field, sentence in unmatched.items() if field not in known]
    assert not new, "\n".join([*new, "Correct the selector, or put the element into a page of the fixture."])
    assert known <= unmatched.keys(), f"KNOWN_UNMATCHED: delete {', '.join(sorted(known - unmatched.keys()))} of {name}"


def test_the_known_gaps_name_sources() -> None:
    assert set(KNOWN_UNMATCHED) <= set(sources.names())


def test_the_message_for_an_unmatched_selector_names_page_field_and_where_the_value_came_from() -> None:
    layout = Layout(body=("div.isi",), title=("h1.judull",), picture=("figure",), image=("img@src",), tags=("a.tag",))
    source = Source(**GOOD | {"layouts": (layout,)})
    content = b"<h1 class=judul>J</h1><img src=a.jpg><figure></figure><div class=isi><p>Isi.</p></div>"
    page = FixturePage("today.html", content, {"provenance": {"title": "text"}})
    assert unmatched_selectors(source, [page]) == {
        "title": "koran, today.html: the layout's title (h1.judull) matches nothing; the value came from the text.",
        "image": "koran, today.html: the layout's image (img@src) matches nothing.",
        "tags": "koran, today.html: the layout's tags (a.tag) matches nothing; the field is empty.",
    }
    second = FixturePage("dua.html", b"<h1 class=judull>J</h1><div class=isi>Isi.</div>", {})
    assert "title" not in unmatched_selectors(source, [page, second])


def test_every_source_file_loads() -> None:
    _, problems = sources.load_all()
    assert not problems, "\n".join(map(str, problems.values()))


def test_no_source_file_has_a_todo() -> None:
    """`kliping sources new` marks with TODO what a person must check."""
    found = [
        f"sources/publishers/{file.name}:{number}: {line.strip()}"
        for folder in publishers.__path__
        for file in sorted(Path(folder).glob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if "TODO" in line
    ]
    assert not found, "\n".join(["Resolve each TODO, then delete its comment:", *found])


def test_every_fixture_is_read_by_a_test() -> None:
    """Each folder belongs to a source, and pages and expected articles come in pairs."""
    for folder in FIXTURES.iterdir():
        assert folder.name in sources.names()
        files = {ending: {file.stem for file in folder.glob(f"*{ending}")} for ending in (".html", ".json")}
        assert files[".html"] == files[".json"], folder.name


def test_an_expected_article_is_compared_by_the_fields_it_names_and_must_name_the_required_ones() -> None:
    """A field that it does not name, such as one added to `Article` later, is not compared."""
    article = {"source": "koran", "url": "u", "title": "T", "published_at": "2026", "body": ["A"], "series": "S"}
    expected = {name: value for name, value in article.items() if name != "series"}
    assert differences(expected, article) == []
    assert differences(expected | {"title": "t"}, article) == ["title: expected 't', read 'T'"]
    assert differences(expected | {"lede": "A"}, article) == ["lede: expected 'A', read 'no such field'"]
    nested = {"provenance": {"title": "selector", "body": "text"}, "images": [{"url": "a"}, {"url": "b"}]}
    read = {"provenance": {"title": "text", "body": "text"}, "images": [{"url": "a"}, {"url": "c"}]}
    assert differences(expected | nested, article | read) == [
        "provenance.title: expected 'selector', read 'text'",
        "images[1].url: expected 'b', read 'c'",
    ]
    del expected["body"]
    assert differences(expected, article) == ["body: every expected article must name it"]


def test_names_imports_no_source_and_load_imports_only_its_own() -> None:
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
def test_the_source_of_an_address_is_found_by_its_domain(url: str, expected: str | None) -> None:
    """A source is chosen by domain, never by the pattern of the address."""
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
def test_antara_s_articles_match_its_pattern(url: str, expected: bool) -> None:
    assert sources.load("antara").is_article(url) is expected


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "Koran Pagi"}, "lower-case"),
        ({"domains": ("https://koran.example.id",)}, "without scheme"),
        ({"domains": ("koran.example.id/berita",)}, "without scheme"),
        ({"domains": "koran.example.id"}, "tuple of strings"),
        ({"domains": ()}, "at least one domain"),
        ({"article": "("}, "not a valid regular expression"),
        ({"article": ""}, "needs a regular expression"),
        ({"exclude": "[a-"}, "not a valid regular expression"),
        ({"zone": "Asia/Djakarta"}, "no time zone"),
        ({"finds": ()}, "feed, a sitemap"),
        ({"finds": ("https://www.koran.example.id/rss",)}, "tuple of listings"),
        ({"finds": (Feed("/rss"),)}, "must begin with http"),
        ({"finds": (Sitemap("https://lain.example.org/sitemap.xml"),)}, "none of its own domains"),
        ({"finds": (FrontPage(url="https://koran.example.id/", links=("a[",)),)}, "invalid CSS selector"),
        ({"finds": (DailyIndex(url="https://koran.example.id/indeks/{year}"),)}, "{month}"),
        ({"finds": (DailyIndex(url="https://koran.example.id/{year}{month}{day}/{hour}"),)}, "{page}"),
        ({"finds": (DailyIndex(url="https://koran.example.id/{year}{month}{day}/{"),)}, "template"),
        ({"layouts": ()}, "at least one Layout"),
        ({"terms": " "}, "`terms` is empty"),
        ({"terms": "robots.txt allows all. TODO: terms of use"}, "`terms` still has a TODO"),
        ({"delay": -1}, "negative"),
        ({"outlets": "Koran"}, "tuple of strings"),
    ],
)
def test_a_source_with_a_mistake_raises_an_error_of_one_line(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadSourceError, match=sentence) as caught:
        Source(**GOOD | changed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("selectors", [("h1[",), ("a:::b",), "h1", ("",), ()])
def test_an_invalid_selector_is_refused_at_construction(selectors: Any) -> None:
    with pytest.raises(BadSourceError):
        Layout(body=selectors)


def test_the_politeness_group_is_the_first_domain_by_default() -> None:
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
        ("from sources import Layout\nLayout(body=('h1[',))", "invalid CSS selector"),
    ],
)
def test_a_source_file_with_a_mistake_raises_one_sentence(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`load` raises BadSourceError with one sentence, whatever exception the file itself raises."""
    (tmp_path / "koran_rusak.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(publishers, "__path__", [*publishers.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "sources.publishers.koran_rusak", raising=False)
    assert "koran_rusak" in sources.names()
    with pytest.raises(BadSourceError, match=rf"^sources/publishers/koran_rusak\.py\b.*{sentence}"):
        sources.load("koran_rusak")


def test_a_source_file_that_does_not_load_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`load_all` returns the others and names it; an address of its domain has no source until it loads."""
    draft = (
        "from sources import Feed, Layout, Source\nSOURCE = Source(name='koran_draf', title='K', domains=('k.id',), "
        "finds=(Feed('https://k.id/rss'),), article='x', terms='', layouts=(Layout(body=('p',)),))"
    )
    (tmp_path / "koran_draf.py").write_text(draft, encoding="utf-8")
    monkeypatch.setattr(publishers, "__path__", [*publishers.__path__, str(tmp_path)])
    usable, problems = sources.load_all()
    assert [source.name for source in usable] == [name for name in sources.names() if name not in problems]
    assert str(problems["koran_draf"]) == (
        "sources/publishers/koran_draf.py: `terms` is empty. "
        "Write in a sentence what its robots.txt and terms of use allow"
    )
    antara = sources.for_url("https://www.antaranews.com/berita/1/x")
    assert antara is not None
    assert antara.name == "antara"
    assert sources.for_url("https://k.id/berita/1") is None


def test_the_message_for_an_unknown_source_lists_the_sources() -> None:
    with pytest.raises(BadSourceError, match=r"^There is no source 'koran'; there are: antara, "):
        sources.load("koran")
