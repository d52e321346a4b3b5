"""Real pages as a redesign would leave them: without metadata, class names or ids, or in a layout that is unknown to
their source. Needs ../shared."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.records import Rejected
from reading.article import normalise
from reading.extract.page import extract_tree
from reading.extract.parsed_page import parse_html
from sources import Source, for_url, load, names

pytestmark = pytest.mark.shared
Change = Callable[[str], str]
Judge = Callable[[dict[str, Any], dict[str, Any]], dict[str, float]]


@dataclass(frozen=True)
class RealPage:
    """A real page, its label, and its source."""

    content: bytes
    label: dict[str, Any]
    source: Source


@cache
def load_judge(shared: Path) -> Judge:
    judge: Judge = runpy.run_path(str(shared / "tools" / "score_pages.py"))["score"]
    return judge


@pytest.fixture
def judge(shared: Path) -> Judge:
    """The scorer of `make eval`."""
    return load_judge(shared)


@cache
def load_pages(shared: Path) -> list[RealPage]:
    found = []
    for file in sorted((shared / "labels").glob("*.json")):
        label = json.loads(file.read_text())
        source = for_url(label["url"])
        assert source is not None
        found.append(RealPage((shared / "pages" / f"{file.stem}.html").read_bytes(), label, source))
    return found


@pytest.fixture
def pages(shared: Path) -> list[RealPage]:
    """All real pages."""
    return load_pages(shared)


def score(judge: Judge, tree: LexborHTMLParser, label: dict[str, Any], source: Source | None) -> float:
    """The mean over the fields of a label; 0 for a page that is rejected."""
    try:
        raw = extract_tree(tree, url=label["url"], source=source)
        article = normalise(raw, source=source, url=label["url"], fetched_at=None).as_json()
    except Rejected:
        article = {}
    fields = judge(label, article)
    return float(sum(fields.values()) / len(fields))


def without(pattern: str) -> Change:
    return lambda page: re.sub(pattern, "", page, flags=re.DOTALL | re.IGNORECASE)


def rename_classes(page: str) -> str:
    """The same page with new names for all its classes."""
    known: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        return f'class="{" ".join(known.setdefault(name, f"x{len(known)}") for name in found[2].split())}"'

    return re.sub(r"""\bclass=(["'])(.*?)\1""", other, page, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("change", "floor"),
    [
        pytest.param(without(r"<script.*?</script>|<meta(?![^>]*charset)[^>]*>"), 0.99, id="no metadata"),
        pytest.param(without(r"\sitem(prop|scope|type)(=([\"']).*?\3)?|</?time[^>]*>"), 0.99, id="no microdata"),
        pytest.param(without(r"\sid=([\"']).*?\1"), 0.98, id="no ids"),
        pytest.param(rename_classes, 0.96, id="other classes"),
        pytest.param(lambda page: re.sub(r">\s+<", "><", re.sub(r"\s+", " ", page)), 0.99, id="on one line"),
    ],
)
def test_a_page_without_some_of_its_markup_is_read_by_the_rest(
    judge: Judge, pages: list[RealPage], change: Change, floor: float
) -> None:
    """With its source and without one; the changed page is parsed once for both."""
    trees = [parse_html(change(page.content.decode("latin-1")).encode("latin-1")) for page in pages]
    with_source = [score(judge, tree, page.label, page.source) for tree, page in zip(trees, pages, strict=True)]
    without_source = [score(judge, tree, page.label, None) for tree, page in zip(trees, pages, strict=True)]
    assert sum(with_source) / len(pages) >= floor, with_source
    assert sum(without_source) / len(pages) >= floor, without_source


def test_a_page_whose_layout_its_source_does_not_know_is_read_as_well(judge: Judge, pages: list[RealPage]) -> None:
    """Each page by its own source with the layouts of every third other source, whose selectors may match anything."""
    sources = {name: load(name) for name in names()}
    scores = {}
    for place, page in enumerate(pages):
        tree = parse_html(page.content)
        for other in list(sources)[place % 3 :: 3]:
            if other != page.source.name:
                source = replace(page.source, layouts=sources[other].layouts)
                scores[page.label["page"], other] = score(judge, tree, page.label, source)
    assert len(scores) > 150
    assert sum(scores.values()) / len(scores) >= 0.98
    assert min(scores.values()) >= 0.75, min(scores.items(), key=lambda each: each[1])
