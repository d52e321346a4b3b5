"""The rows that say what each run harvested, and in which fields it deviated (`archive.health.baseline` judges)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from archive.clock import latest
from archive.tables import articles, falls, harvest_fields, harvests, norms, outcomes, pages, runs
from archive.warc.pages import StoredRecord

LOOKBACK = timedelta(days=150)
"""How far back a baseline looks: thirty batches of a source that brings ten articles in five days."""

_RECENT_RUNS = 1500
_FIRST_RUNS = 750
REJECTED = "rejected:"
FLAG = "flag:"
"""The beginning of a field that all articles without that flag have."""


@dataclass(frozen=True, slots=True)
class FieldCount:
    """How many pages of a run could have a field, how many did, and one page (row id) of either kind.

    For "rejected:<reason>", the good pages are those not rejected for that reason; for "flag:<name>", those whose
    article does not have the flag.
    """

    pages: int
    good: int
    last_good: int | None = None
    first_bad: int | None = None


@dataclass(frozen=True, slots=True)
class Harvest:
    """The result of one crawl. `articles` counts all that were read, unchanged ones too.

    `length` is the median body length in characters. `shortened`: the run ended before it had requested everything.
    `deviating` are the fields that deviated from the baseline, each with the row id of its first bad page or None.
    """

    run_id: str
    started_at: datetime
    articles: int
    stored: int = 0
    updated: int = 0
    length: int | None = None
    length_page: int | None = None
    shortened: bool = False
    fields: Mapping[str, FieldCount] = field(default_factory=dict)
    deviating: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages yielded an article or were rejected."""
        return self.articles + sum(
            count.pages - count.good for name, count in self.fields.items() if name.startswith(REJECTED)
        )

    def count(self, name: str) -> FieldCount:
        """The run's count of a field. For a reason for which it rejected nothing, all pages are good."""
        if (count := self.fields.get(name)) is not None:
            return count
        return FieldCount(self.pages, self.pages, self.length_page) if name.startswith(REJECTED) else FieldCount(0, 0)


@dataclass(frozen=True, slots=True)
class Deviation:
    """A field in which a run deviates from its source's baseline, with a sentence that says how. Pages are row ids."""

    field: str
    seen: float
    usual: float
    sentence: str
    good_page: int | None = None
    bad_page: int | None = None


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page in WARC, and the id of the article that was read from it, if any."""

    url: str
    fetched_at: datetime
    stored: StoredRecord
    article_id: str | None

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        return {
            "url": self.url,
            "fetched_at": self.fetched_at.isoformat(),
            "article": self.article_id,
            "warc_file": self.stored.file,
            "warc_offset": self.stored.offset,
        }


def run_header(connection: Connection, run_id: str) -> tuple[str, str, datetime]:
    """The source, kind and start time of a run."""
    row = connection.execute(select(runs.c.source, runs.c.kind, runs.c.started_at).where(runs.c.id == run_id)).one()
    return row.source, row.kind, row.started_at


def rejections(connection: Connection, run_id: str) -> Mapping[str, tuple[int, int | None]]:
    """Per outcome "rejected:<reason>" of a run: the count, and the first page (row id) if one was kept."""
    rows = connection.execute(
        select(outcomes.c.outcome, func.count(), func.min(outcomes.c.page_id))
        .where(outcomes.c.run_id == run_id, outcomes.c.outcome.like(f"{REJECTED}%"))
        .group_by(outcomes.c.outcome)
    )
    return {outcome: (count, page_id) for outcome, count, page_id in rows}


def save_harvest(connection: Connection, harvest: Harvest, deviations: Sequence[Deviation]) -> None:
    """Save the harvest of a run that ends now, and its deviations."""
    connection.execute(
        insert(harvests).values(
            run_id=harvest.run_id,
            articles=harvest.articles,
            stored=harvest.stored,
            updated=harvest.updated,
            length=harvest.length,
            length_page_id=harvest.length_page,
            shortened=harvest.shortened,
        )
    )
    if harvest.fields:
        connection.execute(
            insert(harvest_fields),
            [
                {
                    "run_id": harvest.run_id,
                    "field": name,
                    "pages": count.pages,
                    "good": count.good,
                    "last_good_page_id": count.last_good,
                    "first_bad_page_id": count.first_bad,
                }
                for name, count in harvest.fields.items()
            ],
        )
    if deviations:
        connection.execute(
            insert(falls),
            [
                {
                    "run_id": harvest.run_id,
                    "field": each.field,
                    "seen": each.seen,
                    "usual": each.usual,
                    "sentence": each.sentence,
                    "good_page_id": each.good_page,
                    "bad_page_id": each.bad_page,
                }
                for each in deviations
            ],
        )


def recent_harvests(connection: Connection, source: str, now: datetime) -> Sequence[Harvest]:
    """The harvests from which a source's recent baseline is measured, newest first."""
    return _harvests(connection, source, now, since=now - LOOKBACK, newest_first=True, limit=_RECENT_RUNS)


