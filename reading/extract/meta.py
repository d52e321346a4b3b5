"""Values of a page's `<meta>` elements, and the names under which publishers put each field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

from reading.extract.body import tidy
from reading.extract.bounds import LONGEST_VALUE, MOST_VALUES
from reading.extract.raw import FoundText

META_NAMES: Mapping[str, tuple[str, ...]] = {
    "headline": ("og:title", "twitter:title"),
    "datePublished": (
        "article:published_time",
        "og:article:published_time",
        "article:published",
        "article:published_date",
        "article:publish_date",
        "article.published",
        "og:published_time",
        "og:pubdate",
        "og:published",
        "news:published_time",
        "news:publication_date",
        "publishdate",
        "publish-date",
        "publish_date",
        "publish:date",
        "publishtime",
        "publish_time",
        "publishedtime",
        "publisheddate",
        "published-date",
        "published_date",
        "published_time",
        "published_at",
        "datepublished",
        "date-published",
        "date_published",
        "datepublish",
        "dtk:publishdate",
        "content_publisheddate",
        "content_publish_date",
        "pubdate",
        "pub_date",
        "pub-date",
        "pubtime",
        "publication_date",
        "publication-date",
        "publicationdate",
        "originalpublicationdate",
        "original-publish-date",
        "article_date_original",
        "article:post_date",
        "article_date",
        "article-date",
        "articledate",
        "parsely-pub-date",
        "sailthru.date",
        "bt:pubdate",
        "cxenseparse:recs:publishtime",
        "cxenseparse:publishtime",
        "cxenseparse:pdate",
        "cxenseparse:recs:articlepublishtime",
        "rnews:datepublished",
        "citation_publication_date",
        "citation_online_date",
        "citation_date",
        "prism.publicationdate",
        "dc.date.issued",
        "dc.date.published",
        "dcterms.issued",
        "dcterms.available",
        "dc.date",
        "dcterms.date",
        "dc:date",
        "dcterms:date",
        "dc.date.created",
        "dcterms.created",
        "dcsext.articlefirstpublished",
        "analyticsattributes.articledate",
        "vr:published_time",
        "ptime",
        "displaydate",
        "display_date",
        "post_date",
        "postdate",
        "date_created",
        "published",
        "created",
        "date",
    ),
    "dateModified": (
        "article:modified_time",
        "og:article:modified_time",
        "article:modified",
        "og:updated_time",
        "og:modified_time",
        "lastmod",
        "last-modified",
        "lastmodified",
        "last_modified",
        "modified_time",
        "content_modifieddate",
        "datemodified",
        "date-modified",
        "date_modified",
        "datemod",
        "modifieddate",
        "moddate",
        "updated_time",
        "updatedtime",
        "updated",
        "revised",
        "dc.date.modified",
        "dcterms.modified",
        "sailthru.updated",
        "bt:moddate",
    ),
    # no plain "author": publishers put their own name, or the editor's, there
    "author": ("content_author", "dtk:author", "article:author", "parsely-author", "cxenseparse:author"),
    "editor": ("content_editor", "dtk:editor", "editor", "article:editor"),
    "articleSection": ("article:section", "content_category", "dtk:kanal", "section"),
    "keywords": ("article:tag", "content_tag", "news_keywords", "dtk:keywords"),
    "inLanguage": (),
    "image": ("og:image",),
}
"""For each schema.org property the meta elements that mean the same, the most trusted first.

The names of dates are those of Open Graph, Dublin Core, Parse.ly, Sailthru, Cxense, Google Scholar and rNews, and what
templates invented; a page has several, and all of them are witnesses.
"""
_LIKE_A_PUBLICATION = re.compile(r"publi(?:sh|ca)|pub_?date|issued|posted|release|creat", re.IGNORECASE)
_UNLIKE_A_PUBLICATION = re.compile(r"publishers?(?![a-z])|unpubl|modif|updat|expir|page|valid|copyright", re.IGNORECASE)
_LONGEST_DATE = 60
_LIKE_A_DATE = re.compile(r"(?:[A-Z][a-z]{2,8},? )?\d")
_DATE_NAMES = frozenset((*META_NAMES["datePublished"], *META_NAMES["dateModified"]))


WRITER_NAMES = ("author", "dc.creator", "dcterms.creator", "sailthru.author", "byl")
"""Names under which the writer stands on few sites, and the publisher or a blog's owner on others."""


@lru_cache(maxsize=512)
def _speaks_of_publication(name: str) -> bool:
    return _LIKE_A_PUBLICATION.search(name) is not None and _UNLIKE_A_PUBLICATION.search(name) is None


class MetaTags:
    """A page's meta elements by name. Names are compared without case; `property` and `name` mean the same.

    Names of dates are also taken from `itemprop` and `http-equiv`, where `Microdata` does not read them.
    """

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._values: dict[str, list[str]] = {}
        self.capped = False
        """Whether there was more than is read (`reading.extract.bounds`)."""
        for node in tree.css("meta[content]"):
            attributes: Mapping[str, str | None] = node.attributes
            content = attributes.get("content") or ""
            if text := tidy(content[:LONGEST_VALUE]):
                self.capped = self.capped or len(content) > LONGEST_VALUE
                for name in _names(attributes):
                    self._add(name, text)

    def _add(self, name: str, text: str) -> None:
        values = self._values.setdefault(name, [])
        if len(values) < MOST_VALUES:
            values.append(text)
        else:
            self.capped = True

    def values(self, names: Sequence[str], *, without_addresses: bool = False) -> tuple[FoundText, ...]:
        """The values of the first of these names that the page has.

        `without_addresses`: names whose values are addresses do not count (`article:author` of Facebook profiles).
        """
        for name in names:
            found = [text for text in self._values.get(name, ()) if not (without_addresses and "://" in text)]
            if found:
                return tuple(FoundText(text, "meta") for text in dict.fromkeys(found))
        return ()

    def all_values(self, names: Sequence[str]) -> tuple[FoundText, ...]:
        """The values of all of these names, in their order."""
        texts = [text for name in names for text in self._values.get(name, ())]
        if names is META_NAMES["datePublished"]:
            texts += self._unlisted_dates()
        return tuple(FoundText(text, "meta") for text in dict.fromkeys(texts))

    def _unlisted_dates(self) -> list[str]:
        """The dates under names that no table has and that speak of publication ("article.created", "release_date")."""
        return [
            text
            for name, texts in self._values.items()
            if name not in _DATE_NAMES and _speaks_of_publication(name)
            for text in texts
            if len(text) <= _LONGEST_DATE and _LIKE_A_DATE.match(text)
        ]


def _names(attributes: Mapping[str, str | None]) -> set[str]:
    names = {(attributes.get("property") or attributes.get("name") or "").strip().lower()}
    if len(attributes) == 2 and names != {""}:  # the usual element has a name and its content
        return names
    for attribute in ("name", "itemprop", "http-equiv"):
        name = (attributes.get(attribute) or "").strip()
        if name.lower() in _DATE_NAMES and (attribute != "itemprop" or name not in META_NAMES):
            names.add(name.lower())
    return names - {""}
