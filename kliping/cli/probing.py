"""A probe of a publisher's site under the lease of its politeness group, as the commands start it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kliping.cli import context, output

if TYPE_CHECKING:
    from kliping.config import Settings


def probe(settings: Settings, lease_name: str, hosts: str, task: str, argument: str) -> dict[str, Any]:
    """Carry out a task of `crawler.probe.site`. Ends with status 1 and a sentence where it gives no answer.

    `hosts` is how people call the politeness group whose lease is taken.
    """
    from archive import leases
    from crawler.probe.site import ProbeFailedError, run

    with context.archive(settings) as archive:
        lease = leases.acquire(archive, lease_name, seconds=settings.lease_seconds)
        if lease is None:
            holding = leases.holder_of(archive, lease_name)
            holder = holding.in_words if holding else "another process"
            context.fail(
                f"{hosts} is being crawled by {holder}; try again when that has ended.", context.NEEDS_ATTENTION
            )
        console = output.console(stderr=True)
        try:
            with leases.Heartbeat(lease), console.status(f"asking {hosts}, politely"):
                return run(task, argument)
        except ProbeFailedError as error:
            context.fail(f"{error}.", context.NEEDS_ATTENTION)
        finally:
            lease.release()
