"""Last step of `crawl`, `backfill`, `import` and the scheduler: the index catches up with the archive."""

from __future__ import annotations

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
    from kliping.config import Settings

_SAVED = "The articles are saved in the archive"


def follow_quietly(settings: Settings, archive: Archive, *, stop: Stop = never) -> bool:
    """Follow; if that is not possible, say why. Nothing is lost then: the next follow catches up.

    It goes on to its end also in a command that was asked to end, unless `stop` says otherwise. Returns whether
    somebody needs to look: the index could not catch up, or it refused a document.
    """
    try:
        index = index_of(settings)
    except SearchError as error:
        typer.echo(f"{_SAVED}, but not in the index: {error}", err=True)
        return True
    try:
        done = follow(archive, index, lease_seconds=settings.lease_seconds, wait=settings.lease_seconds, stop=stop)
    except (SearchError, LeaseLostError) as error:
        typer.echo(f"{_SAVED}, but the index is {behind(archive, index)} changes behind: {error}", err=True)
        return True
    if done.held_by:
        left = archive.last_seq() - done.cursor
        typer.echo(f"{done.held_by} updates the index already; the index is {left} changes behind for now.", err=True)
        return False
    if done.refused:
        typer.echo(f"The index refused {done.refused} articles. `kliping index failures` shows why.", err=True)
    return bool(done.refused)
