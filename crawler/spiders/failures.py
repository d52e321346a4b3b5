"""The outcome of an address whose request failed."""

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

from crawler.fetching.coding import UndecodableError
from crawler.fetching.guard import BadHostError, PrivateAddressError
from crawler.fetching.politeness import CrawlIsEnding, HostAskedToWait, HostBlocksUs
from crawler.fetching.robots import RobotsUnavailableError

FAILURES: Sequence[tuple[type[Exception], str]] = (
    (HostAskedToWait, "error:asked-to-wait"),
    (HostBlocksUs, "error:host-blocks"),
    (CrawlIsEnding, "error:stopped"),
    (RobotsUnavailableError, "error:robots-unavailable"),
    (BadHostError, "rejected:bad-address"),
    (PrivateAddressError, "rejected:private-address"),
    (DownloadTimeoutError, "error:timeout"),
    (DownloadConnectionRefusedError, "error:connection-refused"),
    (CannotResolveHostError, "error:no-such-host"),
    (ResponseDataLossError, "error:cut-off"),
    (DownloadCancelledError, "rejected:too-large"),
    (DownloadFailedError, "error:connection"),
    (UndecodableError, "error:undecodable"),
)
"""Exception class of a failed request → outcome of its address; subclasses before their base classes."""


def describe(outcome: str) -> str:
    """An outcome in words, for failures without a message: "error:data-loss" is "data loss"."""
    return outcome.partition(":")[2].replace("-", " ")


def outcome_of(failure: Failure) -> tuple[str, str]:
    """The outcome of an address whose request failed, and its detail in words."""
    error = failure.value
    for kind, outcome in FAILURES:
        if isinstance(error, kind):
            return outcome, str(error) or describe(outcome)
    if isinstance(error, IgnoreRequest):
        if "robots.txt" in str(error):
            return "skipped:robots", "robots.txt forbids it"
        return "error:redirects" if "redirect" in str(error).lower() else "error:ignored", str(error)
    return "error:unexpected", f"{type(error).__name__}: {error}"
