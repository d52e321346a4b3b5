"""Which objects of a page belong to its story: JSON-LD, addresses, and elements (docs/decisions/0021).

A page may hold more stories than its own: an endless scroll, cards of related stories, JSON-LD that a template or a
cache left from another page. Each object is compared with what the page says of its own story, by address and by
headline. Only what is certainly another story's is refused; in doubt an object counts, as it did before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from archive.identity import BadAddressError, canonical_key
from reading.extract import jsonld

ALIKE = 0.6
UNLIKE = 0.34
"""Shares of common words: from the one on, two headlines are one story's; up to the other, they are two stories'. A
headline for search engines keeps about two thirds of the printed one's words; two stories share names and function
words."""
_FEWEST_WORDS = 3
"""Headlines and addresses of fewer words ("Persib", "Koran Kita") say nothing."""

_WORD = re.compile(r"\w+")
# A story's number at the start or end of a part of the path: "4130001-judul", "judul-4289456", "d-4567890"
_NUMBER_IN_PART = re.compile(r"^(\d{5,12})(?=-)|(?<=-)(\d{5,12})$")
_NUMBER_IN_QUERY = re.compile(r"(?:^|&)(?:p|id|nid|aid|news|news_?id|post|berita|read)=(\d{1,12})(?!\d)")
_DATE = re.compile(r"(?:19|20)\d{2}(?:[01]\d(?:[0-3]\d)?)?|[0-3]?\d")
_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|jsp|amp)$", re.I)
# In an address: AMP and mobile pages of the same story
_FORM = re.compile(r"//(?:amp|m|mobile)\.|/amp(?:/|\?|$)|[?&]amp(?:=|&|$)|\.amp$", re.I)
_VERSIONS = frozenset("amp print cetak full all index.html index.php index".split())
"""Parts of a path that say in which form a page is shown."""
_DROPPED_WORDS = frozenset("yang dan di ke dari untuk pada ini itu dengan the of in to and a html htm php".split())


class Owner(Enum):
    """Whose an object is."""

    OWN = "own"
    OTHER = "other"
    UNKNOWN = "unknown"


class _Address(NamedTuple):
    """What tells one story's address from another's."""

    key: str
    words: frozenset[str]
    numbers: frozenset[str]

    @property
    def names_a_story(self) -> bool:
        """Whether the address is one story's: that of a front page or a section names none."""
        return len(self.words) >= _FEWEST_WORDS or bool(self.numbers)


def words_of(text: str) -> frozenset[str]:
    """The words of a headline that tell it from another one."""
    return frozenset(_WORD.findall(text[:500].casefold())) - _DROPPED_WORDS


def likeness(one: Collection[str], other: Collection[str]) -> float:
    """The share of the shorter one's words that the other one has too, from 0 to 1."""
    return len(frozenset(one).intersection(other)) / max(1, min(len(one), len(other)))


def same_page(one: str, other: str) -> bool:
    """Whether two addresses are one page's, whatever their scheme, `www.`, `m.`, AMP form and tracking."""
    first, second = _address(one), _address(other)
    return first is not None and second is not None and first.key == second.key


def is_lesser_form(claim: str, final: str) -> bool:
    """Whether a claimed address is the final one in a form for machines or small screens: AMP, mobile, or http."""
    if claim == final or not same_page(claim, final):
        return False
    if claim.replace("http:", "https:", 1) == final:
        return True
    return _FORM.search(claim) is not None and _FORM.search(final) is None


def same_story(one: str, other: str) -> bool | None:
    """Whether two addresses are one story's; None where one of them names no story, or they share too little to tell.

    A story keeps its number or its words where an address is rewritten: "/read/4289456/judul" and
    "/bisnis/read/4289456/judul-baru", "/2020/10/judul-berita.html" and "/judul-berita".
    """
    first, second = _address(one), _address(other)
    if first is None or second is None:
        return None
    if first.key == second.key:
        return True
    if not first.names_a_story or not second.names_a_story:
        return None
    numbers = bool(first.numbers & second.numbers)
    if min(len(first.words), len(second.words)) < _FEWEST_WORDS:
        return True if numbers else None if not (first.numbers and second.numbers) else False
    alike = likeness(first.words, second.words)
    if numbers or alike >= 0.8:
        return True
    return None if alike > UNLIKE else False


@lru_cache(maxsize=512)
def _address(url: str) -> _Address | None:
    try:
        host, _, query = canonical_key(url).partition("?")
        path = unquote(urlsplit(url).path)
    except (BadAddressError, ValueError):
        return None
    parts = [_EXTENSION.sub("", part) for part in path.split("/") if part and part.casefold() not in _VERSIONS]
    slug = max(parts, key=len, default="")
    words = frozenset(word for word in re.findall(r"[^\W_]+", slug.casefold()) if not word.isdecimal())
    key = "/".join((host.partition("/")[0], *parts)).casefold()
    return _Address(f"{key}?{query}", words - _DROPPED_WORDS, frozenset(_numbers(parts, query)))


