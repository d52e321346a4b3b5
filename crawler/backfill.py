"""A backfill, as the archive sees it: a run under the lease of a crawl, day by day through a publisher's past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from archive import addresses, backfills, runs
from archive.addresses import Address
from archive.backfills import BackfillDay, DayState
from archive.records import Listing
from archive.run import Run
from archive.runs import Verdict
from crawler.run import CrawlRun
from kliping.config import Settings
from sources.definition import Source

MOST_SENTENCES = 10
"""Most sentences of trouble in a verdict: a broken index is broken on each of a thousand days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a backfill has to do: the days from `first` to `last`, both included, in the source's zone.

    `limit` is the most addresses that it takes up; None for no limit.
    """

    first: date
    last: date
    newest_first: bool = True
    limit: int | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """The days, in the order in which they are done."""
        days = [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]
        return tuple(reversed(days) if self.newest_first else days)


class BackfillRun(CrawlRun):
    """A run that skips what the archive has and addresses that have a final outcome."""

    kind = "backfill"

    def __init__(self, run: Run, source: Source, settings: Settings) -> None:
        super().__init__(run, source, settings)
        self._days_done = 0
        self._keys_of_day: set[str] = set()

    def days_to_do(self, plan: Plan) -> Sequence[date]:
        """The days of the plan that are not done, in its order."""
        known = backfills.days_of(self._run.archive, self.source.name, plan.first, plan.last)
        return [day for day in plan.days if day not in known or known[day].state is not DayState.DONE]

    def take_up_missing(self, listings: Iterable[Listing], most: int | None) -> tuple[Sequence[Address], int]:
        """Take up the stories of a day that are due and have no final outcome, `most` at the most.

        Returns them, and how many others the limit left out. Those are not even remembered: the next crawl would find
        them in the queue.
        """
        listed = self._listings_by_key(listings)
        self._keys_of_day.update(listed)
        now = datetime.now(UTC)
        with self._run.writing() as connection:
            listed = self._without_forgotten(connection, listed)
            known = {address.key: address for address in addresses.find_all(connection, list(listed))}
            archived = backfills.archived_keys(connection, listed.keys())
            missing = [key for key in listed if key not in archived and self._is_due(known.get(key), now)]
            chosen = missing[:most]
            remembered = addresses.remember(connection, self.source.name, [listed[key] for key in chosen], now)
            return self._take_up(connection, remembered), len(missing) - len(chosen)

    def _is_due(self, address: Address | None, now: datetime) -> bool:
        if address is None:
            return True
        due = address.state == "queued" and addresses.may_try(address, now)
        return due and address.source == self.source.name and address.key not in self._taken_up

    def end_day(self, day: date, trouble: str | None) -> None:
        """Write the state of a day whose stories have all got an outcome.

        `trouble` says why the day stays open; None if nothing went wrong.
        """
        keys, self._keys_of_day = self._keys_of_day, set()
        self.flush()  # outcomes that are not written yet would count as waiting
        state = DayState.OPEN if trouble else DayState.DONE if keys else DayState.EMPTY
        self._days_done += 1
        with self._run.writing() as connection:
            waiting = backfills.count_queued(connection, keys - backfills.archived_keys(connection, keys))
            now = datetime.now(UTC)
            backfills.save_day(
                connection, BackfillDay(self.source.name, day, state, len(keys), waiting, trouble, self.id, now)
            )

    def _say_what_waits(self, connection: Connection) -> None:
        """Nothing: a day whose stories wait stays open, and says so."""

    def _judge(self) -> Verdict:
        """As for a crawl, except that a run without a new article is no failure: they may all be archived already."""
        trouble = self.trouble[:MOST_SENTENCES]
        if len(self.trouble) > MOST_SENTENCES:
            trouble.append(f"And {len(self.trouble) - MOST_SENTENCES} more like these.")
        if self._days_done and not self._listed:
            trouble.insert(0, f"None of {self._days_done} days lists a story.")
        return runs.judge(listed=max(1, len(self._listed)), least_listed=0, counts=self._batch.counts, trouble=trouble)
