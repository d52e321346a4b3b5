"""Which engine the settings mean."""

from __future__ import annotations

from pathlib import Path

from indexer.contract import SearchError, SearchIndex


class UnknownEngine(SearchError):
    """`INDEX_URL` names no engine that there is."""


def open_index(url: str, home: Path, alias: str) -> SearchIndex:
    """The engine of an `INDEX_URL`: "embedded:" stands in HOME/index. Nothing is made yet. Raises UnknownEngine."""
    if url == "embedded:":
        from indexer.embedded import EmbeddedIndex  # tantivy is loaded only where it is used

        return EmbeddedIndex(home / "index", alias)
    if url.startswith(("http://", "https://")):
        raise UnknownEngine(f"KLIPING_INDEX_URL is {url}, and this version has the embedded engine alone.")
    raise UnknownEngine(f"KLIPING_INDEX_URL is {url!r}; it must be `embedded:`.")
