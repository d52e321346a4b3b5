"""Costly shapes of pages: each is read within its budget, and whatever is cut or refused has a name.

`benchmarks/shapes.py` prints the table of all of them.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.deadline import PAGE_SECONDS
from archive.records import Rejected
from crawler.discover import BadListingError, read_links
from reading.article import normalise
from reading.extract import bounds, refuse
from reading.extract.bounds import CAPPED, bounded
from reading.extract.page import extract
from reading.extract.raw import FoundText, RawArticle, RawImage
from sources import for_url
from tests.support.machine import assert_cheap
from tests.support.shapes import SENTENCE, SHAPES, around

URL = "https://www.koran.example.id/berita/1"
OWN = "http://www.newsstand.test/berita/1/x"


def read(page: bytes, url: str = URL) -> tuple[str, tuple[str, ...]]:
    """Returns the title and the flags of a page's article; or the rejection's reason, and no flag."""
    source = for_url(url)
    try:
        article = normalise(extract(page, url=url, source=source), source=source, url=url, fetched_at=None)
    except Rejected as rejected:
        return rejected.reason, ()
    return article.title, article.flags


def test_there_are_more_than_forty_shapes() -> None:
    assert len(SHAPES) > 40


@pytest.mark.large
@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_read_or_refused_before_the_deadline_of_a_page(name: str) -> None:
    """By a source whose selectors count siblings, and without one. `benchmarks/shapes.py` prints what each takes."""
    page = SHAPES[name]()
    for url in (OWN, URL):
        began = time.process_time()
        read(page, url)
        assert_cheap(began, PAGE_SECONDS)


# Smaller pages of the shapes that took seconds: each would take a second or more without its bound


def test_options_are_left_out_before_parsing() -> None:
    options = "<select>" + "<option value=1>x</option>" * (refuse.MOST_OPTIONS + 1) + "</select>"
    assert "<option" not in refuse.parseable(options)
    assert refuse.parseable("<select><option>x</select>") == "<select><option>x</select>"
    assert read(around(f"<p>{SENTENCE}</p><select>{'<option>x' * 6_000}"))[0] == "Kapal Beras Tiba di Pelabuhan Lama"


@pytest.mark.parametrize("count", [600, 1_650, 20_000])
def test_formatting_that_never_ends_in_many_blocks_is_refused(count: int) -> None:
    """Every `font` is opened again in every paragraph behind it: 1,700 of them make a tree of a million elements."""
    fonts = "".join(f"<p><font color=c{number}>x</p>" for number in range(count))
    began = time.process_time()
    assert read(around(fonts))[0] == "too-deep"
    assert_cheap(began, PAGE_SECONDS)
    assert (
        read(around("<p><b>x</p>" * min(count, 1_650) + "<a href=/b>x" * 100))[0]
        == "Kapal Beras Tiba di Pelabuhan Lama"
    )


def test_a_page_with_too_many_siblings_is_refused_only_for_selectors_that_count_them() -> None:
    items = "<ul>" + "<li>x" * 11_000 + "</ul>"
    assert read(around(items), OWN)[0] == "too-complex"
    assert read(around(items))[0] == "Kapal Beras Tiba di Pelabuhan Lama"
    tree = LexborHTMLParser(items)
    for selector in ("li:nth-child(2)", "p ~ li", "li:last-of-type", "ul:has(li)"):
        with pytest.raises(Rejected, match="pairs of siblings are too many for the selector"):
            refuse.too_wide(tree, (selector,))
    refuse.too_wide(tree, ("li", "[rel~=tag]", "p + li", "li:first-child"))
    refuse.too_wide(LexborHTMLParser("<ul>" + "<li>x" * 100), ("li:nth-child(2)",))


def test_a_list_of_links_has_the_same_bounds() -> None:
    page = ("<ul>" + "<li><a href=/x>x</a>" * 11_000).encode()
    with pytest.raises(BadListingError, match=r"too-complex: .* pairs of siblings"):
        read_links(page, OWN, links=("li:nth-child(2) a",))


def in_json_ld(text: str, count: int = 1) -> bytes:
    return around("", head=f'<script type="application/ld+json">{text}</script>' * count)


CUT = {
    "a long headline": around("", head=f"<meta property=og:title content='{'Kapal ' * 5_000}'>"),
    "meta elements of one name": around("", head="<meta name=x content=y>" * 1_001),
    "addresses": around("", head="".join(f"<link rel=canonical href=/{number}>" for number in range(30))),
    "a long class": around(f"<div class='{'author-' * 400}'>x</div>"),
    "lines": around("<p>x" * 20_001),
    "blocks": in_json_ld("{}", 501),
    "authors": in_json_ld(json.dumps({"@type": "NewsArticle", "author": ["Rina Dewi"] * 1_001})),
}


@pytest.mark.parametrize("name", CUT)
def test_whatever_is_cut_is_flagged(name: str) -> None:
    assert CAPPED in read(CUT[name])[1]


def test_an_ordinary_page_is_not_flagged() -> None:
    assert read(around("<p>Editor: Budi Raharja</p>")) == ("Kapal Beras Tiba di Pelabuhan Lama", ())


def test_values_of_one_field_and_their_length_are_bounded() -> None:
    """Of rows of exports too, which are not extracted from a page. The story's text has limits of its own."""
    many = tuple(FoundText(f"Rina {number}", "row") for number in range(bounds.MOST_VALUES + 1))
    long = FoundText("1 " * bounds.LONGEST_VALUE, "row")
    raw = RawArticle(url=URL, authors=many, titles=(long,), images=(RawImage(None, long, long),), body=("x" * 99_999,))
    found = bounded(raw)
    assert found.authors == many[: bounds.MOST_VALUES]
    assert len(found.titles[0].text) == bounds.LONGEST_VALUE
    caption, credit = found.images[0].caption, found.images[0].credit
    assert caption is not None
    assert credit is not None
    assert len(caption.text) == len(credit.text) == bounds.LONGEST_VALUE
    assert found.body == raw.body
    assert found.flags == (CAPPED,)
    within = replace(raw, authors=many[:-1], titles=(), images=())
    assert bounded(within) is within
