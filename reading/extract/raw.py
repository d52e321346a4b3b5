"""A RawArticle: what a page prints, word for word, and where each field was found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text and where it was found.

    "json-ld", "microdata", "meta", "script", "url", "feed"; "time": an attribute for machines of an element, like
    `datetime`; "row": an imported row; "selector": visible text in the
    place that the source's layout names; "text": visible text found without a layout; "above": a stamp so found above
    the headline, where a page's head prints today's date and teasers have other dates.
    """

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class RawImage:
    """A picture: its absolute address (None if only the caption is known) and its caption, credit included.

    `credit` is a credit that is printed apart from the caption.
    """

    url: str | None
    caption: FoundText | None = None
    credit: FoundText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What every kind of metadata says of fields that may be read elsewhere: witnesses, never values.

    - `titles`: headlines, without the window's title. `captions`: of the picture.
    - `authors`: whom the metadata for writers name. `owners`: the organisations among JSON-LD's authors, and the plain
      meta element "author", where publishers put their own name, the writer's or the editor's.
    - `texts`: the story or its beginning: JSON-LD's articleBody and the descriptions.
    """

    titles: tuple[FoundText, ...] = ()
    authors: tuple[FoundText, ...] = ()
    owners: tuple[FoundText, ...] = ()
    editors: tuple[FoundText, ...] = ()
    captions: tuple[FoundText, ...] = ()
    sections: tuple[FoundText, ...] = ()
    texts: tuple[FoundText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """A page as printed. Fields with several candidates have them all, the most trusted first; `normalise` chooses.

    - `printed`: the visible stamps; `updates`: the stamps in the place where the source prints updates.
    - `metadata`, `modified`: the stamps of publication and of the last change in metadata.
    - `bylines`: the visible lines on writers and editors ("Penulis: A | Editor: B", or a bare name); `editor_lines`:
      those in the source's place for editors; `source_lines`: those in its place for the wire or medium.
    - `authors`, `editors`: the names in metadata.
    - `body`: paragraphs, with a line break where the page has a single one, and with dateline, credits and sign-offs.
    - `addresses`: what the page claims as its address, `canonical` before `og:url`.
    - `declared`: the page calls itself an article. `site`: the publisher's name on the page.
    - `corrects`: the address of the story that this one corrects, where it links to it.
    - `claims`: what metadata say beside the values above, to compare them with.
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
    corrects: str | None = None
    claims: Claims = Claims()
    flags: tuple[str, ...] = ()
