"""The data that a page is built from in the browser: written out as elements that selectors reach."""

from __future__ import annotations

import json
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.records import Rejected
from reading.extract.state import render_state

PATH = "props.pageProps.article"
ARTICLE = {
    "title": "Beras & jagung <murah>",
    "content": "<p>Satu &amp; dua.</p><h2>Tiga</h2>",
    "authors": [{"name": "Rina Dewi"}, {"name": "Budi"}],
    "category": {"name": "Pasar"},
    "id": 7,
    "video": None,
}


def page(data: Any) -> LexborHTMLParser:
    """As Next.js writes it: no "<" stands in the script."""
    text = (data if isinstance(data, str) else json.dumps(data)).replace("<", "\\u003c")
    return LexborHTMLParser(f'<h1>Judul</h1><script id="__NEXT_DATA__" type="application/json">{text}</script>')


def state(tree: LexborHTMLParser, name: str) -> list[str]:
    return [node.text(strip=True) for node in tree.css(f"[data-state='{name}']")]


def test_each_value_stands_in_an_element_of_its_name() -> None:
    """HTML stays HTML, text stays text though it holds signs of HTML, and the rest of the page is untouched."""
    tree = render_state(page({"props": {"pageProps": {"article": ARTICLE, "other": {"title": "Lain"}}}}), PATH)
    assert state(tree, "title") == ["Beras & jagung <murah>"]
    assert [node.text() for node in tree.css("[data-state=content] > *")] == ["Satu & dua.", "Tiga"]
    assert state(tree, "authors.name") == ["Rina Dewi", "Budi"]
    assert state(tree, "category.name") == ["Pasar"]
    assert state(tree, "id") == state(tree, "video") == []
    assert [node.text() for node in tree.css("h1")] == ["Judul"]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[" * 100_000,
        "null",
        {"props": {}},
        {"props": {"pageProps": {"article": "x"}}},
        {"props": {"pageProps": [ARTICLE]}},
    ],
    ids=["empty", "broken", "deep", "null", "no path", "no object", "a list"],
)
def test_a_page_without_such_data_stays_as_it_was(data: Any) -> None:
    tree = page(data)
    assert render_state(tree, PATH) is tree


def test_a_page_without_the_script_stays_as_it_was() -> None:
    tree = LexborHTMLParser("<h1>Judul</h1>")
    assert render_state(tree, PATH) is tree


def test_html_in_the_data_is_refused_where_the_page_itself_would_be() -> None:
    """Escaped as the data are, its nesting is not seen when the page is parsed."""
    article = {"content": "<div>" * 100_000}
    with pytest.raises(Rejected) as caught:
        render_state(page({"props": {"pageProps": {"article": article}}}), PATH)
    assert caught.value.reason == "too-deep"


def test_half_characters_and_nuls_in_the_data_do_no_harm() -> None:
    article = {"title": "Be\ud800ras\x00 naik", "a'\"><b": "x"}
    tree = render_state(page({"props": {"pageProps": {"article": article}}}), PATH)
    assert state(tree, "title") == ["Beras naik"]
    assert tree.css("b") == []
