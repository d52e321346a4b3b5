"""The outbox: what people are told, and to which targets it was delivered.

A notice and its deliveries are written in the transaction of what they tell, so neither is ever without the other. A
delivery is marked as `sending` before it is sent and as `sent` after it. One that is found `sending` when nobody sends
was cut off in between: it is sent again, and counted as a doubt, because it may have arrived. Every other delivery
arrives exactly once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from archive.clock import TOLERANCE
from archive.notice_tables import deliveries, notices

LONGEST_WAIT = timedelta(days=1)
"""A delivery that is planned further ahead was written while the clock stood ahead. It is due."""


REST = timedelta(minutes=30)
"""How long a target that failed is not tried with other messages, at most."""


class DeliveryState(StrEnum):
    """The state of a delivery."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"


class NoticeKind(StrEnum):
    """What a notice tells."""

    CHANGE = "change"
    RECOVERY = "recovery"
    DIGEST = "digest"
    HIT = "hit"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """What people are to be told. Of two notices with one `key` only the first is written."""

    kind: NoticeKind
    subject: str
    title: str
    body: str
    at: datetime
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a notice goes, not before which moment. Those of one bundle that are due go in one message."""

    target: str
    not_before: datetime
    bundle: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery, with its notice. `doubts` is how many of its attempts may have arrived, unknown to us."""

    notice_id: int
    target: str
    state: DeliveryState
    not_before: datetime
    bundle: str | None
    attempts: int
    doubts: int
    tried_at: datetime | None
    sent_at: datetime | None
    problem: str | None
    kind: NoticeKind
    subject: str
    title: str
    body: str
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        moments = ("not_before", "tried_at", "sent_at", "at")
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        for name in moments:
            plain[name] = plain[name].isoformat() if plain[name] else None
        return plain | {"state": str(self.state), "kind": str(self.kind)}


def add(connection: Connection, told: Sequence[tuple[NewNotice, Sequence[Recipient]]]) -> int:
    """Write notices with their deliveries. Returns how many are new: those with a known key are left out.

    The caller's transaction must be a writing one.
    """
    known = _known_keys(connection, [notice.key for notice, _ in told if notice.key])
    fresh = [(notice, to) for notice, to in told if notice.key is None or notice.key not in known]
    if not fresh:
        return 0
    first = int(connection.execute(select(func.coalesce(func.max(notices.c.id), 0))).scalar_one()) + 1
    connection.execute(
        insert(notices),
        [
            {
                "id": first + number,
                "key": notice.key,
                "kind": str(notice.kind),
                "subject": notice.subject,
                "title": notice.title,
                "body": notice.body,
                "at": notice.at,
            }
            for number, (notice, _) in enumerate(fresh)
        ],
    )
    rows = [
        {
            "notice_id": first + number,
            "target": each.target,
            "state": str(DeliveryState.WAITING),
            "not_before": each.not_before,
            "bundle": each.bundle,
        }
        for number, (_, to) in enumerate(fresh)
        for each in to
    ]
    if rows:
        connection.execute(insert(deliveries), rows)
    return len(fresh)


_CHUNK = 500
_OPEN = deliveries.c.state.in_((str(DeliveryState.WAITING), str(DeliveryState.SENDING)))
_JOINED = select(
    *deliveries.c, notices.c.kind, notices.c.subject, notices.c.title, notices.c.body, notices.c.at
).join_from(deliveries, notices, notices.c.id == deliveries.c.notice_id)


def _known_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), _CHUNK):
        chosen = select(notices.c.key).where(notices.c.key.in_(keys[start : start + _CHUNK]))
        found.update(key for key in connection.execute(chosen).scalars() if key)
    return found


def has_key(connection: Connection, key: str) -> bool:
    """Whether there is a notice with this key."""
    return bool(_known_keys(connection, [key]))


def has_open(connection: Connection) -> bool:
    """Whether anything is not delivered yet."""
    return connection.execute(select(deliveries.c.notice_id).where(_OPEN).limit(1)).first() is not None


def due(connection: Connection, now: datetime) -> dict[str, list[Delivery]]:
    """The deliveries that may be sent now, by target. Those with the fewest attempts stand first, then the oldest.

    So a message that a target refuses does not keep the others back.
    """
    ready = or_(deliveries.c.not_before <= now, deliveries.c.not_before > now + LONGEST_WAIT + TOLERANCE)
    waiting = _JOINED.where(deliveries.c.state == str(DeliveryState.WAITING), ready)
    found: dict[str, list[Delivery]] = {}
    for row in connection.execute(waiting.order_by(deliveries.c.attempts, deliveries.c.notice_id)):
        found.setdefault(row.target, []).append(_delivery(row))
    return found


def resting(connection: Connection, now: datetime) -> set[str]:
    """The targets that failed within REST and accepted nothing about then: they are left alone for now.

    A target that accepts other messages refuses that one alone, and does not rest.
    """
    later = deliveries.alias()
    accepted = select(later.c.notice_id).where(later.c.target == deliveries.c.target, later.c.sent_at >= now - 2 * REST)
    chosen = select(deliveries.c.target).where(
        deliveries.c.state == str(DeliveryState.WAITING),
        deliveries.c.problem.is_not(None),
        deliveries.c.not_before > now,
        deliveries.c.tried_at > now - REST,
        deliveries.c.tried_at <= now + TOLERANCE,
        ~accepted.exists(),
    )
    return set(connection.execute(chosen.distinct()).scalars())


