"""The columns of a table of articles, and the codebook that says what each means. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from archive.records import Article, Image

Value = str | int | date | datetime | list[str] | None


class ColumnType(StrEnum):
    """Types of a column's values."""

    TEXT = "text"
    TEXTS = "list of texts"
    INTEGER = "integer"
    DAY = "date"
    MOMENT = "time in UTC"


@dataclass(frozen=True, slots=True)
class ExportedArticle:
    """An article with what the archive knows of it: number of its current version, status, first saving, last `seq`."""

    article: Article
    version: int
    status: str
    content_hash: str
    first_saved: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column: name, type, what it means, where its rule comes from, and how its value is found."""

    name: str
    type: ColumnType
    meaning: str
    rule: str
    value: Callable[[ExportedArticle], Value]


def _of(name: str) -> Callable[[ExportedArticle], Value]:
    return lambda row: getattr(row.article, name) or None


def _each(name: str) -> Callable[[ExportedArticle], Value]:
    return lambda row: list(getattr(row.article, name))


def _dateline(name: str) -> Callable[[ExportedArticle], Value]:
    return lambda row: getattr(row.article.dateline, name) if row.article.dateline else None


def _images(value: Callable[[Image], str | None]) -> Callable[[ExportedArticle], Value]:
    return lambda row: [text for image in row.article.images if (text := value(image))]


def _published_utc(row: ExportedArticle) -> datetime | None:
    at = row.article.published_at
    return at.astimezone(UTC) if isinstance(at, datetime) else None


def _published_day(row: ExportedArticle) -> date:
    at = row.article.published_at
    return at.date() if isinstance(at, datetime) else at


def _modified(row: ExportedArticle) -> str | None:
    at = row.article.modified_at
    return at.isoformat() if at else None


_PAGE = "as printed on the page"
_DATES = "docs/normalisation.md; decision 0019: the printed stamp wins over metadata"
_CREDITS = "docs/normalisation.md: bylines and credits"
_PLACES = "the dateline; names by lexicon/places_*.tsv"
_ARCHIVE = "docs/archive.md"
_T, _L, _N = ColumnType.TEXT, ColumnType.TEXTS, ColumnType.INTEGER

COLUMNS: tuple[ExportColumn, ...] = tuple(
    ExportColumn(*fields)
    for fields in (
        ("id", _T, "Id of the article: hash of its canonical address, never changed", "docs/architecture.md: Identity",
         _of("id")),
        ("source", _T, "Name of the publisher in Kliping", "docs/sources.md", _of("source")),
        ("url", _T, "Canonical address; empty for a clipping", "docs/architecture.md: Identity", _of("url")),
        ("title", _T, "Headline", _PAGE, _of("title")),
        ("lede", _T, "First paragraph of the body", _PAGE, lambda row: row.article.lede),
        ("body", _L, "Paragraphs, without dateline, byline, captions and links", "decisions 0013, 0020, 0021",
         _each("body")),
        ("words", _N, "Words of the body", "counted at white space",
         lambda row: sum(len(paragraph.split()) for paragraph in row.article.body)),
        ("published_at", _T, "Publication time with the printed offset (ISO 8601), or a day where no clock is printed",
         _DATES, lambda row: row.article.published_at.isoformat()),
        ("published_utc", ColumnType.MOMENT, "The same in UTC; empty where only the day is known", _DATES,
         _published_utc),
        ("published_day", ColumnType.DAY, "The printed day", _DATES, _published_day),
        ("published_precision", _T, "second, minute or day", _DATES, lambda row: str(row.article.published_precision)),
        ("published_printed", _T, "The stamp as printed", _PAGE, _of("published_printed")),
        ("modified_at", _T, "Time of the last change that the page tells (ISO 8601)", _DATES, _modified),
        ("dateline", _T, "The dateline as printed", _PAGE, _dateline("text")),
        ("place", _T, "Its place, as printed", _PLACES, _dateline("place")),
        ("place_canonical", _T, "The place in the gazetteer", _PLACES, _dateline("canonical")),
        ("province", _T, "Its province, in Indonesia", _PLACES, _dateline("province")),
        ("country", _T, "Its country", _PLACES, _dateline("country")),
        ("authors", _L, "Who is credited with writing it", _CREDITS, _each("authors")),
        ("editors", _L, "Who is credited with editing it", _CREDITS, _each("editors")),
        ("agency", _T, "The wire whose story it is, by its canonical name", f"{_CREDITS}; lexicon/agencies.tsv",
         _of("agency")),
        ("credit", _T, "The credit line as printed", _PAGE, _of("credit")),
        ("section", _T, "Section or channel", _PAGE, _of("section")),
        ("tags", _L, "Tags", _PAGE, _each("tags")),
        ("language", _T, "Language of the text (ISO 639-1)", "its most frequent words, else as declared",
         _of("language")),
        ("captions", _L, "Captions of the pictures", _PAGE, _images(lambda image: image.caption)),
        ("photo_credits", _L, "Credits of the pictures as printed", _PAGE,
         _images(lambda image: image.credit.text if image.credit else None)),
        ("image_urls", _L, "Addresses of the pictures", _PAGE, _images(lambda image: image.url)),
        ("mentioned_dates", _L, "Dates that the text mentions, resolved", "docs/normalisation.md: dates in a text",
         lambda row: [each.date for each in row.article.mentioned_dates]),
        ("flags", _L, "What about the article is unusual or in doubt", "docs/flags.md", _each("flags")),
        ("corrects", _T, "Address of the story that it corrects", "docs/archive.md: corrections", _of("corrects")),
        ("status", _T, "live, or gone where the publisher removed or withdrew it", _ARCHIVE, lambda row: row.status),
        ("version", _N, "Number of versions; the exported one is the last", _ARCHIVE, lambda row: row.version),
        ("content_hash", _T, "SHA-256 of title, body, time, authors, agency and captions", _ARCHIVE,
         lambda row: row.content_hash),
        ("first_saved", ColumnType.MOMENT, "When the archive saved it first", _ARCHIVE, lambda row: row.first_saved),
        ("seq", _N, "Number of its last change in the archive's log", _ARCHIVE, lambda row: row.seq),
    )
)  # fmt: skip
"""The columns of every table, in order."""


def record(row: ExportedArticle) -> dict[str, Value]:
    """The values of an article by column, free of lone surrogates, which no format can carry."""
    return {column.name: _valid(column.value(row)) for column in COLUMNS}


def _valid(value: Value) -> Value:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return [str(_valid(each)) for each in value] if isinstance(value, list) else value


def filled(records: Iterable[Mapping[str, Value]]) -> Counter[str]:
    """How many records have a value in each column. An empty text or list is none."""
    return Counter(name for each in records for name, value in each.items() if value not in (None, "", []))


def codebook(counts: Mapping[str, int], total: int) -> Sequence[Mapping[str, Any]]:
    """The codebook: of each column its meaning, its type, the source of its rule, and the share that is filled."""
    return [
        {
            "column": column.name,
            "type": str(column.type),
            "meaning": column.meaning,
            "rule": column.rule,
            "filled": counts.get(column.name, 0),
            "share": round(counts.get(column.name, 0) / total, 4) if total else None,
        }
        for column in COLUMNS
    ]
