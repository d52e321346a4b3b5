"""The JSON from which the browser builds a page, rendered as elements that selectors find."""

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
    """As Next.js writes it: without "<" in the script."""
    text = (data if isinstance(data, str) else json.dumps(data)).replace("<", "\\u003c")
    return LexborHTMLParser(f'<h1>Judul</h1><script id="__NEXT_DATA__" type="application/json">{text}</script>')


def state(tree: LexborHTMLParser, name: str) -> list[str]:
    return [node.text(strip=True) for node in tree.css(f"[data-state='{name}']")]


def test_each_value_is_in_an_element_with_its_name() -> None:
    """HTML stays HTML, text stays text even with HTML's signs in it, and the rest of the page is unchanged."""
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
def test_a_page_without_such_data_is_unchanged(data: Any) -> None:
    tree = page(data)
    assert render_state(tree, PATH) is tree


def test_a_page_without_the_script_is_unchanged() -> None:
    tree = LexborHTMLParser("<h1>Judul</h1>")
    assert render_state(tree, PATH) is tree


def test_html_in_the_data_is_rejected_by_the_same_limit_as_the_page() -> None:
    """The data are escaped, so the check of the page does not see their nesting."""
    article = {"content": "<div>" * 100_000}
    with pytest.raises(Rejected) as caught:
        render_state(page({"props": {"pageProps": {"article": article}}}), PATH)
    assert caught.value.reason == "too-deep"


def test_lone_surrogates_and_nuls_in_the_data_are_removed() -> None:
    article = {"title": "Be\ud800ras\x00 naik", "a'\"><b": "x"}
    tree = render_state(page({"props": {"pageProps": {"article": article}}}), PATH)
    assert state(tree, "title") == ["Beras naik"]
    assert tree.css("b") == []
