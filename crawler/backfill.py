"""A backfill, as the archive sees it: a run under the same lease as a crawl, day by day through a publisher's past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from archive import addresses, backfills, runs
from archive.addresses import Address
from archive.backfills import BackfillDay, DayState
from archive.records import Listing
from archive.runs import Verdict
from crawler.run import CrawlRun

MOST_SENTENCES = 10
"""Of trouble in a verdict: an index that is broken is broken on each of a thousand days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a backfill is asked for: the days from `first` to `last`, both included, in the source's zone.

    `limit` is the most addresses that it takes up, null for no limit.
    """

    first: date
    last: date
    newest_first: bool = True
    limit: int | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """The days, in the order in which they are gone through."""
        days = [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]
        return tuple(reversed(days) if self.newest_first else days)


class BackfillRun(CrawlRun):
    """A run that takes up nothing that the archive has, or that has come to its end before."""

    kind = "backfill"

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # passed on as they come
        self._asked = 0
        self._of_day: set[str] = set()

    def days_to_do(self, plan: Plan) -> Sequence[date]:
        """The days of the plan that are not done, in its order."""
        known = backfills.days_of(self._archive, self.source.name, plan.first, plan.last)
        return [day for day in plan.days if day not in known or known[day].state is not DayState.DONE]

    def take_up_missing(self, listings: Iterable[Listing], most: int | None) -> tuple[Sequence[Address], int]:
        """Take up at most so many of a day's stories that are due and in no way settled.

        Gives them, and how many others the limit left out: these are not even remembered, or the next crawl would
        find them in the queue.
        """
        said = self._by_key(listings)
        self._of_day.update(said)
        now = datetime.now(UTC)
        with self._writing() as connection:
            held = {address.key: address for address in addresses.find_all(connection, list(said))}
            settled = backfills.archived_keys(connection, said.keys())
            wanted = [key for key in said if key not in settled and self._is_due(held.get(key), now)]
            chosen = wanted[:most]
            remembered = addresses.remember(connection, self.source.name, [said[key] for key in chosen], now)
            return self._take_up(connection, remembered), len(wanted) - len(chosen)

    def _is_due(self, address: Address | None, now: datetime) -> bool:
        if address is None:
            return True
        due = address.state == "queued" and (address.next_try is None or address.next_try <= now)
        return due and address.source == self.source.name and address.key not in self._taken

    def end_day(self, day: date, trouble: str | None) -> None:
        """Write what has become of a day whose stories have come to their ends.

        `trouble` says why it stays open; null where nothing was in the way.
        """
        keys, self._of_day = self._of_day, set()
        self.flush()  # what has ended and is not written yet would count as waiting
        state = DayState.OPEN if trouble else DayState.DONE if keys else DayState.EMPTY
        self._asked += 1
        with self._writing() as connection:
            waiting = backfills.count_queued(connection, keys - backfills.archived_keys(connection, keys))
            now = datetime.now(UTC)
            backfills.save_day(
                connection, BackfillDay(self.source.name, day, state, len(keys), waiting, trouble, self.id, now)
            )

    def _judge(self) -> Verdict:
        """As a crawl's harvest is judged, but that nothing new is no failure: it may be archived already."""
        trouble = self.trouble[:MOST_SENTENCES]
        if len(self.trouble) > MOST_SENTENCES:
            trouble.append(f"And {len(self.trouble) - MOST_SENTENCES} more of the kind.")
        if self._asked and not self._listed:
            trouble.insert(0, f"Not one of {self._asked} days lists a story.")
        return runs.judge(listed=max(1, len(self._listed)), least_listed=0, counts=self._counts, trouble=trouble)
