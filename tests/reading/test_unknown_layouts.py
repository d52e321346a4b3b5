"""Real pages as a redesign would leave them: without metadata, names or ids, or in a layout that the source's file does
not know. Needs ../shared."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.records import Rejected
from reading.article import normalise
from reading.extract.page import extract
from sources import Source, for_url, load, names

pytestmark = pytest.mark.shared
Change = Callable[[str], str]
Judge = Callable[[dict[str, Any], dict[str, Any]], dict[str, float]]


@pytest.fixture
def judge(shared: Path) -> Judge:
    """What `make eval` scores an article by."""
    judge: Judge = runpy.run_path(str(shared / "tools" / "score_pages.py"))["score"]
    return judge


@pytest.fixture
def pages(shared: Path) -> list[tuple[bytes, dict[str, Any]]]:
    """Each real page and its label."""
    labels = sorted((shared / "labels").glob("*.json"))
    return [((shared / "pages" / f"{each.stem}.html").read_bytes(), json.loads(each.read_text())) for each in labels]


def score(judge: Judge, content: bytes, label: dict[str, Any], source: Source | None) -> float:
    """The mean over the fields of a label; 0 for a page that is refused."""
    try:
        raw = extract(content, url=label["url"], source=source)
        article = normalise(raw, source=source, url=label["url"], fetched_at=None).as_json()
    except Rejected:
        article = {}
    fields = judge(label, article)
    return float(sum(fields.values()) / len(fields))


def without(pattern: str) -> Change:
    return lambda page: re.sub(pattern, "", page, flags=re.DOTALL | re.IGNORECASE)


def renamed(page: str) -> str:
    """The same page with other names for all its classes."""
    known: dict[str, str] = {}

    def other(found: re.Match[str]) -> str:
        return f'class="{" ".join(known.setdefault(name, f"x{len(known)}") for name in found[2].split())}"'

    return re.sub(r"""\bclass=(["'])(.*?)\1""", other, page, flags=re.DOTALL)


@pytest.mark.parametrize("by_source", [True, False], ids=["by source", "by looks"])
@pytest.mark.parametrize(
    ("change", "floor"),
    [
        pytest.param(without(r"<script.*?</script>|<meta(?![^>]*charset)[^>]*>"), 0.99, id="no metadata"),
        pytest.param(without(r"\sitem(prop|scope|type)(=([\"']).*?\3)?|</?time[^>]*>"), 0.99, id="no microdata"),
        pytest.param(without(r"\sid=([\"']).*?\1"), 0.98, id="no ids"),
        pytest.param(renamed, 0.96, id="other classes"),
        pytest.param(lambda page: re.sub(r">\s+<", "><", re.sub(r"\s+", " ", page)), 0.99, id="on one line"),
    ],
)
def test_a_page_that_lost_what_it_was_read_by_is_read_by_what_is_left(
    judge: Judge, pages: list[tuple[bytes, dict[str, Any]]], change: Change, floor: float, by_source: bool
) -> None:
    scores = [
        score(
            judge,
            change(content.decode("latin-1")).encode("latin-1"),
            label,
            for_url(label["url"]) if by_source else None,
        )
        for content, label in pages
    ]
    assert sum(scores) / len(scores) >= floor, scores


def test_a_page_whose_layout_its_source_does_not_know_is_read_as_well(
    judge: Judge, pages: list[tuple[bytes, dict[str, Any]]]
) -> None:
    """Each page by its own source with the layouts of every third other: what they find there may be anything."""
    scores = {}
    for place, (content, label) in enumerate(pages):
        own = for_url(label["url"])
        assert own is not None
        for other in names()[place % 3 :: 3]:
            if other != own.name:
                source = replace(own, layouts=load(other).layouts)
                scores[label["page"], other] = score(judge, content, label, source)
    assert len(scores) > 150
    assert sum(scores.values()) / len(scores) >= 0.98
    assert min(scores.values()) >= 0.75, min(scores.items(), key=lambda each: each[1])
