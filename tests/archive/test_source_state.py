"""The state of a source says what its verdict was about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archive.health.state import SourceState, state_after
from archive.politeness import HostTraffic
from archive.runs import RunReport

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def report(verdict: str | None, outcomes: dict[str, int], **changes: Any) -> RunReport:
    fields: dict[str, Any] = {
        "id": "run",
        "source": "antara",
        "kind": "crawl",
        "started_at": NOW,
        "ended_at": NOW if verdict else None,
        "holder": "us",
        "verdict": verdict,
        "reason": "…",
        "listed": 50,
        "taken_up": sum(outcomes.values()),
        "outcomes": outcomes,
        "unfinished": 0,
        "traffic": {"requests": 60},
        "hosts": (HostTraffic(host="a.example", requests=60),),
        "problems": (),
    }
    return RunReport(**fields | changes)


REFUSING = (HostTraffic(host="a.example", requests=3, refused=3),)


@pytest.mark.parametrize(
    ("verdict", "outcomes", "changes", "state"),
    [
        (None, {}, {}, None),
        ("good", {"stored": 40, "rejected:no-date": 1}, {}, SourceState.HEALTHY),
        ("attention", {"stored": 40}, {}, SourceState.POOR),  # too few were listed, or a field fell out
        ("attention", {"stored": 40, "error:http-500": 9}, {}, SourceState.POOR),
        ("attention", {"stored": 10, "rejected:no-article": 30}, {}, SourceState.BROKEN),
        ("attention", {"stored": 30, "error:http-429": 18}, {}, SourceState.BLOCKED),
        ("failed", {"blocked": 40}, {}, SourceState.BLOCKED),
        ("failed", {"error:http-403": 39, "error:timeout": 1}, {}, SourceState.BLOCKED),
        ("failed", {"error:asked-to-wait": 118}, {}, SourceState.BLOCKED),
        ("failed", {"rejected:no-article": 40}, {}, SourceState.BROKEN),
        ("failed", {"rejected:no-date": 40, "blocked": 5}, {}, SourceState.BROKEN),
        ("failed", {"error:timeout": 40}, {}, SourceState.BROKEN),
        ("failed", {}, {"listed": 0}, SourceState.EMPTY),
        ("failed", {}, {"listed": 0, "hosts": REFUSING}, SourceState.BLOCKED),
        ("failed", {"error:interrupted": 7}, {"listed": 0, "traffic": {}, "hosts": ()}, SourceState.BROKEN),
    ],
)
def test_the_state_of_a_source(
    verdict: str | None, outcomes: dict[str, int], changes: dict[str, Any], state: SourceState | None
) -> None:
    assert state_after(report(verdict, outcomes, **changes)) == state
