"""What `crawl`, `import` and the scheduler end with: the index hears of what the archive has taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings


def follow_quietly(settings: Settings, archive: Archive) -> bool:
    """Follow, and say a sentence where that was not possible; nothing is lost then, the next follow catches up.

    Gives whether anybody needs to look: the index is behind for want of it, or refused a document.
    """
    from archive.leases import LeaseLostError
    from indexer.contract import SearchError
    from indexer.engines import index_of
    from indexer.follow import follow
    from indexer.status import behind

    try:
        index = index_of(settings)
    except SearchError as error:
        typer.echo(f"The archive has everything, but the index does not yet: {error}", err=True)
        return True
    try:
        done = follow(archive, index, lease_seconds=settings.lease_seconds, wait=settings.lease_seconds)
    except (SearchError, LeaseLostError) as error:
        typer.echo(
            f"The archive has everything; the index is {behind(archive, index)} changes behind: {error}", err=True
        )
        return True
    if done.held_by:
        left = archive.last_seq() - done.cursor
        typer.echo(f"{done.held_by} follows already; the index is {left} changes behind for now.", err=True)
        return False
    if done.refused:
        typer.echo(f"The index refused {done.refused} articles: `kliping index failures` shows why.", err=True)
    return bool(done.refused)
