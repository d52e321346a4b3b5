"""Marks and groups of tests: which need processes or a server, and which run in one process of a parallel run.

`make quick` runs what bears none of the marks `processes`, `elasticsearch` and `large`. An unmarked test that starts a
process or listens on a port fails, so the marks stay true.
"""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARED_SERVER = "elasticsearch_server"
"""The fixture of the server that the tests of a run share (`tests.support.elasticsearch.fixtures`)."""
FILES_OF_SHARED_SERVER = frozenset(
    {
        "test_doctor_elasticsearch.py",
        "test_elasticsearch_analysis.py",
        "test_elasticsearch_follow.py",
        "test_elasticsearch_search.py",
        "test_kibana_bar.py",
        "test_kibana_words.py",
    }
)
"""Files whose tests use that server, beside the tests that have the parameter "elasticsearch"."""
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
    return SHARED_SERVER in getattr(item, "fixturenames", ()) or "elasticsearch" in parameters.values()


def uses_postgresql(item: pytest.Item) -> bool:
    """Whether a test needs a PostgreSQL server, by a fixture or as a parameter."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    names = getattr(item, "fixturenames", ())
    return "postgres_server" in names or "postgres_url" in names or "postgresql" in parameters.values()


def group_of(nodeid: str) -> str:
    """The group of a test in a parallel run: all tests of the shared server are one group, other tests one per file.

    Files have fixtures that serve several tests. The scheduler knows a test's id only, hence the table of files.
    """
    file, _, test = nodeid.partition("::")
    shared = PurePosixPath(file).name in FILES_OF_SHARED_SERVER or "[elasticsearch" in test
    return "shared server" if shared else file


class GroupScheduling(LoadScopeScheduling):
    """pytest-xdist's scheduler for groups of ours. (Its own `loadgroup` has no effect with pytest 9.2.)"""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def needs_process(item: pytest.Item) -> bool:
    """Whether a test may start processes and listen on ports. Any may that makes its archive on a server."""
    if os.environ.get("KLIPING_TEST_DATABASE", "sqlite") != "sqlite":
        return True
    return any(item.get_closest_marker(name) for name in ("processes", "elasticsearch", "postgresql", "soak"))


def mark_and_sort(items: list[pytest.Item]) -> None:
    """Mark the tests of the shared server, and put the slowest groups first. Raises pytest.UsageError.

    Servers come first, then processes, then pure tests: a long group that starts last would keep one worker busy alone.
    """
    for item in items:
        if uses_postgresql(item):
            item.add_marker("postgresql")
        if uses_elasticsearch(item):
            item.add_marker("elasticsearch")
            if group_of(item.nodeid) != "shared server":
                where = f"FILES_OF_SHARED_SERVER in {__file__}"
                raise pytest.UsageError(f"{item.nodeid} uses the shared Elasticsearch; add its file to {where}.")
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("elasticsearch"):
        return 0
    return 1 if item.get_closest_marker("processes") else 2


def allow_processes(allowed: bool) -> None:
    """Allow or forbid FORBIDDEN_EVENTS from now on, in this process."""
    _state["allowed"] = allowed
