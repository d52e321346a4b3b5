"""What a page prints, word for word, and where each field was found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text and the place that gave it: "json-ld", "microdata", "meta", "script", "selector", "url", "feed" or "text".

    "selector" is what a reader sees where the source says the field stands, "text" what was found by its looks alone.
    """

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class RawImage:
    """A picture: its absolute address, null where only the caption is known, and the caption with its credit.

    `credit` is the credit where it stands apart from the caption.
    """

    url: str | None
    caption: FoundText | None = None
    credit: FoundText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """A page as printed. Where the border must choose, all candidates stand here, the most trusted first.

    `printed` are the stamps that readers see and `updates` those that stand where the source prints its updates;
    `metadata` and `modified` are the machines' stamps of publication and of a later change. `bylines` are what readers
    see of writers and editors ("Penulis: A | Editor: B", or a bare name), `editor_lines` the same where the source
    keeps a place for editors, `source_lines` where it keeps one for the wire or medium whose story it is; `authors`
    and `editors` are the names that metadata gives. A paragraph of `body` may hold
    line breaks where the page has single ones; dateline, credits and sign-offs are still in it. `addresses` are the
    page's own claims to its address, `canonical` before `og:url`. `declared`: the page calls itself an article;
    `site` is the name that it gives its publisher.
    """

    url: str | None
    titles: tuple[FoundText, ...] = ()
    addresses: tuple[FoundText, ...] = ()
    printed: tuple[FoundText, ...] = ()
    updates: tuple[FoundText, ...] = ()
    metadata: tuple[FoundText, ...] = ()
    modified: tuple[FoundText, ...] = ()
    bylines: tuple[FoundText, ...] = ()
    editor_lines: tuple[FoundText, ...] = ()
    source_lines: tuple[FoundText, ...] = ()
    authors: tuple[FoundText, ...] = ()
    editors: tuple[FoundText, ...] = ()
    body: tuple[str, ...] = ()
    body_from: str | None = None
    images: tuple[RawImage, ...] = ()
    sections: tuple[FoundText, ...] = ()
    tags: tuple[FoundText, ...] = ()
    languages: tuple[FoundText, ...] = ()
    next_page: str | None = None
    declared: bool = False
    site: str | None = None
    clipping: bool = False
    flags: tuple[str, ...] = ()
