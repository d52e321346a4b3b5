"""Marks and groups of tests: which need processes or a server, and which run in one process of a parallel run.

`make quick` runs what bears none of the marks `processes`, `elasticsearch` and `large`. An unmarked test that starts a
process or listens on a port fails, so the marks stay true.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

SHARED_SERVER = "elasticsearch_server"
"""The fixture of the server that the tests of a run share (`tests.support.elasticsearch.fixtures`)."""
FORBIDDEN_EVENTS = frozenset({"subprocess.Popen", "os.fork", "os.posix_spawn", "socket.bind"})
"""Audit events (Python's reference, "Audit events table") of starting a process or listening on a port."""

_state = {"allowed": True}


class UnmarkedTestError(Exception):
    """A test without the mark `processes` starts a process or listens on a port."""


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _state["allowed"] and event in FORBIDDEN_EVENTS:
        raise UnmarkedTestError(f"{event}{arguments[:1]}: mark this test with @pytest.mark.processes.")


sys.addaudithook(_watch)


def uses_elasticsearch(item: pytest.Item) -> bool:
    """Whether a test runs on the shared server, by a fixture or as a parameter of the contract's tests."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return SHARED_SERVER in getattr(item, "fixturenames", ()) or parameters.get("engine_url") == "elasticsearch"


def needs_process(item: pytest.Item) -> bool:
    """Whether a test may start processes and listen on ports."""
    return any(item.get_closest_marker(name) for name in ("processes", "elasticsearch", "soak"))


def mark_and_group(items: list[pytest.Item]) -> None:
    """Mark the tests of the shared server, group all tests for pytest-xdist, and put the slowest groups first.

    A group runs in one process of a parallel run (`--dist loadgroup`): the tests of the shared server together, all
    others by file, because files have fixtures that serve several tests.
    """
    for item in items:
        if uses_elasticsearch(item):
            item.add_marker("elasticsearch")
            item.add_marker(pytest.mark.xdist_group("shared-server"))
        else:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Servers first, then processes, then pure tests: a long group that starts last would keep one process alone."""
    if item.get_closest_marker("elasticsearch"):
        return 0
    return 1 if item.get_closest_marker("processes") else 2


def allow_processes(allowed: bool) -> None:
    """Allow or forbid FORBIDDEN_EVENTS from now on, in this process."""
    _state["allowed"] = allowed