def _numbers(parts: list[str], query: str) -> Iterator[str]:
    """The numbers that an address gives to its story; after a day, they count only with it (kompas.com)."""
    day = ""
    for part in parts:
        if part.isdecimal() and _DATE.fullmatch(part):
            day += part
        elif part.isdecimal():
            yield day + part
        elif found := _NUMBER_IN_PART.search(part):
            yield found[1] or found[2]
    yield from _NUMBER_IN_QUERY.findall(query)


class PageStory:
    """What a page says of its own story: its address, and the headlines in its metadata and headings.

    `url` is the final address ("" for a page saved without one), `titles` the headlines without those of JSON-LD and
    microdata, which are judged by them.
    """

    def __init__(self, url: str, titles: Iterable[str]) -> None:
        self.url = url
        self.titles = tuple(words for title in titles if len(words := words_of(title)) >= _FEWEST_WORDS)
        self.addresses: tuple[str, ...] = (url,) if url else ()

    def add_headings(self, headings: Iterable[str]) -> None:
        """Adds the page's first-level headings, where its metadata have no headline at all."""
        if not self.titles:
            self.titles = tuple(words for each in headings if len(words := words_of(each)) >= _FEWEST_WORDS)

    def claim(self, addresses: Sequence[str]) -> tuple[tuple[str, ...], bool]:
        """The claimed addresses (canonical, og:url) that may be the story's own, and whether one is another story's.

        The others are compared with later.
        """
        own = tuple(each for each in addresses if not self.is_address_of_another(each))
        self.addresses = (*self.addresses, *own)
        return own, len(own) < len(addresses)

    def is_address_of_another(self, claim: str) -> bool:
        """Whether a claimed address is another story's, as a cache or a careless template leaves it.

        A canonical address differs from the final one after a change of headline or of the address's form too. So it
        is refused only if its words are not the headline's; or, where words say nothing, if both have a number and the
        numbers differ.
        """
        same = same_story(claim, self.url) if self.url else True
        claimed, final = _address(claim), _address(self.url)
        if same or claimed is None or final is None or not claimed.names_a_story:
            return False
        if self.titles and len(claimed.words) >= _FEWEST_WORDS:
            like = self._likeness(claimed.words)
            if len(final.words) >= _FEWEST_WORDS:
                return like <= UNLIKE and like < self._likeness(final.words)
            return like <= UNLIKE / 2
        return same is False and bool(claimed.numbers and final.numbers)

    def _likeness(self, words: frozenset[str]) -> float:
        return max((likeness(words, title) for title in self.titles), default=0.0)

    def likeness_of(self, headline: str) -> float | None:
        """How like the page's own headlines a headline is; None where either says nothing."""
        words = words_of(headline)
        return self._likeness(words) if len(words) >= _FEWEST_WORDS and self.titles else None

    def owner(self, addresses: Sequence[str], headlines: Sequence[str]) -> Owner:
        """Whose an object with these addresses and headlines is."""
        verdicts = [same_story(claim, own) for claim in addresses for own in self.addresses]
        likenesses = [each for headline in headlines if (each := self.likeness_of(headline)) is not None]
        like = max(likenesses, default=None)
        if True in verdicts or (like is not None and like >= ALIKE):
            return Owner.OWN
        if like is not None and like <= UNLIKE:
            return Owner.OTHER
        return Owner.OTHER if like is None and False in verdicts and None not in verdicts else Owner.UNKNOWN

    def choose(self, articles: list[dict[str, Any]]) -> tuple[dict[str, Any], bool]:
        """The JSON-LD article that is the page's own, {} if none, and whether another story's was there.

        Of several that may be its own, one with the page's address comes first, then one with its headline.
        """
        owners = [(each, self.owner(_addresses_of(each), _headlines_of(each))) for each in articles]
        own = [each for each, owner in owners if owner is Owner.OWN]
        unknown = [each for each, owner in owners if owner is Owner.UNKNOWN]
        at_its_address = [each for each in own if self._is_at_its_address(each)]
        chosen = next(iter((*at_its_address, *own, *unknown)), {})
        return chosen, any(owner is Owner.OTHER for _, owner in owners)

    def _is_at_its_address(self, article: dict[str, Any]) -> bool:
        return any(same_page(claim, own) for claim in _addresses_of(article) for own in self.addresses)


def _addresses_of(article: dict[str, Any]) -> list[str]:
    claims = (
        *jsonld.values(article, "mainEntityOfPage", "@id"),
        *jsonld.values(article, "mainEntityOfPage", "url"),
        *jsonld.values(article, "url"),
        *jsonld.values(article, "@id"),
    )
    return [claim.text for claim in claims if claim.text.startswith(("http://", "https://"))]


def _headlines_of(article: dict[str, Any]) -> list[str]:
    found = (*jsonld.values(article, "headline"), *jsonld.values(article, "name"))
    return [each.text for each in (*found, *jsonld.values(article, "alternativeHeadline"))]
