"""Why a request gave no answer, by name."""

from __future__ import annotations

from collections.abc import Sequence

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.python.failure import Failure

from crawler.fetching.guard import PrivateAddressError
from crawler.fetching.politeness import HostAskedToWait
from crawler.fetching.robots import RobotsUnavailableError

FAILURES: Sequence[tuple[type[Exception], str]] = (
    (HostAskedToWait, "error:asked-to-wait"),
    (RobotsUnavailableError, "error:robots-unavailable"),
    (PrivateAddressError, "rejected:private-address"),
    (DownloadTimeoutError, "error:timeout"),
    (DownloadConnectionRefusedError, "error:connection-refused"),
    (CannotResolveHostError, "error:no-such-host"),
    (ResponseDataLossError, "error:cut-off"),
    (DownloadCancelledError, "rejected:too-large"),
    (DownloadFailedError, "error:connection"),
)
"""How each failure of a request ends its address, the more particular kinds first."""


def describe(outcome: str) -> str:
    """What an outcome says where its failure has no words of its own: "error:data-loss" is "data loss"."""
    return outcome.partition(":")[2].replace("-", " ")


def reason_of(failure: Failure) -> tuple[str, str]:
    """The outcome of an address whose request failed so, and the words for it."""
    error = failure.value
    for kind, outcome in FAILURES:
        if isinstance(error, kind):
            return outcome, str(error) or describe(outcome)
    if isinstance(error, IgnoreRequest):
        if "robots.txt" in str(error):
            return "skipped:robots", "robots.txt forbids it"
        return "error:redirects" if "redirect" in str(error).lower() else "error:ignored", str(error)
    return "error:unexpected", f"{type(error).__name__}: {error}"
