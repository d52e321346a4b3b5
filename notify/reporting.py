"""Writes what changed into the outbox: states, and the daily digest.

What was told is in `conditions`. That row, the notice and its deliveries are one transaction, so a change is told once,
however often it is seen, by however many processes, and wherever one of them is killed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from archive import outbox, runs
from archive.conditions import all_conditions, replace_conditions
from archive.database import Archive
from archive.outbox import NewNotice, NoticeKind, Recipient
from notify.conditions import HEALTHY, Sighting, StateChange, compare
from notify.hours import last_day
from notify.preferences import Preferences
from notify.wording import Wording

MOST_RUNS = 1_000
"""Runs that a digest counts."""
CRAWLS = ("crawl", "round")
"""Kinds of runs that a digest counts."""
FIRST_DIGEST = timedelta(days=1)
"""What the first digest looks back on."""


def report(archive: Archive, seen: Iterable[Sighting], wishes: Preferences, now: datetime) -> tuple[StateChange, ...]:
    """Compare what is seen with what was told, and write what people are to be told. Returns the changes."""
    wording = Wording(wishes.language, wishes.zone)
    sightings = tuple(seen)
    with archive.reading() as connection:
        found = compare(all_conditions(connection), sightings, now)
    if not (found.rows or found.gone):
        return ()
    with archive.writing() as connection:  # another process may have told it meanwhile
        found = compare(all_conditions(connection), sightings, now)
        replace_conditions(connection, found.rows, found.gone)
        outbox.add(connection, [(_notice(change, wording), _recipients(wishes, now)) for change in found.changes])
    return found.changes


def _notice(change: StateChange, wording: Wording) -> NewNotice:
    title, body = wording.change(change)
    kind = NoticeKind.RECOVERY if change.recovers else NoticeKind.CHANGE
    return NewNotice(kind, change.seen.subject, title, body, change.since)


def _recipients(wishes: Preferences, now: datetime) -> list[Recipient]:
    return [wishes.recipient(name, now) for name in wishes.targets] if wishes.changes else []


def add_digest(archive: Archive, wishes: Preferences, now: datetime) -> bool:
    """Write the digest of the day, if it is time and nobody has. Returns whether it was written."""
    if wishes.digest is None:
        return False
    due_at = last_day(now, wishes.digest, wishes.zone)
    key = f"digest:{due_at.date().isoformat()}"
    with archive.reading() as connection:
        if outbox.has_key(connection, key):
            return False
        before = outbox.last_of(connection, NoticeKind.DIGEST)
    since = before if before is not None and before <= now else now - FIRST_DIGEST
    summaries = [each for each in runs.summaries(archive, None, MOST_RUNS, now) if each.started_at >= since]
    harvest = {
        "new": sum(each.outcomes.get("stored", 0) for each in summaries if each.kind in CRAWLS),
        "corrected": sum(each.outcomes.get("updated", 0) for each in summaries if each.kind in CRAWLS),
        "runs": sum(each.kind in CRAWLS for each in summaries),
    }
    with archive.writing() as connection:
        title, body = _digest(connection, wishes, since, harvest)
        notice = NewNotice(NoticeKind.DIGEST, "digest", title, body, now, key)
        return bool(outbox.add(connection, [(notice, [wishes.recipient(name, now) for name in wishes.targets])]))


def _digest(connection: Connection, wishes: Preferences, since: datetime, harvest: dict[str, int]) -> tuple[str, str]:
    known = all_conditions(connection).values()
    wrong = [(each.subject, each.state, each.since, each.sentence) for each in known if each.state != HEALTHY]
    told = outbox.since(connection, since, (NoticeKind.CHANGE, NoticeKind.RECOVERY))
    changes = [(each.at, each.title) for each in reversed(told)]
    return Wording(wishes.language, wishes.zone).digest(since, wrong, changes, **harvest)
