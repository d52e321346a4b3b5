"""Killed at any moment: no notification and no watch is lost, and every double is counted."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from archive import outbox, watches
from tests.conftest import DRAWN
from tests.support.children import until
from tests.support.notifying_child import LEASE, counted, fork, forking, one_round, opened, prepare
from tests.support.webhook import Webhook

pytestmark = [pytest.mark.processes, pytest.mark.large]


def kill_at_drawn_moments(home: Path, hook: Webhook, rounds: int, seed: int) -> None:
    """Kill a child at `rounds` moments: after a drawn time, or while the hook has its message and it has no answer."""
    draw = random.Random(seed)
    with forking(home, hook.url) as parent:
        for _ in range(rounds):
            seconds = draw.uniform(0.0, 4 * LEASE)
            at_message = draw.randint(1, 3) if draw.random() < 0.4 else 0
            began = len(hook.received)
            due = threading.Event()
            hook.on_post = lambda _, goal=began + at_message, due=due: (
                due.set() if at_message and len(hook.received) >= goal else None  # noqa: B023  set anew in each round
            )
            child = fork(parent)
            if at_message:
                assert due.wait(120)
            else:
                time.sleep(seconds)  # the moment that was drawn
            os.kill(child, signal.SIGKILL)
    hook.on_post = None


def check_after_kills(home: Path, hook: Webhook) -> tuple[int, int]:
    """Let what is left be told, and check that all was. Returns how many messages came twice, and the doubts."""

    def is_all_told() -> bool:
        one_round(home, hook.url, save=False)
        with opened(home) as archive, archive.reading() as connection:
            return not outbox.has_open(connection)

    until(is_all_told)
    with opened(home) as archive:
        saved, told = counted(archive)
        with archive.reading() as connection:
            hits = watches.latest_hits(connection, 1, saved + 1)
            records = outbox.latest(connection, len(told))
    assert len(hits) == saved == sum(subject == "watch:1" for _, _, subject in told)
    kinds = [kind for _, kind, subject in told if subject == "disk"]
    assert kinds == ["change", "recovery"] * (len(kinds) // 2) + ["change"] * (len(kinds) % 2)
    assert {state for record in records for state in record.deliveries.values()} <= {"sent"}
    came: Counter[int] = Counter()
    for message in hook.received:
        numbers = re.search(r"\(No\. ([0-9, -]+)\)$", message["message"])
        assert numbers
        for span in numbers[1].split(", "):
            first, _, last = span.partition("-")
            came.update(range(int(first), int(last or first) + 1))
    assert set(came) == {number for number, _, _ in told}
    doubts = {record.id: record.doubts for record in records}
    assert all(times - 1 <= doubts[number] for number, times in came.items())
    return sum(times > 1 for times in came.values()), sum(doubts.values())


def test_kills_lose_nothing_and_doubles_are_counted(tmp_path: Path, hook: Webhook) -> None:
    home = tmp_path / "home"
    prepare(home)
    kill_at_drawn_moments(home, hook, 10, DRAWN)
    check_after_kills(home, hook)


@pytest.mark.soak
def test_a_hundred_kills_lose_nothing(tmp_path: Path, hook: Webhook) -> None:
    home = tmp_path / "home"
    prepare(home)
    kill_at_drawn_moments(home, hook, 100, DRAWN)
    doubles, doubts = check_after_kills(home, hook)
    print(f"seed {DRAWN}: {len(hook.received)} messages, {doubles} notices came twice, {doubts} doubts")  # noqa: T201
    assert doubles  # some kills fell between sending and its record
