"""The outbox: everything arrives once; a dead target delays it; a doubt is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from archive import outbox
from archive.database import Archive
from archive.outbox import Recipient
from notify import targets
from notify.preferences import Preferences
from notify.sending import MOST_SINGLE, SendingReport, deliver
from notify.targets import Message
from tests.notify.conftest import Moved
from tests.support.postgresql.archives import on_both
from tests.support.webhook import Webhook

pytestmark = pytest.mark.processes
Put = Callable[..., None]


@pytest.fixture
def run(archive: Archive, wishes: Preferences, clock: Moved) -> Callable[..., SendingReport]:
    """Deliver what is due."""

    def deliver_now(**options: Any) -> SendingReport:
        return deliver(archive, options.pop("wishes", wishes), lease_seconds=60, now=clock, **options)

    return deliver_now


Run = Callable[..., SendingReport]


def test_what_is_due_is_delivered_once(hook: Webhook, put: Put, run: Run, clock: Moved) -> None:
    put("one", Recipient("desk", clock()), at=clock())
    put("later", Recipient("desk", clock() + timedelta(hours=1)), at=clock())
    assert run().sent == 1
    assert hook.titles == ["one"]
    assert hook.received[0]["message"] == "About one.\n(No. 1)"
    assert hook.received[0]["type"] == "warning"
    clock.forward(hours=1)
    assert run().sent == 1
    assert run().sent == 0
    assert hook.titles == ["one", "later"]


def test_a_dead_target_delays_and_loses_nothing(hook: Webhook, put: Put, run: Run, clock: Moved) -> None:
    hook.status = 503
    put("one", Recipient("desk", clock()), at=clock())
    put("two", Recipient("desk", clock()), at=clock())
    assert list(run().failed) == ["desk"]
    assert hook.refused == 1  # the second message is not tried: the target is dead
    assert run().failed == {}
    assert hook.refused == 1  # it is left alone for a minute
    tried = []
    for _ in range(40):
        clock.forward(minutes=10)
        tried.append(len(run().failed))
    assert sum(tried) < 20  # less and less often
    hook.status = 200
    clock.forward(hours=6)
    run()
    assert sorted(hook.titles) == ["one", "two"]
    assert run().sent == 0


def test_a_message_that_is_always_refused_keeps_no_other_back(
    archive: Archive, put: Put, run: Run, clock: Moved
) -> None:
    arrived = []

    def picky(_url: str, message: Message) -> str | None:
        if message.title == "bad":
            return "I do not like it"
        arrived.append(message.title)
        return None

    put("bad", Recipient("desk", clock()), at=clock())
    for number in range(5):
        put(f"good {number}", Recipient("desk", clock()), at=clock())
        run(send=picky)
        clock.forward(minutes=31)
    assert arrived == [f"good {number}" for number in range(5)]
    with archive.reading() as connection:
        assert [(each.title, each.problem) for each in outbox.pending(connection)] == [("bad", "I do not like it")]


def test_many_messages_at_once_are_one(hook: Webhook, put: Put, run: Run, clock: Moved) -> None:
    for number in range(MOST_SINGLE + 1):
        put(f"no. {number}", Recipient("desk", clock()), at=clock())
    run()
    assert hook.titles == [f"Kliping: {MOST_SINGLE + 1} messages"]
    assert all(f"no. {number}" in hook.received[0]["message"] for number in range(MOST_SINGLE + 1))


def test_a_bundle_is_one_message(hook: Webhook, put: Put, run: Run, clock: Moved) -> None:
    for title in ("one", "two"):
        put(title, Recipient("desk", clock(), "watch:1"), at=clock())
    put("three", Recipient("desk", clock()), at=clock())
    run()
    assert sorted(hook.titles) == ["Kliping: 2 messages", "three"]


def test_each_target_has_deliveries_of_its_own(
    hook: Webhook, put: Put, run: Run, clock: Moved, wishes: Preferences
) -> None:
    put("one", Recipient("desk", clock()), Recipient("dead", clock()), at=clock())
    both = replace(wishes, targets={"dead": "json://127.0.0.1:1/", **wishes.targets})
    report = run(wishes=both)
    assert hook.titles == ["one"]
    assert list(report.failed) == ["dead"]


def test_a_target_that_is_not_set_any_more_keeps_its_messages(
    archive: Archive, put: Put, run: Run, clock: Moved
) -> None:
    put("one", Recipient("former", clock()), at=clock())
    assert run().unknown == ["former"]
    with archive.writing() as connection:
        assert outbox.drop(connection, "former") == 1
    assert run().unknown == []


@on_both
def test_what_was_cut_off_while_it_was_sent_is_sent_again_and_counted(
    archive: Archive, hook: Webhook, put: Put, run: Run, clock: Moved
) -> None:
    put("one", Recipient("desk", clock()), at=clock())

    def killed(url: str, message: Message) -> str | None:
        targets.send(url, message)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(send=killed)
    report = run()
    assert (report.sent, report.doubts) == (1, 1)
    assert hook.titles == ["one", "one"]
    assert hook.received[0] == hook.received[1]  # with the same number
    with archive.reading() as connection:
        assert [each.doubts for each in outbox.latest(connection, 1)] == [1]


def test_two_processes_do_not_send_at_once(hook: Webhook, put: Put, run: Run, clock: Moved) -> None:
    put("one", Recipient("desk", clock()), at=clock())
    reports = []
    hook.on_post = lambda _: reports.append(run())
    run()
    assert [bool(each.held_by) for each in reports] == [True]
    assert hook.titles == ["one"]


def test_a_delivery_that_was_planned_while_the_clock_stood_ahead_is_due(
    hook: Webhook, put: Put, run: Run, clock: Moved
) -> None:
    put("one", Recipient("desk", clock() + timedelta(days=400)), at=clock())
    run()
    assert hook.titles == ["one"]


def test_a_key_is_told_once(hook: Webhook, put: Put, run: Run, clock: Moved) -> None:
    for _ in range(2):
        put("one", Recipient("desk", clock()), at=clock(), key="digest:2026-03-01")
    run()
    assert hook.titles == ["one"]
