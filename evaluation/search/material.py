"""The texts that are indexed and the queries that are typed, from ../shared.

Nothing here knows an engine. A query's `key` says in which half it is counted: those of the held-back half are never
shown (`Half`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from archive.records import Article, Dateline, Image, PhotoCredit, Precision
from evaluation.search.slips import with_slip
from evaluation.search.summaries import summary

SHARED = Path(__file__).parents[3] / "shared"
STEMS = SHARED / "gold" / "stems.jsonl"
NAMES = SHARED / "gold" / "names.txt"
JUDGED = SHARED / "round2" / "search.jsonl"
QUESTIONS = SHARED / "relevance" / "facqa.jsonl.gz"
CORPUS = SHARED / "corpus" / "articles.jsonl.gz"

HEADLINES = 2_000
"""The first articles of the corpus."""
SLIPS = 200
SUMMARIES = 200
SEED = 1
DAY = date(2020, 1, 1)
"""The publication day of every text that has none, so that no ranking by date can tell them apart."""


class Half(StrEnum):
    """Every query is in one half. Whoever tunes looks at the first, and sees of the second only its sums."""

    TUNED = "tuned"
    HELD_BACK = "held back"

    @classmethod
    def of(cls, key: str) -> Half:
        """The half of a query or word, by a hash of its key."""
        return cls.HELD_BACK if _hash(key) & 1 else cls.TUNED


@dataclass(frozen=True, slots=True)
class TypedQuery:
    """A query and the article that it looks for."""

    key: str
    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the articles that it must find, those that it must not, and the one that must stand first."""

    text: str
    find: frozenset[str]
    never: frozenset[str]
    first: str | None


@dataclass(frozen=True, slots=True)
class StemmedWord:
    """A word and its root."""

    word: str
    root: str


def missing() -> list[Path]:
    """The files that are needed and not there."""
    return [path for path in (STEMS, NAMES, JUDGED, QUESTIONS, CORPUS) if not path.exists()]


def sampled(queries: list[TypedQuery], count: int | None) -> list[TypedQuery]:
    """So many of the queries, the same ones each time."""
    return queries if count is None else sorted(queries, key=lambda query: _hash(query.key))[:count]


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[-8:])


# -- words ------------------------------------------------------------------------------------------------------------


def stemmed_words() -> list[StemmedWord]:
    """The words of the gold table, each once."""
    rows = map(json.loads, STEMS.read_text(encoding="utf-8").splitlines())
    return list(dict.fromkeys(StemmedWord(row["word"], row["root"]) for row in rows))


def names() -> list[str]:
    """Names, in lower case, that no analyzer may alter."""
    return NAMES.read_text(encoding="utf-8").split()


# -- articles and queries ---------------------------------------------------------------------------------------------


def judged_articles() -> list[Article]:
    """The tiny documents of the judged queries."""
    return [
        _article(
            row["doc"],
            row["title"],
            tuple(row["body"]),
            source=row.get("source", "redaksi"),
            published_at=date.fromisoformat(row["published_at"]) if "published_at" in row else DAY,
            agency=row.get("agency"),
            authors=tuple(row.get("authors", ())),
            dateline=Dateline(row["place"], None, row["place"], row["place"]) if "place" in row else None,
            images=(Image(None, None, PhotoCredit(row["photo"], agency=row["photo"])),) if "photo" in row else (),
        )
        for row in _judged_rows()
        if "doc" in row
    ]


def judged_queries() -> list[JudgedQuery]:
    """The judged queries."""
    return [
        JudgedQuery(row["query"], frozenset(row["find"]), frozenset(row["never"]), row.get("first"))
        for row in _judged_rows()
        if "query" in row
    ]


def passages() -> list[Article]:
    """The passages of FacQA, as articles without a title."""
    return [_article(f"p{row['passage']}", "", (row["text"],)) for row in _question_rows() if "text" in row]


def questions() -> list[TypedQuery]:
    """Its questions; those of one passage are in the same half."""
    return [
        TypedQuery(f"p{row['passage']}", row["question"], f"p{row['passage']}")
        for row in _question_rows()
        if "question" in row
    ]


def untitled_articles() -> list[Article]:
    """The first articles of the corpus without their headlines: bodies, and with them ledes, are all there is."""
    return [_article(f"c{number}", "", in_paragraphs(row["body"])) for number, row in enumerate(_corpus_rows())]


def headlines() -> list[TypedQuery]:
    """Each headline, typed as it was printed."""
    return [TypedQuery(f"c{number}", row["title"], f"c{number}") for number, row in enumerate(_corpus_rows())]


def slips() -> list[TypedQuery]:
    """Headlines with one slip of the finger each."""
    return _altered(SLIPS, lambda query: with_slip(query.text, seed=f"{SEED}:{query.key}"))


def summaries() -> list[TypedQuery]:
    """The first eight words of a summary of each article."""
    bodies = [in_paragraphs(row["body"]) for row in _corpus_rows()]
    return _altered(SUMMARIES, lambda query: summary(query.text, bodies[int(query.answer[1:])]))


def _altered(count: int, made: Callable[[TypedQuery], str | None]) -> list[TypedQuery]:
    """So many headlines, each replaced by what is made of it. Those of which nothing can be made are left out."""
    found = []
    for query in sampled(headlines(), HEADLINES):
        text = made(query)
        if text is not None:
            found.append(TypedQuery(query.key, text, query.answer))
        if len(found) == count:
            break
    return found


def corpus_bodies() -> list[str]:
    """The texts of the whole corpus."""
    return [str(row["body"]) for row in _packed(CORPUS)]


def in_paragraphs(body: str) -> tuple[str, ...]:
    """Paragraphs of two sentences, as newspapers print them: the corpus does not have the paragraphs any more."""
    sentences = re.split(r'(?<=[.?!"”])\s+(?=[A-Z"“])', body)
    return tuple(" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2))


def _article(key: str, title: str, body: tuple[str, ...], **more: Any) -> Article:
    known: dict[str, Any] = {"source": "redaksi", "published_at": DAY} | more
    return Article(id=key, url=None, title=title, body=body, published_precision=Precision.DAY, **known)


@cache
def _judged_rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in JUDGED.read_text(encoding="utf-8").splitlines()]


@cache
def _question_rows() -> list[dict[str, Any]]:
    return list(_packed(QUESTIONS))


@cache
def _corpus_rows() -> list[dict[str, Any]]:
    return [row for row, _ in zip(_packed(CORPUS), range(HEADLINES), strict=False)]


def _packed(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
