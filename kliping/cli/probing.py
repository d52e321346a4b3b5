"""Runs a probe of a publisher's site under the lease of its politeness group."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from archive import leases
from archive.hosts import load_all
from crawler.probe.child import ProbeFailedError, run
from kliping.cli import context, output

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings


def probe(settings: Settings, lease_name: str, hosts: str, task: str, argument: str) -> dict[str, Any]:
    """Run a task of `crawler.probe` and return its answer. Exits with status 1 if there is none, and if a host of the
    group asked us to wait. A host that blocks us may be asked: a look by hand finds out whether it still does.

    `hosts` is the name of the politeness group for messages.
    """
    with context.archive(settings, or_empty=True) as archive:
        _refuse_if_asked_to_wait(settings, archive, hosts)
        lease = leases.acquire(archive, lease_name, seconds=settings.lease_seconds)
        if lease is None:
            holding = leases.holder_of(archive, lease_name)
            holder = holding.in_words if holding else "another process"
            context.fail(
                f"{hosts} is being crawled by {holder}. Try again when that crawl has ended.", context.NEEDS_ATTENTION
            )
        console = output.console(stderr=True)
        try:
            with leases.renewed(lease), console.status(f"requesting pages from {hosts}"):
                return run(task, argument)
        except ProbeFailedError as error:
            context.fail(f"{str(error).rstrip('.')}.", context.NEEDS_ATTENTION)


def _refuse_if_asked_to_wait(settings: Settings, archive: Archive, group: str) -> None:
    now = datetime.now(UTC)
    with archive.reading() as connection:
        known = load_all(connection)
    for each in known:
        ours = f".{each.host}".endswith(f".{group}")
        if ours and not each.blocks and each.needs_attention(now):
            context.fail(f"{each.in_words(now, settings.zone)} Try again then.", context.NEEDS_ATTENTION)
