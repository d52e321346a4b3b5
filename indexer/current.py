"""Questions to the index behind the alias, which a reindex may replace and drop at any moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from indexer.contract import PhysicalIndex, SearchError, SearchIndex

Answer = TypeVar("Answer")


def ask_current(index: SearchIndex, question: Callable[[PhysicalIndex | None], Answer]) -> Answer:
    """Ask the index behind the alias (None: there is none yet), and its successor if it was replaced meanwhile.

    An index that was replaced may be dropped at once, and then answers that it is missing, which no reindex mends.
    `question` must be one that may be asked again. Raises what `question` raises about an index that still is the
    one behind the alias.
    """
    while True:
        physical = index.current()
        try:
            return question(physical)
        except SearchError:
            if physical is None or index.alias_target() == physical.name:
                raise


def is_current(index: SearchIndex, physical: PhysicalIndex) -> bool:
    """Whether this is the index behind the alias."""
    current = index.current()
    return current is not None and current.uuid == physical.uuid
