"""Values of a page's `<meta>` elements, and the names under which publishers put each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser

from reading.extract.body import tidy
from reading.extract.raw import FoundText

META_NAMES: Mapping[str, tuple[str, ...]] = {
    "headline": ("og:title", "twitter:title"),
    "datePublished": (
        "article:published_time",
        "og:article:published_time",
        "publishdate",
        "dtk:publishdate",
        "content_publisheddate",
        "pubdate",
        "publish_date",
        "publication_date",
        "cxenseparse:recs:publishtime",
        "dc.date.issued",
        "date",
    ),
    "dateModified": ("article:modified_time", "og:updated_time", "lastmod", "content_modifieddate"),
    # no plain "author": publishers put their own name, or the editor's, there
    "author": ("content_author", "dtk:author", "article:author", "parsely-author", "cxenseparse:author"),
    "editor": ("content_editor", "dtk:editor", "editor", "article:editor"),
    "articleSection": ("article:section", "content_category", "dtk:kanal", "section"),
    "keywords": ("article:tag", "content_tag", "news_keywords", "dtk:keywords"),
    "inLanguage": (),
    "image": ("og:image",),
}
"""For each schema.org property the meta elements that mean the same, the most trusted first."""


WRITER_NAMES = ("author", "dc.creator", "dcterms.creator", "sailthru.author", "byl")
"""Names under which the writer stands on few sites, and the publisher or a blog's owner on others."""


class MetaTags:
    """A page's meta elements by name. Names are compared without case; `property` and `name` mean the same."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._values: dict[str, list[str]] = {}
        for node in tree.css("meta[content]"):
            attributes: Mapping[str, str | None] = node.attributes
            name = attributes.get("property") or attributes.get("name")
            if name and (text := tidy(attributes.get("content") or "")):
                self._values.setdefault(name.strip().lower(), []).append(text)

    def values(self, names: Sequence[str], *, without_addresses: bool = False) -> tuple[FoundText, ...]:
        """The values of the first of these names that the page has.

        `without_addresses`: names whose values are addresses do not count (`article:author` of Facebook profiles).
        """
        for name in names:
            found = [text for text in self._values.get(name, ()) if not (without_addresses and "://" in text)]
            if found:
                return tuple(FoundText(text, "meta") for text in dict.fromkeys(found))
        return ()
