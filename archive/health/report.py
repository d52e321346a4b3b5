"""The health of a source: its last crawl compared with its baseline, and the pages before and after each break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from archive.database import Archive
from archive.health import baseline, harvest
from archive.health.baseline import LENGTH, MIN_BATCHES, WINDOW
from archive.health.harvest import Deviation, Harvest, KeptPage


@dataclass(frozen=True, slots=True)
class DeviatingField:
    """A deviation, with the last normal page and the first one that was not, if they are known."""

    deviation: Deviation
    good: KeptPage | None
    bad: KeptPage | None

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        return {
            "field": self.deviation.field,
            "seen": self.deviation.seen,
            "usual": self.deviation.usual,
            "sentence": self.deviation.sentence,
            "last_good_page": self.good.as_json() if self.good else None,
            "first_bad_page": self.bad.as_json() if self.bad else None,
        }


@dataclass(frozen=True, slots=True)
class FieldHealth:
    """One field over time. `first` and `usual` are the first and the recent baseline, None if there is none yet.

    `trend` has one entry per batch of runs, oldest first: its first day, its share (for "body length" the characters)
    and its pages.
    """

    name: str
    first: float | None
    usual: float | None
    trend: tuple[tuple[date, float, int], ...]

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        trend = [{"from": day.isoformat(), "value": value, "pages": pages} for day, value, pages in self.trend]
        return {"field": self.name, "first": self.first, "usual": self.usual, "trend": trend}


@dataclass(frozen=True, slots=True)
class Health:
    """The health of a source after its last crawl that read any page.

    `state` is "unknown" (no such crawl), "learning" (too few days for a baseline), "good" or "attention".
    """

    state: str
    run_id: str | None = None
    days: int = 0
    baseline_since: datetime | None = None
    deviations: tuple[DeviatingField, ...] = ()
    fields: tuple[FieldHealth, ...] = ()

    @property
    def in_words(self) -> str:
        """The state in a few words, for a table."""
        if self.state == "learning":
            return f"learning, day {self.days} of {MIN_BATCHES}"
        if self.deviations:
            return "deviates: " + ", ".join(each.deviation.field for each in self.deviations)
        return self.state

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        return {
            "state": self.state,
            "run": self.run_id,
            "days": self.days,
            "baseline_since": self.baseline_since.isoformat() if self.baseline_since else None,
            "broken": [each.as_json() for each in self.deviations],
            "fields": [each.as_json() for each in self.fields],
        }


def source_health(archive: Archive, source: str, now: datetime) -> Health:
    """The health of a source at `now`, from the crawls in the archive."""
    with archive.reading() as connection:
        runs = harvest.recent_harvests(connection, source, now)
        last = next((run for run in runs if run.pages), None)
        since = harvest.baseline_since(connection, source, now)
        if last is None:
            return Health("unknown", baseline_since=since)
        deviations = tuple(
            DeviatingField(
                deviation,
                harvest.kept_page(connection, deviation.good_page),
                harvest.kept_page(connection, deviation.bad_page),
            )
            for deviation in harvest.deviations_of(connection, last.run_id)
        )
        first = harvest.first_harvests(connection, source, now)
    fields = tuple(_field(name, runs, first) for name in (*sorted(last.fields), LENGTH))
    days = min(MIN_BATCHES, len({run.started_at.date() for run in runs if run.pages}))
    measured = any(field.usual is not None for field in fields)
    state = "attention" if deviations else "good" if measured else "learning"
    return Health(state, last.run_id, days, since, deviations, fields)


def _field(name: str, runs: Sequence[Harvest], first: Sequence[Harvest]) -> FieldHealth:
    recent = baseline.recent_baseline(name, runs)
    original = baseline.first_baseline(name, first, recent) or recent
    batches = [*islice(baseline.batches(name, runs, include_deviating=True), WINDOW)]
    return FieldHealth(
        name,
        original.usual if original else None,
        recent.usual if recent else None,
        tuple((batch.since, batch.value, batch.pages) for batch in reversed(batches)),
    )
