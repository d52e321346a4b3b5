"""What each host asked for or refuses: one record a host, kept across processes (docs/decisions/0027).

`HostRecord` is a value; its methods return the record after an answer. Whoever asks a host keeps to `asked_to_wait` and
`is_blocked`, and saves what has changed. Moments ahead of what their kind allows were written while the clock stood
ahead, and do not count (decision 21).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, insert, select, update

from archive.clock import duration, is_ahead
from archive.host_tables import hosts

REFUSALS = frozenset({401, 403, 429, 451})
"""Status codes of a refusal: RFC 9110 (401, 403), RFC 6585 (429), RFC 7725 (451)."""

MOST_REFUSALS = 5
"""Refusals on end after which a host blocks us. One page may be for members only; five on end are no chance."""

FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=20)
"""Pauses double, up to less than a day, so that a nightly crawl always asks once."""

LONGEST_WAIT = timedelta(days=1)
"""A host is left alone no longer than this for one Retry-After; then it may ask again. A feed of news forgets."""

SHORT_WAIT = timedelta(minutes=1)
"""A wait that a crawl sits out, and that is not worth telling."""

COOKIE_TOLD = timedelta(days=7)
"""How long it is told of a host that it answered only with a cookie."""

PAUSES_FORGOTTEN = timedelta(days=3)
"""A host that blocks us again so long after its last pause began starts with FIRST_PAUSE again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRecord:
    """What is known of one host. All moments are aware.

    `source` is the source whose crawl asked it last. `crawl_delay` is in seconds. `blocked_until` is None for a host
    that answers; once it has passed, one request may find out. `pauses` counts such pauses on end.
    """

    host: str
    source: str
    crawl_delay: float | None = None
    asked_at: datetime | None = None
    wait_until: datetime | None = None
    refusals: int = 0
    status: int | None = None
    refused_since: datetime | None = None
    blocked_until: datetime | None = None
    pauses: int = 0
    paused_at: datetime | None = None
    cookie_at: datetime | None = None

    def waits_until(self, now: datetime) -> datetime | None:
        """Until when it asked us to wait; None if that is over, or nonsense of a wrong clock."""
        return _still_ahead(self.wait_until, now, LONGEST_WAIT)

    def blocked_till(self, now: datetime) -> datetime | None:
        """Until when nothing is asked of it, because it refused us; None if one request may be sent."""
        return _still_ahead(self.blocked_until, now, LONGEST_PAUSE)

    def after_wish(self, wait: timedelta, now: datetime) -> HostRecord:
        """It asked us to wait (Retry-After). An earlier, longer wish stays."""
        until = now + min(wait, LONGEST_WAIT)
        return replace(self, wait_until=max(until, self.waits_until(now) or until))

    def after_refusal(self, status: int, now: datetime) -> HostRecord:
        """It refused a request. After MOST_REFUSALS on end, or if this request was to find out, a pause begins."""
        refused = replace(self, refusals=self.refusals + 1, status=status, refused_since=self.refused_since or now)
        if self.blocked_until is None and refused.refusals < MOST_REFUSALS:
            return refused
        if self.blocked_till(now) is not None:
            return refused  # an answer to a request that was under way when the pause began
        pauses = self.pauses + 1 if self._paused_lately(now) else 1
        pause = min(FIRST_PAUSE * 2 ** min(pauses - 1, 16), LONGEST_PAUSE)
        return replace(refused, pauses=pauses, paused_at=now, blocked_until=now + pause)

    def after_answer(self) -> HostRecord:
        """It answered a request: whatever it refused before is over. The pauses on end are forgotten with time."""
        if self.blocked_until is None and not self.refusals:
            return self
        return replace(self, refusals=0, status=None, refused_since=None, blocked_until=None)

    def _paused_lately(self, now: datetime) -> bool:
        if self.paused_at is None or is_ahead(self.paused_at, now):
            return False
        return now - self.paused_at < PAUSES_FORGOTTEN

    @property
    def blocks(self) -> bool:
        """Whether it refused us until now."""
        return self.blocked_until is not None

    def in_words(self, now: datetime, zone: tzinfo) -> str | None:
        """What it asked for or refuses, in one sentence with times in `zone`; None if there is nothing to say."""
        if self.blocks:
            until = max(filter(None, (self.blocked_till(now), self.waits_until(now))), default=None)
            since = f" since {_local(self.refused_since, zone)}" if self.refused_since else ""
            then = f"nothing is asked of it until {_local(until, zone)}" if until else "the next crawl asks it once"
            return f"{self.host} blocks us{since} ({self.refusals} refusals on end, status {self.status}); {then}."
        if (until := self.waits_until(now)) and until - now > SHORT_WAIT:
            return f"{self.host} asked us to wait until {_local(until, zone)} (Retry-After)."
        if self.cookie_at is not None and abs(now - self.cookie_at) < COOKIE_TOLD:
            return f"{self.host} answers only with a cookie; each crawl gets a new one, and keeps none."
        return None

    def needs_attention(self, now: datetime) -> bool:
        """Whether it may not be asked now, or refused us until now. That it needs a cookie is no trouble."""
        until = self.waits_until(now)
        return self.blocks or (until is not None and until - now > SHORT_WAIT)

    def pause_in_words(self, now: datetime) -> str:
        """Why a request was not sent: "it refused 5 requests on end (429) and is asked again in 15 min"."""
        until = self.blocked_till(now)
        again = f"in {duration(until - now)}" if until else "once by the next crawl"
        return f"{self.host} refused {self.refusals} requests on end ({self.status}) and is asked again {again}"


def _still_ahead(moment: datetime | None, now: datetime, longest: timedelta) -> datetime | None:
    return moment if moment is not None and moment > now and not is_ahead(moment, now, longest) else None


def _local(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def load(connection: Connection, host: str) -> HostRecord | None:
    """The record of a host; None if no crawl has met it."""
    return next(iter(_records(connection, hosts.c.host == host)), None)


def load_all(connection: Connection) -> Sequence[HostRecord]:
    """All records, by host."""
    return _records(connection)


def _records(connection: Connection, *conditions: object) -> Sequence[HostRecord]:
    columns = [hosts.c[each.name] for each in fields(HostRecord)]
    rows = connection.execute(select(*columns).where(*conditions).order_by(hosts.c.host))  # type: ignore[arg-type]  # conditions on columns
    return [HostRecord(**row._mapping) for row in rows]


def save(connection: Connection, records: Iterable[HostRecord]) -> None:
    """Save records, each in place of the one before."""
    for record in records:
        values = asdict(record)
        if not connection.execute(update(hosts).where(hosts.c.host == record.host).values(values)).rowcount:
            connection.execute(insert(hosts).values(values))
