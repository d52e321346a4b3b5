"""Reads an XML listing as a stream of entries, in little memory even if the listing is hostile.

The parser builds no tree. Of each entry only the fields that we read are kept, each up to a limit. So a sitemap of
50 MB, or a bomb, takes little more memory than its own bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from crawler.discover.text import BadListingError, clean_text

DEEPEST = 64
"""Levels of nesting. Real feeds and sitemaps have six."""

LONGEST = 4_000
"""Characters kept of one field. The rest is cut off; an address that long is refused (archive/identity.py)."""

LARGEST_TEXT = 1_000_000
"""Characters in one element. A story's whole text in `content:encoded` has about ten thousand."""

MOST_ELEMENTS = 10_000
"""Elements in one entry. Google's image extension of sitemaps allows a thousand images a page, a few elements each."""

Roots = Mapping[str, str]
"""Names of root elements, each with the name of the entries below it."""


def entries(content: bytes, roots: Roots) -> Iterator[tuple[str, dict[str, str]]]:
    """The entries of a listing in its order: the root's name, and the fields by local name (the first of each name).

    A field of the news extension is "news:title". The attribute `href` of an Atom link is the field "href". Raises
    BadListingError if the listing is not one, is a bomb, or is incomplete; the entries before that are yielded first.
    """
    reader = _StreamReader(roots)
    # clean_text refuses entity declarations; libxml2 limits expansion as well. Nothing is loaded from the network.
    parser = etree.XMLParser(target=reader, encoding="utf-8", no_network=True, recover=True, remove_pis=True)
    try:
        for text in clean_text(content):
            parser.feed(text.encode())
            yield from reader.take_entries()
        parser.close()
    except etree.XMLSyntaxError as error:
        raise BadListingError(f"it is not XML ({error})") from error
    yield from reader.take_entries()
    if not reader.root:
        raise BadListingError("it is not XML")
    if not reader.ended:
        raise BadListingError(f"it is incomplete: it ends after {reader.count:,} entries")


class _StreamReader:
    """Receives the parser's events (lxml's "parser target"). Raises BadListingError."""

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
        self._finished: list[tuple[str, dict[str, str]]] = []

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
            raise BadListingError(f"it has more than {MOST_ELEMENTS:,} elements in one entry, or between two")
        if name == self._roots[self.root]:
            self._finish_entry()  # an entry that was never closed
            self._entry_at = len(self._path)
        elif self._entry_at and (len(self._path) == self._entry_at + 1 or parent == "news"):
            self._field = f"news:{name}" if parent == "news" else name
            self._text = []
            if name == "link" and "href" in attributes and attributes.get("rel", "alternate") == "alternate":
                self._fields.setdefault("href", attributes["href"][:LONGEST].strip())

    def _begin(self, name: str) -> None:
        if name not in self._roots:
            expected = " or ".join(f"<{root}>" for root in self._roots)
            raise BadListingError(f"its root is <{name[:40]}>, not {expected}")
        self.root = name

    def data(self, text: str) -> None:
        if self._field and self._length < LONGEST:
            self._text.append(text[: LONGEST - self._length])
        self._length += len(text)
        if self._length > LARGEST_TEXT:
            raise BadListingError("one of its elements has more than a million characters")

    def end(self, tag: str) -> None:  # noqa: ARG002  the parser's signature; an end tag closes the open element
        name = self._path.pop()
        if self._field.removeprefix("news:") == name:
            value = "".join(self._text).strip()
            if value:
                self._fields.setdefault(self._field, value)
            self._field = ""
        if self._entry_at and len(self._path) < self._entry_at:
            self._finish_entry()
        self.ended = not self._path

    def _finish_entry(self) -> None:
        if self._fields:
            self._finished.append((self.root, self._fields))
            self.count += 1
        self._fields, self._field, self._entry_at, self._elements = {}, "", 0, 0

    def take_entries(self) -> Iterator[tuple[str, dict[str, str]]]:
        """The entries finished since the last call."""
        entries, self._finished = self._finished, []
        return iter(entries)

    def close(self) -> None:
        """Called by the parser at the end; nothing to do."""
