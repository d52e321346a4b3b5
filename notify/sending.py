"""Delivers what waits in the outbox. A target that cannot be reached delays its messages, and loses none.

One process sends at a time, under a lease. A delivery is marked before it is sent, and again after it. A process that
is killed between the two leaves the first mark; its successor sends that message again and counts a doubt, because
nobody knows whether it arrived. Nothing else is ever sent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from archive import outbox, watches
from archive.database import Archive
from archive.leases import Lease, acquire, check, holder_now, renewed
from archive.outbox import Delivery, NoticeKind
from notify import targets
from notify.preferences import Preferences
from notify.targets import Message, Send
from notify.wording import Wording

LEASE = "notify"
RETRY_MINUTES = (1, 5, 15, 30, 60, 120, 240, 360)
"""How long a target is left alone after its first, second … failure; the last one for all that follow."""
MOST_SINGLE = 10
"""Messages that a target gets one by one. If more are due at once, they are joined into one."""
APART = 4
"""Every fourth attempt is made one by one, in case that one of joined messages is what the target refuses."""
MOST_JOINED = 50
"""Messages that one message tells in full."""

log = structlog.get_logger()


@dataclass(slots=True)
class SendingReport:
    """What was delivered. `failed` has the targets that could not be reached, and why; `unknown` those that have no
    address any more; `doubts` counts deliveries that may have arrived before, too. `held_by`: another process sends."""

    sent: int = 0
    doubts: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    held_by: str | None = None


def deliver(
    archive: Archive,
    wishes: Preferences,
    *,
    lease_seconds: float,
    send: Send = targets.send,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SendingReport:
    """Deliver everything that is due. Raises LeaseLostError if this process slept past its lease."""
    report = SendingReport()
    with archive.reading() as connection:
        waiting = outbox.has_open(connection)
    if not waiting:
        return report
    lease = acquire(archive, LEASE, seconds=lease_seconds)
    if lease is None:
        holder = holder_now(archive, LEASE)
        report.held_by = holder.holder if holder else "another process"
        return report
    with renewed(lease):
        with archive.writing() as connection:
            check(connection, lease)
            report.doubts = outbox.release_cut_off(connection, now())
        if report.doubts:
            log.warning("sent again: the process ended while sending", deliveries=report.doubts)
        _deliver_due(archive, wishes, lease, send, now, report)
    return report


def _deliver_due(
    archive: Archive,
    wishes: Preferences,
    lease: Lease,
    send: Send,
    now: Callable[[], datetime],
    report: SendingReport,
) -> None:
    with archive.reading() as connection:
        due = outbox.due(connection, now())
        resting = outbox.resting(connection, now())
        addresses = _addresses(wishes.targets, watches.all_watches(connection) if due else [])
    wording = Wording(wishes.language, wishes.zone)
    for target, waiting in due.items():
        if target not in addresses:
            report.unknown.append(target)
            continue
        if target in resting:
            continue
        for parcel in parcels(waiting):
            problem = _send(archive, lease, send, now, addresses[target], parcel, wording)
            if problem is not None:
                report.failed[target] = problem
                log.warning("not delivered; tried again later", target=target, messages=len(waiting), problem=problem)
                break
            report.sent += len(parcel)


def _addresses(configured: Mapping[str, str], watching: Sequence[watches.SearchWatch]) -> dict[str, str]:
    return dict(configured) | {each.subject: each.address for each in watching if each.address}


def parcels(due: Sequence[Delivery]) -> Sequence[Sequence[Delivery]]:
    """What is due to one target, in messages: each bundle is one, and so are more than MOST_SINGLE others.

    What failed most often comes last: a message that the target always refuses keeps no other back.
    """
    bundles: dict[str, list[Delivery]] = {}
    single: list[Delivery] = []
    for each in due:
        if each.bundle is None:
            single.append(each)
        else:
            bundles.setdefault(each.bundle, []).append(each)
    apart = [each for each in single if each.attempts % APART == APART - 1]
    others = [each for each in single if each.attempts % APART != APART - 1]
    joined = [others] if len(others) > MOST_SINGLE else [[each] for each in others]
    found = [*joined, *([each] for each in apart[:MOST_SINGLE]), *bundles.values()]
    return sorted(found, key=lambda parcel: (min(each.attempts for each in parcel), parcel[0].notice_id))


def message_of(parcel: Sequence[Delivery], wording: Wording) -> Message:
    """The message about some notices. It ends with their numbers: one that comes twice has the same ones."""
    alarm = any(each.kind is NoticeKind.CHANGE for each in parcel)
    if len(parcel) == 1:
        title, body = parcel[0].title, parcel[0].body
    else:
        in_order = sorted(parcel, key=lambda each: each.notice_id)
        title, body = wording.joined([(each.title, each.body) for each in in_order], MOST_JOINED)
    numbers = in_spans(sorted(each.notice_id for each in parcel))
    return Message(title, f"{body}\n(No. {numbers})", alarm)


def in_spans(numbers: Sequence[int]) -> str:
    """Ascending numbers for people: "4-9, 11"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)


def _send(
    archive: Archive,
    lease: Lease,
    send: Send,
    now: Callable[[], datetime],
    address: str,
    parcel: Sequence[Delivery],
    wording: Wording,
) -> str | None:
    """Send one message, with a mark before and after. Returns why it was not accepted, or None."""
    message = message_of(parcel, wording)
    with archive.writing() as connection:
        check(connection, lease)
        outbox.begin_sending(connection, parcel, now())
    problem = send(address, message)
    with archive.writing() as connection:
        check(connection, lease)
        if problem is None:
            outbox.record_sent(connection, parcel, now())
        else:
            tried = max(each.attempts for each in parcel)
            minutes = RETRY_MINUTES[min(tried, len(RETRY_MINUTES) - 1)]
            outbox.record_failed(connection, parcel, problem, now() + timedelta(minutes=minutes))
    return problem
