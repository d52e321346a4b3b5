"""What a crawl knows of each host: the records of earlier crawls, and what it learns itself.

Records are kept in wall time, as they are stored; pauses of this process are measured on the steady clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

import structlog

from archive.clock import steady
from archive.hosts import HostRecord

log = structlog.get_logger()


def _now() -> datetime:
    return datetime.now(UTC)


class HostMemory:
    """The records of hosts, as far as this crawl has met them.

    `load` returns what earlier crawls knew of a host; None without an archive. `clock` is the wall clock.
    """

    def __init__(
        self,
        source: str,
        load: Callable[[str], HostRecord | None] = lambda _: None,
        *,
        clock: Callable[[], datetime] = _now,
        steady: Callable[[], float] = steady,
    ) -> None:
        self._source = source
        self._load = load
        self._clock = clock
        self._steady = steady
        self._records: dict[str, HostRecord] = {}
        self._waits: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        self._unsaved: set[str] = set()

    def record(self, host: str) -> HostRecord:
        """What is known of a host now."""
        if host not in self._records:
            known = self._load(host) or HostRecord(host=host, source=self._source)
            self._records[host] = known
            self._measure(known)
        return self._records[host]

    def _measure(self, record: HostRecord) -> None:
        """Count pauses of a record from now on the steady clock."""
        now = self._clock()
        for until, ends in ((record.waits_until(now), self._waits), (record.blocked_till(now), self._pauses)):
            ends.pop(record.host, None)
            if until is not None:
                ends[record.host] = self._steady() + (until - now).total_seconds()

    def wait_left(self, host: str) -> float:
        """Seconds for which the host asked us to wait still."""
        self.record(host)
        return max(0.0, self._waits.get(host, -math.inf) - self._steady())

    def pause_left(self, host: str) -> float:
        """Seconds for which nothing is asked of a host that blocks us."""
        self.record(host)
        return max(0.0, self._pauses.get(host, -math.inf) - self._steady())

    def is_suspect(self, host: str) -> bool:
        """Whether the host's last answer was a refusal: then one request at a time is sent to it."""
        record = self.record(host)
        return record.blocks or record.refusals > 0

    def why_paused(self, host: str) -> str:
        """Why nothing is asked of a host that blocks us, without a full stop."""
        return self.record(host).pause_in_words(self._clock())

    def refused(self, host: str, status: int) -> None:
        """The host refused a request."""
        before = self.record(host)
        after = before.after_refusal(status, self._clock())
        self._set(after)
        if after.blocked_until != before.blocked_until:
            log.warning("the host blocks us", host=host, status=status, why=after.pause_in_words(self._clock()))

    def answered(self, host: str) -> None:
        """The host answered a request."""
        before = self.record(host)
        after = before.after_answer()
        if after is not before:
            self._set(after)
            if before.blocks:
                log.info("the host answers again", host=host)

    def asked_to_wait(self, host: str, wait: timedelta) -> None:
        """The host sent a Retry-After."""
        self._set(self.record(host).after_wish(wait, self._clock()))
        log.info("the host asked to wait", host=host, seconds=wait.total_seconds())

    def needs_cookie(self, host: str) -> None:
        """The host redirected an address to itself, with a cookie."""
        self._set(replace(self.record(host), cookie_at=self._clock()))

    def set_crawl_delay(self, host: str, seconds: float | None) -> None:
        """The host's robots.txt was read."""
        if self.record(host).crawl_delay != seconds:
            self._set(replace(self.record(host), crawl_delay=seconds))

    def asked(self, hosts: Iterable[str]) -> None:
        """This crawl's last requests to these hosts were sent just now."""
        for host in hosts:
            self._set(replace(self.record(host), asked_at=self._clock()))

    def asked_before(self, host: str) -> float | None:
        """How many seconds ago an earlier crawl sent its last request to the host; None if unknown."""
        at = self.record(host).asked_at
        ago = None if at is None else (self._clock() - at).total_seconds()
        return ago if ago is not None and ago >= 0 else None

    def _set(self, record: HostRecord) -> None:
        self._records[record.host] = replace(record, source=self._source)
        self._unsaved.add(record.host)
        self._measure(record)

    def take_unsaved(self) -> list[HostRecord]:
        """The records that have changed since the last call."""
        hosts, self._unsaved = self._unsaved, set()
        return [self._records[host] for host in sorted(hosts)]

    def sentences(self, zone: tzinfo) -> list[str]:
        """What the hosts that this crawl met asked for or refuse now, a sentence each."""
        now = self._clock()
        found = (each.in_words(now, zone) for _, each in sorted(self._records.items()) if each.needs_attention(now))
        return list(filter(None, found))