def begin_sending(connection: Connection, parcel: Sequence[Delivery], now: datetime) -> None:
    """Mark deliveries to one target before they are sent."""
    _update(connection, parcel, state=str(DeliveryState.SENDING), attempts=deliveries.c.attempts + 1, tried_at=now)


def record_sent(connection: Connection, parcel: Sequence[Delivery], now: datetime) -> None:
    """Mark deliveries that the target has accepted."""
    _update(connection, parcel, state=str(DeliveryState.SENT), sent_at=now, problem=None)


def record_failed(connection: Connection, parcel: Sequence[Delivery], problem: str, again: datetime) -> None:
    """Let deliveries that the target has not accepted wait for another attempt."""
    _update(connection, parcel, state=str(DeliveryState.WAITING), problem=problem, not_before=again)


def _update(connection: Connection, parcel: Sequence[Delivery], **values: Any) -> None:
    for start in range(0, len(parcel), _CHUNK):
        ids = [each.notice_id for each in parcel[start : start + _CHUNK]]
        ours = and_(deliveries.c.target == parcel[0].target, deliveries.c.notice_id.in_(ids))
        connection.execute(update(deliveries).where(ours).values(**values))


def release_cut_off(connection: Connection, now: datetime) -> int:
    """Let deliveries whose sender is gone be sent again, and count each as a doubt. Returns how many there are.

    Only for the holder of the lease under which deliveries are sent.
    """
    cut_off = update(deliveries).where(deliveries.c.state == str(DeliveryState.SENDING))
    again = {"state": str(DeliveryState.WAITING), "doubts": deliveries.c.doubts + 1, "not_before": now}
    return connection.execute(cut_off.values(**again)).rowcount


def drop(connection: Connection, target: str) -> int:
    """Give up what waits for a target. Returns how many deliveries there were."""
    waiting = update(deliveries).where(deliveries.c.target == target, deliveries.c.state == str(DeliveryState.WAITING))
    return connection.execute(waiting.values(state=str(DeliveryState.DROPPED))).rowcount


def pending(connection: Connection) -> list[Delivery]:
    """Everything that is not delivered yet, the oldest first."""
    rows = connection.execute(_JOINED.where(_OPEN).order_by(deliveries.c.notice_id, deliveries.c.target))
    return [_delivery(row) for row in rows]


@dataclass(frozen=True, slots=True)
class StuckTarget:
    """A target that could not be reached: how many deliveries wait for it, the oldest since `since`, and why."""

    target: str
    waiting: int
    since: datetime
    problem: str


def stuck(connection: Connection) -> list[StuckTarget]:
    """The targets whose deliveries failed and wait for another attempt."""
    rows = connection.execute(
        select(deliveries.c.target, func.count(), func.min(notices.c.at), func.max(deliveries.c.problem))
        .join_from(deliveries, notices, notices.c.id == deliveries.c.notice_id)
        .where(deliveries.c.state == str(DeliveryState.WAITING))
        .group_by(deliveries.c.target)
        .having(func.max(deliveries.c.problem).is_not(None))
        .order_by(deliveries.c.target)
    )
    return [StuckTarget(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A notice, and the state of its delivery by target."""

    id: int
    kind: NoticeKind
    subject: str
    title: str
    body: str
    at: datetime
    deliveries: dict[str, str]
    doubts: int

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"kind": str(self.kind), "at": self.at.isoformat()}


def latest(connection: Connection, limit: int) -> list[ToldNotice]:
    """The latest notices, newest first."""
    return _told(connection, notices.c.id.in_(select(notices.c.id).order_by(notices.c.id.desc()).limit(limit)))


def since(connection: Connection, moment: datetime, kinds: Iterable[NoticeKind]) -> list[ToldNotice]:
    """The notices of these kinds from a moment on, newest first."""
    return _told(connection, and_(notices.c.at >= moment, notices.c.kind.in_([str(kind) for kind in kinds])))


def last_of(connection: Connection, kind: NoticeKind) -> datetime | None:
    """When the latest notice of a kind was written."""
    found: datetime | None = connection.execute(
        select(func.max(notices.c.at)).where(notices.c.kind == str(kind))
    ).scalar_one()
    return found


def _told(connection: Connection, chosen: Any) -> list[ToldNotice]:
    found: dict[int, ToldNotice] = {}
    rows = connection.execute(
        select(notices, deliveries.c.target, deliveries.c.state, deliveries.c.doubts)
        .join_from(notices, deliveries, deliveries.c.notice_id == notices.c.id, isouter=True)
        .where(chosen)
        .order_by(notices.c.id.desc(), deliveries.c.target)
    )
    for row in rows:
        known = found.get(row.id)
        to = {**known.deliveries} if known else {}
        doubts = (known.doubts if known else 0) + (row.doubts or 0)
        if row.target is not None:
            to[row.target] = row.state
        found[row.id] = ToldNotice(row.id, NoticeKind(row.kind), row.subject, row.title, row.body, row.at, to, doubts)
    return list(found.values())


def _delivery(row: Any) -> Delivery:
    plain = {name: getattr(row, name) for name in Delivery.__slots__}
    return Delivery(**plain | {"state": DeliveryState(row.state), "kind": NoticeKind(row.kind)})
