"""An XML listing as a stream of its entries, in little memory whatever the listing does.

The parser builds no tree: what it meets is handed on piece by piece, and of each entry only the few fields that we
read are kept, each up to a limit. So a sitemap of 50 MB, or one that tries to be worse, costs its own bytes and little
more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from crawler.discover.text import BadListingError, clean_text

DEEPEST = 64
"""Elements open at once. Real feeds and sitemaps have six."""

LONGEST = 4_000
"""Characters of one field; what is longer is cut off, and is no address (archive/identity.py)."""

LARGEST_TEXT = 1_000_000
"""Characters in one element. A story's whole text in `content:encoded` has some ten thousand."""

MOST_ELEMENTS = 10_000
"""In one entry. sitemaps.org's picture extension allows a thousand pictures a page, of a few elements each."""

Roots = Mapping[str, str]
"""The name of a root element, and of the entries under it."""


def entries(content: bytes, roots: Roots) -> Iterator[tuple[str, dict[str, str]]]:
    """The entries of a listing in its order: the root's name, and the fields by local name (the first of each counts).

    A field of the news extension is "news:title". The attribute `href` of an Atom link is the field "href". Raises
    BadListingError, after what could be read, where the listing is none, is a bomb, or breaks off.
    """
    reader = _StreamReader(roots)
    # No other entities than XML's own get this far; libxml2 bounds what might slip through. Nothing is loaded.
    parser = etree.XMLParser(target=reader, encoding="utf-8", no_network=True, recover=True, remove_pis=True)
    try:
        for text in clean_text(content):
            parser.feed(text.encode())
            yield from reader.taken()
        parser.close()
    except etree.XMLSyntaxError as error:
        raise BadListingError(f"it is no XML ({error})") from error
    yield from reader.taken()
    if not reader.root:
        raise BadListingError("it is no XML")
    if not reader.ended:
        raise BadListingError(f"it breaks off, or is torn, after {reader.count:,} entries")


class _StreamReader:
    """What the parser tells its events to (lxml's "parser target"). Raises BadListingError."""

    def __init__(self, roots: Roots) -> None:
        self.root = ""
        self.ended = False
        self.count = 0
        self._roots = roots
        self._path: list[str] = []
        self._entry_at = 0
        self._fields: dict[str, str] = {}
        self._field = ""
        self._text: list[str] = []
        self._length = 0
        self._elements = 0
        self._taken: list[tuple[str, dict[str, str]]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2].rpartition(":")[2]
        if not self._path:
            self._begin(name)
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise BadListingError(f"it is nested more than {DEEPEST} deep")
        self._length = 0
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise BadListingError(f"more than {MOST_ELEMENTS:,} elements stand in one entry of it, or between two")
        if name == self._roots[self.root]:
            self._take_entry()  # one that was never closed
            self._entry_at = len(self._path)
        elif self._entry_at and (len(self._path) == self._entry_at + 1 or parent == "news"):
            self._field = f"news:{name}" if parent == "news" else name
            self._text = []
            if name == "link" and "href" in attributes and attributes.get("rel", "alternate") == "alternate":
                self._fields.setdefault("href", attributes["href"][:LONGEST].strip())

    def _begin(self, name: str) -> None:
        if name not in self._roots:
            expected = ", ".join(f"<{root}>" for root in self._roots)
            raise BadListingError(f"its root is <{name[:40]}>, and should be one of {expected}")
        self.root = name

    def data(self, text: str) -> None:
        if self._field and self._length < LONGEST:
            self._text.append(text[: LONGEST - self._length])
        self._length += len(text)
        if self._length > LARGEST_TEXT:
            raise BadListingError("one element of it holds more than a megabyte of text")

    def end(self, tag: str) -> None:  # noqa: ARG002  the parser's signature; it closes what is open
        name = self._path.pop()
        if self._field.removeprefix("news:") == name:
            value = "".join(self._text).strip()
            if value:
                self._fields.setdefault(self._field, value)
            self._field = ""
        if self._entry_at and len(self._path) < self._entry_at:
            self._take_entry()
        self.ended = not self._path

    def _take_entry(self) -> None:
        if self._fields:
            self._taken.append((self.root, self._fields))
            self.count += 1
        self._fields, self._field, self._entry_at, self._elements = {}, "", 0, 0

    def taken(self) -> Iterator[tuple[str, dict[str, str]]]:
        """The entries that were ended since the last call."""
        taken, self._taken = self._taken, []
        return iter(taken)

    def close(self) -> None:
        """The parser's last word: nothing to do."""
