"""The state of a source in one word, from the report of its last crawl: it names what the verdict was about."""

from __future__ import annotations

from enum import StrEnum

from archive.outcomes import HARVEST
from archive.runs import TOLERATED_SHARE, RunReport

REFUSALS = (
    "blocked",
    "rejected:blocked",
    "error:asked-to-wait",
    "error:http-401",
    "error:http-403",
    "error:http-429",
    "error:http-451",
)
"""Outcomes of addresses whose host does not want us."""


UNREAD = ("blocked", "error:", "rejected:")


class SourceState(StrEnum):
    """The state of a source, as people are told of it."""

    HEALTHY = "healthy"
    POOR = "poor"
    """There was a harvest, and something about it needs attention."""
    EMPTY = "empty"
    """Nothing was listed."""
    BLOCKED = "blocked"
    """The publisher refuses us."""
    BROKEN = "broken"
    """Pages were listed and could not be read, or the crawl died."""
    OVERDUE = "overdue"
    """Its last crawl was good, and the next one is missing (`scheduler.watchman`)."""


def state_after(report: RunReport) -> SourceState | None:
    """The state of a source after a crawl; None if that has not ended."""
    if report.ended_at is None or report.verdict is None:
        return None
    if report.verdict == "good":
        return SourceState.HEALTHY
    harvest = sum(report.outcomes.get(name, 0) for name in HARVEST)
    refused = sum(report.outcomes.get(name, 0) for name in REFUSALS)
    unread = sum(count for name, count in report.outcomes.items() if name.startswith(UNREAD))
    if refused > TOLERATED_SHARE * report.taken_up and 2 * refused >= unread:
        return SourceState.BLOCKED
    if not report.listed and any(host.refused for host in report.hosts):
        return SourceState.BLOCKED
    if not report.traffic:  # closed by another process, because its own had died
        return SourceState.BROKEN
    if not report.listed and not harvest:
        return SourceState.EMPTY
    if report.verdict == "failed" or unread - refused > harvest:
        return SourceState.BROKEN
    return SourceState.POOR
