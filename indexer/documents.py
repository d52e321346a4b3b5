"""The documents that are indexed, made from the archive's articles."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from archive.records import Article, PhotoCredit

LEDE_WORDS = 50
"""The words at the start of a body that tell what the story is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article as both engines index it. `indexer.schema` describes the searched fields.

    `seq` is the version: an index never replaces a later version by an earlier one. `published_at` is a day, or an
    instant with offset, as `Article` has it. `published_on` is its first moment, and `year` the printed year.
    """

    id: str
    seq: int
    source: str
    url: str | None
    title: str
    body: tuple[str, ...]
    captions: tuple[str, ...]
    credits: tuple[str, ...]
    published_at: str
    published_on: datetime
    year: int
    agency: str | None
    photo_agencies: tuple[str, ...]
    place: str | None
    places: tuple[str, ...]
    authors: tuple[str, ...]
    section: str | None
    tags: tuple[str, ...]
    language: str | None
    status: str
    flags: tuple[str, ...]
    content_hash: str
    family: str | None = None

    @property
    def lede(self) -> tuple[str, ...]:
        """The first words of the body, in its paragraphs."""
        begun: list[str] = []
        left = LEDE_WORDS
        for paragraph in self.body:
            words = paragraph.split(maxsplit=left)
            begun.append(paragraph if len(words) <= left else " ".join(words[:left]))
            left -= len(words)
            if left <= 0:
                break
        return tuple(begun)


class UnreadableRecordError(ValueError):
    """The archive's record of an article cannot be read. The message says why."""


def from_record(record: str, *, seq: int, status: str, content_hash: str, published_on: datetime) -> Document:
    """The document for an archived article, given as the JSON of `Article.as_json`. Raises UnreadableRecordError."""
    try:
        article = Article.from_json(_parse(record))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableRecordError(f"the archive's record cannot be read: {error!r}") from error
    return document(article, seq=seq, status=status, content_hash=content_hash, published_on=published_on)


def _parse(record: str) -> Any:
    try:
        return orjson.loads(record)
    except orjson.JSONDecodeError:  # a lone surrogate, which JSON allows and orjson does not
        return json.loads(record)


def document(article: Article, *, seq: int, status: str, content_hash: str, published_on: datetime) -> Document:
    """The document for an article. Lone surrogates, which no engine accepts, become U+FFFD here and nowhere else."""
    place = article.dateline
    canonical = (place.canonical or place.place) if place else None
    credited = (image.credit.agency for image in article.images if image.credit)
    return Document(
        id=article.id,
        seq=seq,
        source=_valid(article.source),
        url=_clean(article.url),
        title=_valid(article.title),
        body=tuple(map(_valid, article.body)),
        captions=tuple(_valid(image.caption) for image in article.images if image.caption),
        credits=_distinct(text for image in article.images if image.credit for text in _credit(image.credit)),
        published_at=article.published_at.isoformat(),
        published_on=published_on,
        year=article.published_at.year,
        agency=_clean(article.agency),
        photo_agencies=_distinct(credited),
        place=_clean(canonical),
        places=_distinct((place.place, place.canonical)) if place else (),
        authors=_distinct(article.authors),
        section=_clean(article.section),
        tags=_distinct(article.tags),
        language=_clean(article.language),
        status=status,
        flags=_distinct(article.flags),
        content_hash=content_hash,
    )


def _credit(credit: PhotoCredit) -> tuple[str, ...]:
    """A credit as printed, and of its parts those that it does not print so (a canonical name of an agency)."""
    parts = (credit.photographer, credit.agency, credit.handout_of)
    return (credit.text, *(part for part in parts if part and part.casefold() not in credit.text.casefold()))


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_valid(value) for value in values if value))


def _clean(value: str | None) -> str | None:
    return _valid(value) if value else None


def _valid(text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
