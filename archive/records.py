"""The records that every room speaks of: the article we believe, and the outcomes a crawl counts.

`RawArticle`, what a page prints, belongs to `reading.extract`; only `reading.article` turns one into the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from archive import flags as flag_table
from archive.outcomes import require_known

PAGE_STATUSES = frozenset((200, 203))
"""HTTP statuses of an answer that is the page: 203 says that a proxy has changed something of it (RFC 9110, 15.3.4)."""

GENERIC = "generic"
"""The source of an article that was read without a source file."""


class Precision(StrEnum):
    """How exactly a publication time is known."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class ArticleStatus(StrEnum):
    """Whether an article still stands at its publisher's address."""

    LIVE = "live"
    GONE = "gone"


class ChangeKind(StrEnum):
    """Kinds of rows in `changes`: what an index must learn."""

    VERSION = "version"
    REREAD = "reread"
    GONE = "gone"
    FORGOTTEN = "forgotten"
    FAMILY = "family"
    """It joined or left a family, or its family was merged into another."""


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place and outlet that open a story: "Mataram, NTB (ANTARA News) -".

    `place` and `outlet` are as printed (the place in title case); `canonical`, `province` and `country` come from the
    gazetteer and are None for a place that it does not know. `text` is the whole dateline, word for word.
    """

    place: str | None
    outlet: str | None
    text: str
    canonical: str | None = None
    province: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class PhotoCredit:
    """Who made a picture and whose it is. `agency` is a wire's canonical name or the outlet."""

    text: str
    photographer: str | None = None
    agency: str | None = None
    handout_of: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an article. A picture whose caption alone is known (a plain clipping) has no `url`."""

    url: str | None
    caption: str | None = None
    credit: PhotoCredit | None = None


@dataclass(frozen=True, slots=True)
class MentionedDate:
    """A date that the text itself speaks of.

    `date` takes any value form of `kliping read dates` (a day, a datetime with offset, "2015-10", "2015-W50", "2023");
    of an interval it is the first day and `end` the last.
    """

    text: str
    date: str
    end: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What we believe of one article: typed, frozen, with the printed strings beside the values.

    `published_at` is an aware datetime in the zone that was printed, or a `date` where no clock is known
    (`published_precision` "day"). `url` is None for a clipping. `provenance` tells for each field where on the page it
    was found ("source": in the source's own file), "selector+json-ld" where a second witness of the page agrees
    (decision 20); it is no part of the content. `corrects` is the address of the story that this one corrects, where
    the page links to it; the JSON has it only then. Raises UnknownFlagError for a flag that is not in `archive.flags`.
    """

    id: str
    source: str
    url: str | None
    title: str
    body: tuple[str, ...]
    published_at: datetime | date
    published_precision: Precision
    published_printed: str | None = None
    published_from: str | None = None
    modified_at: datetime | date | None = None
    dateline: Dateline | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    agency: str | None = None
    credit: str | None = None
    images: tuple[Image, ...] = ()
    mentioned_dates: tuple[MentionedDate, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    corrects: str | None = None
    flags: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        flag_table.require_known(self.flags)

    @property
    def lede(self) -> str | None:
        """The first paragraph of the body; a photo gallery has none."""
        return self.body[0] if self.body else None

    def as_json(self) -> dict[str, Any]:
        """The article as the contract's JSON object (`kliping read page --json`)."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        plain["published_at"] = self.published_at.isoformat()
        plain["modified_at"] = self.modified_at.isoformat() if self.modified_at else None
        plain["dateline"] = asdict(self.dateline) if self.dateline else None
        plain["images"] = [asdict(image) for image in self.images]
        plain["mentioned_dates"] = [asdict(mention) for mention in self.mentioned_dates]
        for name in ("body", "authors", "editors", "tags", "flags"):
            plain[name] = list(plain[name])
        plain["published_precision"] = str(self.published_precision)
        plain["provenance"] = dict(self.provenance)
        if self.corrects is None:
            del plain["corrects"]
        order = ["id", "source", "url", "title", "lede"]
        return {name: plain[name] if name != "lede" else self.lede for name in order} | {
            name: value for name, value in plain.items() if name not in order
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The inverse of `as_json`; keys it does not know are refused by the constructor (TypeError).

        Flags that the table does not have are kept: an archive outlives the version that wrote it.
        """
        plain = dict(record)
        flags = tuple(plain.pop("flags", ()))
        plain.pop("lede", None)
        precision = Precision(plain["published_precision"])
        plain["published_precision"] = precision
        plain["published_at"] = _instant_or_day(plain["published_at"])
        plain["modified_at"] = _instant_or_day(plain["modified_at"]) if plain.get("modified_at") else None
        plain["dateline"] = Dateline(**plain["dateline"]) if plain.get("dateline") else None
        plain["images"] = tuple(
            Image(image["url"], image["caption"], PhotoCredit(**image["credit"]) if image["credit"] else None)
            for image in plain.get("images", ())
        )
        plain["mentioned_dates"] = tuple(MentionedDate(**each) for each in plain.get("mentioned_dates", ()))
        for name in ("body", "authors", "editors", "tags"):
            plain[name] = tuple(plain.get(name, ()))
        article = cls(**plain)
        object.__setattr__(article, "flags", flags)  # frozen; `__post_init__` would refuse an old flag
        return article

    @property
    def content_hash(self) -> str:
        """SHA-256 over what makes a new version: title, lede, body, published_at, authors, agency, captions."""
        content = [
            self.title,
            self.lede,
            list(self.body),
            self.published_at.isoformat(),
            list(self.authors),
            self.agency,
            [image.caption for image in self.images],
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _instant_or_day(text: str) -> datetime | date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Listing:
    """An address that a feed, sitemap or user named, and where."""

    url: str
    found_in: str
    changed_at: datetime | None = None
    """What the listing says of the page's last change (sitemap `lastmod`); None where it says nothing."""
    published_at: datetime | date | None = None
    """What a feed or news sitemap says of its publication: a moment, or a day where no clock is told."""
    title: str | None = None
    also_at: str | None = None
    """The publisher's own address where `url` is an aggregator's."""


class Rejected(Exception):
    """A page or text that gives no article. It is counted as "rejected:<reason>"; `detail` says more in a sentence.

    Raises UnknownOutcomeError for a reason that is not in the table of outcomes.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        require_known(f"rejected:{reason}")
        super().__init__(reason, detail)  # as they are: an exception is pickled by its arguments
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason

    @property
    def outcome(self) -> str:
        """The outcome of an address that was rejected for this reason."""
        return f"rejected:{self.reason}"
