"""Of pages edited by script, every real change of the story is a version, and no cosmetic one is."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import sources
from archive.articles import save_article
from archive.database import Archive
from archive.records import Article, Rejected
from newsstand.stories import load_stories
from reading.article import normalise
from reading.extract.page import extract
from tests.conftest import DRAWN
from tests.support.edited_pages import COSMETIC, REAL, Edit, EditedPage, pairs
from tests.support.warc_bytes import page as rendered

PAIRS = 200
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def read(page: EditedPage) -> Article:
    source = sources.for_url(page.url)
    raw = extract(page.html.encode(), url=page.url, content_type="text/html; charset=utf-8", source=source)
    return normalise(raw, source=source, url=page.url, fetched_at=page.fetched_at)


def read_all(pages: list[EditedPage]) -> list[tuple[EditedPage, Article]]:
    found = []
    for page in pages:
        try:
            found.append((page, read(page)))
        except Rejected:
            continue  # a page of which no article is read; other tests are about those
    return found


def outcomes(archive: Archive, pages: list[EditedPage], edits: tuple[Edit, ...]) -> Counter[tuple[str, str]]:
    """How many edited pages end how when they are saved after the original, by edit and outcome."""
    counts: Counter[tuple[str, str]] = Counter()
    originals = read_all(pages)
    by_name = {page.name: article for page, article in originals}
    with archive.saving() as saving:
        made = pairs(originals, edits, PAIRS, random.Random(DRAWN))
        for number, (page, name, edited) in enumerate(made):
            for turn, article in enumerate((by_name[page.name], read(edited))):
                saved = save_article(
                    saving,
                    replace(article, id=f"{number:032x}"),
                    run_id="t",
                    fetched_at=NOW + turn * timedelta(days=1),
                    page_id=None,
                    reader="t",
                    now=NOW + timedelta(days=2),
                )
            counts[name, saved.outcome] += 1
    return counts


def newsstand() -> list[EditedPage]:
    return [EditedPage(story.url, story.url, text_of(rendered(story)), NOW) for story in load_stories()]


def text_of(content: bytes) -> str:
    """The HTML of a page in UTF-8, or in the charset of the newsstand's old pages."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252")


def real_pages(shared: Path) -> list[EditedPage]:
    found = []
    for folder in (shared, shared / "round2"):
        for file in sorted((folder / "pages").glob("*.html")):
            label = json.loads((folder / "labels" / f"{file.stem}.json").read_text())
            html = text_of(file.read_bytes())
            found.append(EditedPage(file.stem, label["url"], html, NOW))
    return found


@pytest.mark.large
@pytest.mark.parametrize(("edits", "outcome"), [(COSMETIC, "unchanged"), (REAL, "updated")])
def test_edited_pages_of_the_newsstand(archive: Archive, edits: tuple[Edit, ...], outcome: str) -> None:
    counts = outcomes(archive, newsstand(), edits)
    assert {ended for _, ended in counts} == {outcome}, counts
    assert len(counts) >= len(edits) - 1  # few stories have a sentence that can be taken out


@pytest.mark.large
@pytest.mark.shared
@pytest.mark.parametrize(("edits", "outcome"), [(COSMETIC, "unchanged"), (REAL, "updated")])
def test_edited_pages_of_real_publishers(archive: Archive, shared: Path, edits: tuple[Edit, ...], outcome: str) -> None:
    counts = outcomes(archive, real_pages(shared), edits)
    assert {ended for _, ended in counts} == {outcome}, counts
