"""The newsstand's articles, written for it: one TOML file for each story under `articles/`.

A file has `outlet`, `number`, `title`, `section`, `published`, `dateline` and `text`; other fields are optional (see
`Story`). In `text` a blank line separates paragraphs, and a line of three hyphens separates pages.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from newsstand.stamps import FORMS, moment, print_stamp


class Outlet(StrEnum):
    """The three outlets, each with the markup of its era. The value is the first label of its host."""

    WWW = "www"
    ARSIP = "arsip"
    LAMA = "lama"

    @property
    def host(self) -> str:
        """The host it is served under, without a port."""
        return f"{self.value}.newsstand.test"

    @property
    def masthead(self) -> str:
        """Its name as printed on its pages."""
        return {"www": "Newsstand", "arsip": "Arsip Newsstand", "lama": "Newsstand Lama"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article. `published` is a date without a clock if the page prints none (old pages only).

    `dateline` is printed before the first paragraph; `caption` ends with its credit; `credit` is a closing line
    ("Sumber: ANTARA"); `initials` is the sign-off code of old pages. `printed` replaces the stamp made from `published`
    ("" prints none), and `metadata` False omits every machine-readable date: both are for misbehaving pages.
    """

    outlet: Outlet
    number: int
    title: str
    section: str
    published: datetime | date
    dateline: str
    pages: tuple[tuple[str, ...], ...]
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    caption: str | None = None
    credit: str | None = None
    modified: datetime | None = None
    initials: str | None = None
    form: str = ""
    charset: str = "utf-8"
    views: int = 0
    printed: str | None = None
    metadata: bool = True

    def __post_init__(self) -> None:
        if not self.pages or not all(self.pages):
            raise ValueError(f"{self.outlet}-{self.number} has an empty page")
        self.published_text  # noqa: B018  raises at loading if the stamp cannot be printed

    @property
    def path(self) -> str:
        """Its address without the host, in the outlet's own form."""
        if self.outlet is Outlet.LAMA:
            return f"/berita/{self.published:%Y/%m/%d}/{self.number}.html"
        return f"/berita/{self.number}/{slug(self.title)}"

    @property
    def url(self) -> str:
        """Its canonical address."""
        return f"http://{self.outlet.host}{self.path}"

    @property
    def picture(self) -> str:
        """The path of its picture."""
        return f"/foto/{self.number}.png"

    @property
    def published_text(self) -> str:
        """The publication stamp as printed on the page."""
        if self.printed is not None:
            return self.printed
        return print_stamp(self.published, self.form or self.outlet.value)

    @property
    def modified_text(self) -> str | None:
        """The stamp of a correction as printed, or None."""
        if self.modified is None:
            return None
        return "Diperbarui " + print_stamp(self.modified, (self.form or self.outlet.value).replace("old-day", "old"))

    @property
    def last_changed(self) -> datetime:
        """The instant of its latest version, in WIB."""
        return moment(self.modified or self.published)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """All paragraphs of all pages, without the dateline."""
        return tuple(paragraph for page in self.pages for paragraph in page)

    def opening(self, page: int) -> tuple[str, tuple[str, ...]]:
        """The dateline ("" after the first page) and the paragraphs of a page, counted from 1."""
        return (self.dateline if page == 1 else ""), self.pages[page - 1]


def slug(title: str) -> str:
    """The title as used in an address."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def paragraphs(text: str) -> tuple[tuple[str, ...], ...]:
    """The pages of a story's `text`, each a tuple of paragraphs; a line break inside a paragraph becomes a space."""
    return tuple(
        tuple(" ".join(block.split()) for block in re.split(r"\n\s*\n", page) if block.strip())
        for page in re.split(r"(?m)^---$", text)
    )


def read_story(text: str, name: str) -> Story:
    """A story from its TOML text. Raises ValueError with the file's `name`."""
    try:
        record: dict[str, Any] = tomllib.loads(text)
        outlet = Outlet(record.pop("outlet"))
        pages = paragraphs(record.pop("text"))
        for field in ("tags", "authors", "editors"):
            record[field] = tuple(record.get(field, ()))
        if record.get("form", "www") not in FORMS:
            raise ValueError(f"unknown form {record['form']!r}")
        return Story(outlet=outlet, pages=pages, **record)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error


@cache
def load_stories(folder: str = "articles") -> tuple[Story, ...]:
    """All stories in a folder of this package, newest first, then by number."""
    stories = [
        read_story(file.read_text(encoding="utf-8"), file.name)
        for file in (files("newsstand") / folder).iterdir()
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(stories, key=lambda story: (moment(story.published), story.number), reverse=True))
