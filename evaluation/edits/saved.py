"""Saves pages and their edited forms into an archive, and counts what became of the edited ones."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sources
from archive.articles import save_article
from archive.database import Archive
from archive.records import Article, Rejected
from evaluation.edits.edited import COSMETIC, REAL, EditedPage, pairs
from kliping.config import sqlite_url
from reading.article import normalise
from reading.extract.page import extract

EDITS = {"cosmetic": COSMETIC, "real": REAL}


def read(page: EditedPage) -> Article:
    """The article of a page, read as a crawl reads it. Raises Rejected."""
    source = sources.for_url(page.url)
    raw = extract(page.html.encode(), url=page.url, content_type="text/html; charset=utf-8", source=source)
    return normalise(raw, source=source, url=page.url, fetched_at=page.fetched_at)


def edits_saved(pages: Sequence[EditedPage], kind: str, count: int, seed: int) -> Counter[tuple[str, str]]:
    """How many edited pages of a kind ("cosmetic", "real") end how, by edit and outcome."""
    counts: Counter[tuple[str, str]] = Counter()
    originals = _read_all(pages)
    by_name = {page.name: article for page, article in originals}
    with TemporaryDirectory() as folder:
        home = Path(folder)
        with Archive.open(sqlite_url(home / "archive.sqlite3"), home) as archive, archive.saving() as saving:
            made = pairs(originals, EDITS[kind], count, random.Random(seed))
            for number, (page, name, edited) in enumerate(made):
                for turn, article in enumerate((by_name[page.name], read(edited))):
                    saved = save_article(
                        saving,
                        replace(article, id=f"{number:032x}"),
                        run_id="t",
                        fetched_at=page.fetched_at + turn * timedelta(days=1),
                        page_id=None,
                        reader="t",
                        now=page.fetched_at + timedelta(days=2),
                    )
                counts[name, saved.outcome] += 1
    return counts


def _read_all(pages: Sequence[EditedPage]) -> list[tuple[EditedPage, Article]]:
    found = []
    for page in pages:
        try:
            found.append((page, read(page)))
        except Rejected:
            continue  # a page of which no article is read; other tests are about those
    return found
