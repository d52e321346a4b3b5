"""Pages of a search that neither skip nor repeat an article, whatever is indexed between two pages.

A search by date continues after the last article's place in that order, which `documents.order_of` and the id fix for
good: whatever comes in, the articles behind that place stay behind it. Relevance has no such places, because every
article that comes in changes the scores of the others. There, a cursor holds the ids (eight bytes of each) of the
articles that were shown, and the next page has the most relevant of all others. An article that came in meanwhile may
be among them; none that was there is lost.

Where copies of a story are folded (`Query.folds`), the first of a family stands for it: on a page by date, on all pages
by relevance.

A search that finds little asks for fewer words, or corrects them. Its pages all do so, even if enough articles that
have all words come in meanwhile: the cursor holds how the first page was read.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntFlag
from typing import Generic, TypeVar

from indexer.contract import SearchError
from indexer.queries import Query, Sort

MOST_SHOWN = 10_000
"""Articles that pages by relevance show. The cursor of so many has 110,000 characters; one argument of a command may
have 131,072 (Linux, MAX_ARG_STRLEN)."""

_CHECK_BYTES = 4
_SEARCH_BYTES = 6
_ID_BYTES = 8
_ORDER_BYTES = 8

Raw = TypeVar("Raw")


class Reading(IntFlag):
    """How a search was read, beyond its words: what `indexer.answering` decided for its first page."""

    AS_TYPED = 0
    CORRECTED = 1
    """Words that no article has were corrected."""
    FEWER = 2
    """Fewer words were asked for, too."""
    BELOW = 4
    """Articles with fewer words stand below those that have all, which are the first part."""
    NEARLY_ALL = 8
    """Only a few words may be missing, because some articles have all."""


class BadCursorError(SearchError):
    """A cursor that is damaged, or of another search."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Raw]):
    """A match in the order of its search. `order` is None in an index without that field (before schema 3). `part` is
    the number of its part, where articles with all words stand above others. `family` is that of the article."""

    id: str
    order: int | None
    raw: Raw
    part: int = 0
    family: str | None = None


class Pager(Generic[Raw]):
    """Takes the page of a query from its matches. Raises BadCursorError.

    `after` is the order and id of the last article of the page before, in a search by date, and `part` the number of
    its part. `wanted` is how many matches are needed, from there on. After the last match was taken, `next` is the
    cursor of the next page; None after the last page, and after MOST_SHOWN articles by relevance.
    """

    def __init__(self, query: Query, reading: Reading = Reading.AS_TYPED) -> None:
        self.after: tuple[int, str] | None = None
        self.part = 0
        self.next: str | None = None
        self._shown: set[bytes] = set()
        self._families: set[str | None] = set()
        self._query = query
        self._reading = reading
        self._by_date = query.order is not Sort.RELEVANCE
        if query.after is not None:
            _, place = _parts_of(query.after, query)
            self._read(place)
        self.wanted = len(self._shown) + query.offset + query.limit + 1

    def place_in(self, part: int) -> tuple[int, str] | None:
        """Where a part's matches of this page begin, in a search by date; None for its first match."""
        return self.after if part == self.part else None

    def take(self, matches: Iterable[Found[Raw]]) -> Iterator[Found[Raw]]:
        """The matches of the page, out of all matches from `after` on in the order of the search."""
        position, last = 0, None
        for each in matches:
            keys = self._keys(each)
            if self._shown.intersection(keys) or (each.family in self._families and each.family is not None):
                continue
            if position == self._query.offset + self._query.limit:
                self.next = self._cursor(last)
                return
            if len(self._shown) <= MOST_SHOWN:
                self._shown.update(keys)
            if self._query.folds:
                self._families.add(each.family)
            position, last = position + 1, each
            if position > self._query.offset:
                yield each

    def _keys(self, found: Found[Raw]) -> tuple[bytes, ...]:
        """What a cursor by relevance holds of an article: its id, and its family if families are folded."""
        if self._by_date:
            return ()
        family = (_key(f"family {found.family}"),) if self._query.folds and found.family is not None else ()
        return (_key(found.id), *family)

    def _cursor(self, last: Found[Raw] | None) -> str | None:
        if not self._by_date:
            return self._written(b"".join(sorted(self._shown))) if len(self._shown) <= MOST_SHOWN else None
        if last is None or last.order is None:
            return None
        place = bytes([last.part]) + last.order.to_bytes(_ORDER_BYTES, "big")
        return self._written(place + last.id.encode(errors="surrogatepass"))

    def _written(self, place: bytes) -> str:
        inner = _search_key(self._query) + bytes([self._reading]) + place
        return urlsafe_b64encode(_hash(inner, _CHECK_BYTES) + inner).decode().rstrip("=")

    def _read(self, place: bytes) -> None:
        if self._by_date:
            self.part, order, article_id = place[0], place[1 : 1 + _ORDER_BYTES], place[1 + _ORDER_BYTES :]
            self.after = (int.from_bytes(order, "big"), article_id.decode(errors="surrogatepass"))
        else:
            self._shown = {place[at : at + _ID_BYTES] for at in range(0, len(place), _ID_BYTES)}


def reading_of(query: Query) -> Reading | None:
    """How the first page of a search was read; None for the first page itself. Raises BadCursorError."""
    return None if query.after is None else _parts_of(query.after, query)[0]


def _parts_of(cursor: str, query: Query) -> tuple[Reading, bytes]:
    """The reading and the place that a cursor holds."""
    try:
        decoded = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, inner = decoded[:_CHECK_BYTES], decoded[_CHECK_BYTES:]
        if len(inner) <= _SEARCH_BYTES or check != _hash(inner, _CHECK_BYTES):
            raise ValueError("cut off or changed")
    except ValueError as error:
        shown = cursor if len(cursor) <= 40 else f"{cursor[:40]}…"
        sentence = f"{shown!r} is not a cursor. Give the `next` of the page before, unchanged."
        raise BadCursorError(sentence) from error
    if inner[:_SEARCH_BYTES] != _search_key(query):
        raise BadCursorError(
            "This cursor belongs to another search. Give the same query, options and order as for the page before, or "
            "leave the cursor out to begin anew."
        )
    return Reading(inner[_SEARCH_BYTES]), inner[_SEARCH_BYTES + 1 :]


def _search_key(query: Query) -> bytes:
    """Tells searches apart: what is asked for and in which order, whatever the size of the page."""
    return _hash(f"{query.order}\0{query.root!r}".encode(errors="replace"), _SEARCH_BYTES)


def _key(article_id: str) -> bytes:
    return _hash(article_id.encode(errors="replace"), _ID_BYTES)


def _hash(content: bytes, size: int) -> bytes:
    return hashlib.blake2b(content, digest_size=size).digest()
