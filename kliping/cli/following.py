"""Last step of `crawl`, `backfill`, `import` and the scheduler: the index catches up with the archive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from archive.ending import Stop, never
from archive.leases import LeaseLostError
from indexer.contract import SearchError
from indexer.engines import index_of
from indexer.follow import follow
from indexer.status import behind

if TYPE_CHECKING:
    from archive.database import Archive
    from indexer.contract import SearchIndex
    from kliping.config import Settings

_SAVED = "The articles are saved in the archive"


def _on_stderr(sentence: str) -> None:
    typer.echo(sentence, err=True)


def follow_quietly(
    settings: Settings, archive: Archive, *, stop: Stop = never, tell: Callable[[str], object] = _on_stderr
) -> bool:
    """Follow; if that is not possible, `tell` why. Nothing is lost then: the next follow catches up.

    It goes on to its end also in a command that was asked to end, unless `stop` says otherwise. Returns whether
    somebody needs to look: the index could not catch up, or it refused a document.
    """
    try:
        index = index_of(settings)
    except SearchError as error:
        tell(f"{_SAVED}, but not in the index: {error}")
        return True
    try:
        done = follow(archive, index, lease_seconds=settings.lease_seconds, wait=settings.lease_seconds, stop=stop)
    except (SearchError, LeaseLostError) as error:
        tell(f"{_SAVED}, but the index is {behind(archive, index)} changes behind: {error}")
        return True
    if done.held_by:
        left = archive.last_seq() - done.cursor
        tell(f"{done.held_by} updates the index already; the index is {left} changes behind for now.")
        return False
    if done.refused:
        tell(f"The index refused {done.refused} articles. `kliping index failures` shows why.")
    return tell_watches(settings, archive, index, tell) or bool(done.refused)


def tell_watches(
    settings: Settings, archive: Archive, index: SearchIndex, tell: Callable[[str], object] = _on_stderr
) -> bool:
    """Tell every watch what is new to it. Returns whether somebody needs to look."""
    from notify import watching
    from notify.preferences import Preferences

    try:
        told = watching.look(archive, index, Preferences.of(settings), datetime.now(UTC))
    except SearchError as error:
        tell(f"Watches are not told yet; the next follow tells them: {error}")
        return True
    for problem in told.problems:
        tell(f"{problem} `kliping watch remove ID` removes it.")
    return bool(told.problems)