def first_harvests(connection: Connection, source: str, now: datetime) -> Sequence[Harvest]:
    """The first harvests of a source since its baseline began, oldest first."""
    return _harvests(connection, source, now, since=None, newest_first=False, limit=_FIRST_RUNS)


def _harvests(
    connection: Connection, source: str, now: datetime, *, since: datetime | None, newest_first: bool, limit: int
) -> Sequence[Harvest]:
    accepted = baseline_since(connection, source, now)
    order = (runs.c.started_at, runs.c.id)
    chosen = (
        select(harvests, runs.c.started_at)
        .join(runs, runs.c.id == harvests.c.run_id)
        .where(runs.c.source == source, runs.c.kind == "crawl", runs.c.started_at <= latest(now))
        .where(*(runs.c.started_at > bound for bound in (since, accepted) if bound is not None))
        .order_by(*(column.desc() if newest_first else column for column in order))
        .limit(limit)
    )
    rows = connection.execute(chosen).all()
    ids = chosen.with_only_columns(harvests.c.run_id, maintain_column_froms=True).subquery()
    counted: dict[str, dict[str, FieldCount]] = defaultdict(dict)
    for row in connection.execute(select(harvest_fields).join(ids, ids.c.run_id == harvest_fields.c.run_id)):
        counted[row.run_id][row.field] = FieldCount(row.pages, row.good, row.last_good_page_id, row.first_bad_page_id)
    deviating: dict[str, dict[str, int | None]] = defaultdict(dict)
    for row in connection.execute(select(falls).join(ids, ids.c.run_id == falls.c.run_id)):
        deviating[row.run_id][row.field] = row.bad_page_id
    return [_harvest(row, counted[row.run_id], deviating[row.run_id]) for row in rows]


def _harvest(row: Row[Any], fields: Mapping[str, FieldCount], deviating: Mapping[str, int | None]) -> Harvest:
    return Harvest(
        row.run_id,
        row.started_at,
        row.articles,
        row.stored,
        row.updated,
        row.length,
        row.length_page_id,
        row.shortened,
        fields,
        deviating,
    )


def baseline_since(connection: Connection, source: str, now: datetime) -> datetime | None:
    """The start of the source's baseline if somebody accepted a change; None if all runs count.

    A start later than `now` does not count: no run would, until then.
    """
    chosen = select(norms.c.since).where(norms.c.source == source, norms.c.since <= latest(now))
    return connection.execute(chosen).scalar_one_or_none()


def accept(connection: Connection, source: str, now: datetime) -> None:
    """Accept a source's present harvest as normal: its baseline is measured anew from `now` on."""
    connection.execute(delete(norms).where(norms.c.source == source))
    connection.execute(insert(norms).values(source=source, since=now))


def deviations_of(connection: Connection, run_id: str) -> Sequence[Deviation]:
    """A run's deviations, by field."""
    rows = connection.execute(select(falls).where(falls.c.run_id == run_id).order_by(falls.c.field))
    return [Deviation(row.field, row.seen, row.usual, row.sentence, row.good_page_id, row.bad_page_id) for row in rows]


def kept_page(connection: Connection, page_id: int | None) -> KeptPage | None:
    """The page with this row id and the article that was read from it; None if there is no such page."""
    row = connection.execute(select(pages).where(pages.c.id == page_id)).first()
    if row is None:
        return None
    article_id = connection.execute(
        select(outcomes.c.article_id)
        .join(articles, articles.c.id == outcomes.c.article_id)
        .where(outcomes.c.run_id == row.run_id, outcomes.c.page_id == page_id)
    ).scalar()
    return KeptPage(row.url, row.fetched_at, StoredRecord(row.warc_file, row.warc_offset, row.warc_length), article_id)
