"""What the pages read from: the settings, the opened archive and the engine, one of each for the whole process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from sources import BadSourceError, load, names

if TYPE_CHECKING:
    from archive.database import Archive
    from indexer.contract import SearchIndex
    from kliping.config import Settings
    from web.operations import Operations


@dataclass
class Holdings:
    """An opened archive and its index. Both are used by many threads at once, and both pool their connections."""

    settings: Settings
    archive: Archive
    index: SearchIndex
    operations: Operations
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each publisher by its source's name. A source whose file cannot be read has none."""
        found = {}
        for name in names():
            try:
                found[name] = load(name).title
            except BadSourceError:
                continue
        return found

    def title_of(self, source: str) -> str:
        """A publisher's title; the source's name if there is none."""
        return self.titles.get(source, source)


def holdings_of(request: Request) -> Holdings:
    """The holdings of the app that answers a request."""
    found: Holdings = request.app.state.holdings
    return found


Opened = Annotated[Holdings, Depends(holdings_of)]
"""The parameter by which a page asks for the holdings."""
