"""The documents that are indexed, made from the archive's articles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson

from archive.records import Article, ArticleStatus, PhotoCredit
from indexer.schema import LEDE_WORDS
from indexer.values import agencies_of, agency_name, photographers_of, places_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article as both engines index it. `indexer.schema` describes the searched fields.

    `seq` is the version: an index never replaces a later version by an earlier one. `published_at` is a day, or an
    instant with offset, as `Article` has it. `published_on` is its first moment, and `order` sorts by it (`order_of`).
    `local_time` is what the clock showed where it was printed, as if that were UTC: a day's articles are those that
    were printed with that day, in any zone. `year` and `month` (201512) are the printed ones. `credits` has all who are
    credited: what the pictures' credits say, then authors, editors and agencies.
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
    local_time: datetime
    order: int
    year: int
    month: int
    agency: str | None
    agencies: tuple[str, ...]
    photo_agencies: tuple[str, ...]
    photographers: tuple[str, ...]
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
    copies: int = 0

    @property
    def lede(self) -> tuple[str, ...]:
        """The first words of the body, in its paragraphs."""
        return lede_of(self.body)


def lede_of(body: Sequence[str]) -> tuple[str, ...]:
    """The first LEDE_WORDS words of a body, in its paragraphs."""
    begun: list[str] = []
    left = LEDE_WORDS
    for paragraph in body:
        words = paragraph.split(maxsplit=left)
        begun.append(paragraph if len(words) <= left else " ".join(words[:left]))
        left -= len(words)
        if left <= 0:
            break
    return tuple(begun)


class UnreadableRecordError(ValueError):
    """The archive's record of an article cannot be read. The message says why."""


def from_record(record: str, **known: Any) -> Document:
    """The document for an archived article, given as the JSON of `Article.as_json`; `known` is what `document` takes
    besides. Raises UnreadableRecordError."""
    try:
        article = Article.from_json(_parse(record))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableRecordError(f"the archive's record cannot be read: {error!r}") from error
    return document(article, **known)


def _parse(record: str) -> Any:
    try:
        return orjson.loads(record)
    except orjson.JSONDecodeError:  # a lone surrogate, which JSON allows and orjson does not
        return json.loads(record)


def document(
    article: Article,
    *,
    seq: int,
    status: str,
    content_hash: str,
    published_on: datetime,
    family: str | None = None,
    copies: int = 0,
) -> Document:
    """The document for an article. Lone surrogates, which no engine accepts, become U+FFFD here and nowhere else."""
    place = article.dateline
    canonical = (place.canonical or place.place) if place else None
    credited = (agency_name(image.credit.agency) for image in article.images if image.credit and image.credit.agency)
    agencies = agencies_of(article)
    printed = article.published_at
    return Document(
        id=article.id,
        seq=seq,
        source=_valid(article.source),
        url=_clean(article.url),
        title=_valid(article.title),
        body=tuple(map(_valid, article.body)),
        captions=tuple(_valid(image.caption) for image in article.images if image.caption),
        credits=_distinct((*_photo_credits(article), *article.authors, *article.editors, *agencies)),
        published_at=printed.isoformat(),
        published_on=published_on,
        local_time=_clock(printed),
        order=order_of(published_on, article.id),
        year=printed.year,
        month=printed.year * 100 + printed.month,
        agency=_clean(article.agency),
        agencies=_distinct(agencies),
        photo_agencies=_distinct(credited),
        photographers=_distinct(photographers_of(article)),
        place=_clean(canonical),
        places=_distinct(places_of(place)),
        authors=_distinct(article.authors),
        section=_clean(article.section),
        tags=_distinct(article.tags),
        language=_clean(article.language),
        status=status,
        flags=_distinct((*article.flags, *(["gone"] if status == ArticleStatus.GONE else []))),
        content_hash=content_hash,
        family=family,
        copies=copies,
    )


TIE_BITS = 24
_START = datetime.min.replace(tzinfo=UTC)


def order_of(published_on: datetime, article_id: str) -> int:
    """A number that sorts articles by publication time, and those of one second in an order that never changes.

    The seconds since the year 1, then 24 bits of the id's hash. (`seq` would not do for ties: a correction changes it,
    and hundreds of articles of which only the day is known have one time, so a page could miss the corrected one.) Two
    articles may have the same number. It fits in 63 bits.
    """
    since_start = published_on - _START  # differences of aware times know no end of the calendar
    seconds = max(0, since_start.days * 86_400 + since_start.seconds)
    tie = hashlib.blake2b(article_id.encode(errors="replace"), digest_size=TIE_BITS // 8).digest()
    return (seconds << TIE_BITS) | int.from_bytes(tie, "big")


def _clock(printed: datetime | date) -> datetime:
    if isinstance(printed, datetime):
        return printed.replace(tzinfo=UTC)
    return datetime(printed.year, printed.month, printed.day, tzinfo=UTC)


def _photo_credits(article: Article) -> Iterator[str]:
    for image in article.images:
        if image.credit:
            yield from _credit(image.credit)


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
