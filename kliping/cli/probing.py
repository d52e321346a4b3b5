"""Runs a probe of a publisher's site under the lease of its politeness group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive import leases
from crawler.probe.child import ProbeFailedError, run
from kliping.cli import context, output

if TYPE_CHECKING:
    from kliping.config import Settings


def probe(settings: Settings, lease_name: str, hosts: str, task: str, argument: str) -> dict[str, Any]:
    """Run a task of `crawler.probe` and return its answer. Exits with status 1 if there is none.

    `hosts` is the name of the politeness group for messages.
    """
    with context.archive(settings, or_empty=True) as archive:
        lease = leases.acquire(archive, lease_name, seconds=settings.lease_seconds)
        if lease is None:
            holding = leases.holder_of(archive, lease_name)
            holder = holding.in_words if holding else "another process"
            context.fail(
                f"{hosts} is being crawled by {holder}. Try again when that crawl has ended.", context.NEEDS_ATTENTION
            )
        console = output.console(stderr=True)
        try:
            with leases.Heartbeat(lease), console.status(f"requesting pages from {hosts}"):
                return run(task, argument)
        except ProbeFailedError as error:
            context.fail(f"{str(error).rstrip('.')}.", context.NEEDS_ATTENTION)
        finally:
            lease.release()
