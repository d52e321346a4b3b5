"""Starts a server for tests. Where none is available the test is skipped visibly; in CI it fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pytest

from tests.support.elasticsearch.distribution import NotAvailableError
from tests.support.elasticsearch.server import Server

Made = TypeVar("Made")


def available(make: Callable[[], Made]) -> Made:
    """Return what `make` builds from the server's files. Without them the test is skipped visibly; in CI it fails."""
    try:
        return make()
    except NotAvailableError as why:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have a real Elasticsearch: {why}")
        pytest.skip(f"needs a real Elasticsearch: {why}")


def started(settings: Mapping[str, Any] | None = None, *, prepare: Callable[[Server], None] | None = None) -> Server:
    """Return a server that answers. Without one the test is skipped visibly; in CI it fails."""
    made = available(lambda: Server(settings))
    try:
        if prepare:
            prepare(made)
        made.start()
    except BaseException:
        made.remove()
        raise
    return made
