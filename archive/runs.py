"""Runs and their reports: every address taken up ends in exactly one counted outcome, and the harvest is judged."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, select, tuple_, update

from archive import clock, flag_counts, politeness
from archive.clock_jumps import Clocks
from archive.database import Archive
from archive.flag_counts import FlagCount
from archive.leases import Lease
from archive.outcomes import HARVEST, require_known
from archive.politeness import HostTraffic
from archive.tables import outcomes, runs

_LONGEST = timedelta(days=2)
"""A run that is older is not asked about when only those that ended lately matter."""
_UNREAD = ("blocked", "error:", "rejected:")
UNDER_LEASE = ("crawl", "round", "backfill")
"""Kinds of runs that hold the lease of their source's politeness group, so only one runs at a time."""

TOLERATED_SHARE = 0.1
"""A run needs attention if more than this share of its addresses was not read; every night has one or two."""


@dataclass(frozen=True, slots=True)
class Problem:
    """How one address of a run ended."""

    address: str
    outcome: str
    detail: str | None
    article_id: str | None


@dataclass(frozen=True, slots=True)
class RunReport:
    """The report of a run. `outcomes` and `unfinished` sum to `taken_up`; only an open run has unfinished addresses."""

    id: str
    source: str
    kind: str
    started_at: datetime
    ended_at: datetime | None
    holder: str
    verdict: str | None
    reason: str | None
    listed: int
    taken_up: int
    outcomes: Mapping[str, int]
    unfinished: int
    traffic: Mapping[str, int]
    hosts: tuple[HostTraffic, ...]
    problems: tuple[Problem, ...]
    """The addresses that were rejected, blocked or ended in an error."""
    flags: tuple[FlagCount, ...] = ()
    """The flags of the articles read, by source."""

    def as_json(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        plain = asdict(self)
        plain["started_at"] = self.started_at.isoformat()
        plain["ended_at"] = self.ended_at.isoformat() if self.ended_at else None
        return plain


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run is judged: "good", "attention" or "failed", and the reason in a sentence."""

    verdict: str
    reason: str | None


def new_id(source: str, now: datetime) -> str:
    """A run's name: source, moment (UTC) and a random part. It names the run's WARC files too."""
    return f"{source}-{now.strftime('%Y%m%dT%H%M%SZ')}-{secrets.token_hex(3)}"


def begin(
    connection: Connection, run_id: str, *, source: str, kind: str, holder: str, lease: Lease | None, now: datetime
) -> None:
    """Open a run."""
    connection.execute(
        insert(runs).values(
            id=run_id,
            source=source,
            kind=kind,
            started_at=now,
            holder=holder,
            generation=lease.generation if lease else None,
            traffic={},
            clock=Clocks.of(connection).number,
        )
    )


def take_up(connection: Connection, run_id: str, addresses: Sequence[tuple[str, str]]) -> None:
    """Write addresses (key, url) as taken up by the run, before they are requested."""
    if addresses:
        connection.execute(
            insert(outcomes), [{"run_id": run_id, "address_key": key, "address": url} for key, url in addresses]
        )


@dataclass(frozen=True, slots=True)
class AddressOutcome:
    """Outcome of an address that was taken up, with its article and its page, if any. `key` is its key in the run."""

    key: str
    outcome: str
    detail: str | None = None
    article_id: str | None = None
    page_id: int | None = None


_END = (
    update(outcomes)
    .where(
        outcomes.c.run_id == bindparam("of_run"),
        outcomes.c.address_key == bindparam("of_key"),
        outcomes.c.outcome.is_(None),
    )
    .values({name: bindparam(f"new_{name}") for name in ("outcome", "detail", "article_id", "page_id")})
)
_CHUNK = 500  # keys in one IN list


def end_addresses(connection: Connection, run_id: str, endings: Sequence[AddressOutcome]) -> None:
    """Write the outcomes of addresses that were taken up.

    Raises UnknownOutcomeError, and LookupError for an address that has an outcome or was not taken up. In either case
    the transaction must not be committed.
    """
    for each in endings:
        require_known(each.outcome)
    for start in range(0, len(endings), _CHUNK):
        chunk = {each.key: each for each in endings[start : start + _CHUNK]}
        open_here = select(outcomes.c.address_key).where(
            outcomes.c.run_id == run_id, outcomes.c.address_key.in_(chunk), outcomes.c.outcome.is_(None)
        )
        if missing := chunk.keys() - set(connection.execute(open_here).scalars()):
            raise LookupError(f"{min(missing)} was not taken up by {run_id}, or has ended there")
        rows = [
            {
                "of_run": run_id,
                "of_key": each.key,
                "new_outcome": each.outcome,
                "new_detail": each.detail,
                "new_article_id": each.article_id,
                "new_page_id": each.page_id,
            }
            for each in chunk.values()
        ]
        connection.execute(_END, rows)


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Outcome of a record of an import, or of a re-extracted article. `address` is its URL, or names its line."""

    key: str
    address: str
    outcome: str
    detail: str | None = None
    article_id: str | None = None
    page_id: int | None = None


def write_outcomes(connection: Connection, run_id: str, ended: Sequence[RecordOutcome]) -> None:
    """Write each record's row and its outcome at once. Raises UnknownOutcomeError."""
    for each in ended:
        require_known(each.outcome)
    rows = [
        {
            "run_id": run_id,
            "address_key": each.key,
            "address": each.address,
            "outcome": each.outcome,
            "detail": each.detail,
            "article_id": each.article_id,
            "page_id": each.page_id,
        }
        for each in ended
    ]
    if rows:
        connection.execute(insert(outcomes), rows)


def end_address(
    connection: Connection,
    run_id: str,
    key: str,
    outcome: str,
    *,
    detail: str | None = None,
    article_id: str | None = None,
    page_id: int | None = None,
) -> None:
    """`end_addresses` for one address."""
    end_addresses(connection, run_id, [AddressOutcome(key, outcome, detail, article_id, page_id)])


def finish(
    connection: Connection, run_id: str, *, listed: int, traffic: Mapping[str, int], verdict: Verdict, now: datetime
) -> None:
    """Close a run with its verdict."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run_id)
        .values(ended_at=now, listed=listed, traffic=dict(traffic), verdict=verdict.verdict, reason=verdict.reason)
    )


def open_runs(connection: Connection, source: str, kinds: Sequence[str] = UNDER_LEASE) -> Sequence[str]:
    """The runs of a source that have not ended. The holder of the source's lease may close them: they are dead."""
    return list(
        connection.execute(
            select(runs.c.id).where(runs.c.source == source, runs.c.kind.in_(kinds), runs.c.ended_at.is_(None))
        ).scalars()
    )


def is_one_open(connection: Connection, holders: Sequence[str]) -> bool:
    """Whether one of these processes has a run that has not ended."""
    chosen = select(runs.c.id).where(runs.c.holder.in_(holders), runs.c.ended_at.is_(None)).limit(1)
    return connection.execute(chosen).first() is not None


_LOOKED_AT = 50
"""Runs of a source that are looked at for the latest one: the clock may have been wrong for as many."""


def last_harvest(
    connection: Connection, source: str, now: datetime, kinds: Sequence[str] = ("crawl",)
) -> datetime | None:
    """When the latest crawl of a source that had a harvest began, by today's clock; None if there is none.

    A run that is dated later than `now` does not count: the clock stood ahead. `kinds` may be those of other runs.
    """
    harvests = select(runs.c.started_at, runs.c.clock).where(
        runs.c.source == source,
        runs.c.kind.in_(kinds),
        runs.c.verdict.in_(("good", "attention")),
        runs.c.started_at <= clock.latest(now),
    )
    clocks = Clocks.of(connection)
    newest = connection.execute(harvests.order_by(runs.c.started_at.desc()).limit(_LOOKED_AT))
    return max((clocks.today(row.started_at, row.clock) for row in newest), default=None)


def last_ended(connection: Connection, sources: Collection[str], until: datetime) -> datetime | None:
    """When the last run of any of these sources ended, up to a moment; None if none did in the two days before it."""
    ended = select(func.max(runs.c.ended_at)).where(
        runs.c.source.in_(sources), runs.c.started_at >= until - _LONGEST, runs.c.ended_at <= until
    )
    return connection.execute(ended).scalar()


def last_full(
    connection: Connection, sources: Collection[str], count: int, since: datetime, now: datetime
) -> datetime | None:
    """The last moment from `since` to `now` at which `count` runs of these sources were under way, if there is one."""
    under_way = runs.c.ended_at.is_(None) | (runs.c.ended_at >= since)
    found = select(runs.c.started_at, runs.c.ended_at).where(
        runs.c.source.in_(sources), runs.c.started_at.between(since - _LONGEST, now), under_way
    )
    spans = [(row.started_at, row.ended_at or now) for row in connection.execute(found)]
    ends = (end for _, end in spans if end <= now and sum(a <= end <= b for a, b in spans) >= count)
    return max(ends, default=None)


def unfinished(connection: Connection, run_id: str) -> Sequence[str]:
    """The keys of the addresses that a run took up and that have no outcome yet."""
    return list(
        connection.execute(
            select(outcomes.c.address_key).where(outcomes.c.run_id == run_id, outcomes.c.outcome.is_(None))
        ).scalars()
    )


def close_dead(connection: Connection, run_id: str, now: datetime) -> None:
    """Close a run whose process is dead. What it took up and did not end is "error:interrupted"."""
    for key in unfinished(connection, run_id):
        end_address(connection, run_id, key, "error:interrupted", detail="its process ended")
    verdict = Verdict("failed", "Its process died before it ended.")
    finish(connection, run_id, listed=0, traffic={}, verdict=verdict, now=now)


def judge(*, listed: int, least_listed: int, counts: Mapping[str, int], trouble: Sequence[str]) -> Verdict:
    """Judge a run by its harvest (decision 5). Pure.

    `listed` is how many addresses feeds and sitemaps listed, `least_listed` the least that is normal for the source,
    `trouble` what went wrong apart from single addresses (a feed that did not answer), each a sentence.
    """
    taken = sum(counts.values())
    harvest = sum(counts.get(name, 0) for name in HARVEST)
    if listed == 0:
        why = "An empty harvest: no feed, sitemap, index or front page listed an article."
        return Verdict("failed", " ".join([why, *trouble]))
    if taken and not harvest:
        most = Counter(counts).most_common(1)[0][0]
        why = f"An empty harvest: of {taken} addresses none gave an article (mostly {most})."
        return Verdict("failed", " ".join([why, *trouble]))
    needs = list(trouble)
    if listed < least_listed:
        needs.append(f"Only {listed} addresses were listed; at least {least_listed} are normal.")
    bad = {name: count for name, count in counts.items() if name not in HARVEST and name.startswith(_UNREAD)}
    if sum(bad.values()) > TOLERATED_SHARE * taken:
        needs.append("Not read: " + ", ".join(f"{count} {name}" for name, count in sorted(bad.items())) + ".")
    return Verdict("attention", " ".join(needs)) if needs else Verdict("good", None)


ENOUGH_TO_JUDGE = 5
"""Addresses of a round of which at least one must give an article. A night has hundreds, a round often one or two."""


def judge_round(*, listed: int, counts: Mapping[str, int], trouble: Sequence[str]) -> Verdict:
    """Judge a round, which asks for what is new. Pure. Its one address may fail without anything being wrong.

    `listed`, `counts` and `trouble` are as `judge` has them. The shares of the fields, and how much a listing usually
    has, are judged by the source's whole crawls.
    """
    taken = sum(counts.values())
    harvest = sum(counts.get(name, 0) for name in HARVEST)
    if listed == 0:
        return Verdict("failed", " ".join(["No feed, news sitemap or front page listed an article.", *trouble]))
    if not harvest and (taken >= ENOUGH_TO_JUDGE or (taken and counts.get("blocked", 0) == taken)):
        most = Counter(counts).most_common(1)[0][0]
        return Verdict("failed", " ".join([f"Of {taken} addresses none gave an article (mostly {most}).", *trouble]))
    return Verdict("attention", " ".join(trouble)) if trouble else Verdict("good", None)


def find(archive: Archive, run_id: str) -> RunReport | None:
    """The report of a run, or None."""
    with archive.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.id == run_id)).first()
        return _report(connection, row) if row else None


def ids_like(archive: Archive, beginning: str, most: int = 20) -> Sequence[str]:
    """The ids of runs that begin so, in order."""
    chosen = select(runs.c.id).where(runs.c.id.startswith(beginning, autoescape=True)).order_by(runs.c.id).limit(most)
    with archive.reading() as connection:
        return list(connection.execute(chosen).scalars())


def latest(
    archive: Archive, source: str, now: datetime | None = None, *, kinds: Sequence[str] = (), ended: bool = False
) -> RunReport | None:
    """The report of a source's latest run, or None. Runs dated later than `now` (the present) are passed over.

    `kinds` are those that count; without any, all. `ended`: those under way, or whose process died, do not count.
    """
    of_kind = [runs.c.kind.in_(kinds)] if kinds else []
    of_kind += [runs.c.ended_at.is_not(None)] if ended else []
    chosen = select(runs).where(runs.c.source == source, runs.c.started_at <= clock.latest(now), *of_kind)
    newest_first = chosen.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(_LOOKED_AT)
    with archive.reading() as connection:
        clocks = Clocks.of(connection)
        rows = connection.execute(newest_first).all()
        row = max(rows, key=lambda row: clocks.today(row.started_at, row.clock), default=None)
        return _report(connection, row) if row else None


def latest_harvest(archive: Archive, source: str, now: datetime, *, kinds: Sequence[str]) -> RunReport | None:
    """The report of a source's latest run that had a harvest, or None. Runs dated later than `now` are passed over."""
    chosen = select(runs).where(
        runs.c.source == source,
        runs.c.kind.in_(kinds),
        runs.c.verdict.in_(("good", "attention")),
        runs.c.started_at <= clock.latest(now),
    )
    with archive.reading() as connection:
        row = connection.execute(chosen.order_by(runs.c.started_at.desc()).limit(1)).first()
        return _report(connection, row) if row else None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a line: what `kliping runs list` shows. `outcomes` counts how its addresses ended."""

    id: str
    source: str
    kind: str
    started_at: datetime
    ended_at: datetime | None
    verdict: str | None
    reason: str | None
    outcomes: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        plain = asdict(self)
        plain["started_at"] = self.started_at.isoformat()
        plain["ended_at"] = self.ended_at.isoformat() if self.ended_at else None
        return plain


def summaries(
    archive: Archive, source: str | None, limit: int, now: datetime, *, before: str | None = None
) -> Sequence[RunSummary]:
    """The latest runs of one source or of all, newest first; not those dated later than `now`.

    `before` is the id of a run: those older than it; none if there is no such run.
    """
    of_source = [] if source is None else [runs.c.source == source]
    if before is not None:
        its_start = select(runs.c.started_at).where(runs.c.id == before).scalar_subquery()
        of_source.append(tuple_(runs.c.started_at, runs.c.id) < tuple_(its_start, literal(before)))
    chosen = select(runs).where(runs.c.started_at <= clock.latest(now), *of_source)
    with archive.reading() as connection:
        rows = connection.execute(chosen.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)).all()
        counts = outcomes_of(connection, [row.id for row in rows])
    return [
        RunSummary(
            row.id, row.source, row.kind, row.started_at, row.ended_at, row.verdict, row.reason, counts.get(row.id, {})
        )
        for row in rows
    ]


def outcomes_of(connection: Connection, run_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """How many addresses of each run ended how. A run without any has no entry."""
    found: dict[str, dict[str, int]] = {}
    for start in range(0, len(run_ids), _CHUNK):
        counted = (
            select(outcomes.c.run_id, outcomes.c.outcome, func.count())
            .where(outcomes.c.run_id.in_(run_ids[start : start + _CHUNK]), outcomes.c.outcome.is_not(None))
            .group_by(outcomes.c.run_id, outcomes.c.outcome)
            .order_by(outcomes.c.outcome)
        )
        for run_id, outcome, count in connection.execute(counted):
            found.setdefault(run_id, {})[outcome] = count
    return found


@dataclass(frozen=True, slots=True)
class HarvestOfSpan:
    """What the crawls and rounds of a source brought in some span: how many runs, and how their addresses ended."""

    runs: int
    outcomes: Mapping[str, int]


def harvests_since(connection: Connection, since: datetime, now: datetime) -> Mapping[str, HarvestOfSpan]:
    """By source, the crawls and rounds that began after `since`. Sources without any have no entry."""
    chosen = select(runs.c.id, runs.c.source).where(
        runs.c.kind.in_(("crawl", "round")), runs.c.started_at > since, runs.c.started_at <= clock.latest(now)
    )
    source_of = {row.id: row.source for row in connection.execute(chosen)}
    ended: dict[str, Counter[str]] = {source: Counter() for source in source_of.values()}
    for run_id, counts in outcomes_of(connection, list(source_of)).items():
        ended[source_of[run_id]].update(counts)
    number = Counter(source_of.values())
    return {source: HarvestOfSpan(number[source], dict(counts)) for source, counts in ended.items()}


def _report(connection: Connection, row: Row[tuple[object, ...]]) -> RunReport:
    counted = connection.execute(
        select(outcomes.c.outcome, func.count()).where(outcomes.c.run_id == row.id).group_by(outcomes.c.outcome)
    ).all()
    counts = {name: count for name, count in counted if name is not None}
    problems = connection.execute(
        select(outcomes)
        .where(
            outcomes.c.run_id == row.id,
            outcomes.c.outcome.like("error:%")
            | outcomes.c.outcome.like("rejected:%")
            | (outcomes.c.outcome == "blocked"),
        )
        .order_by(outcomes.c.address)
    )
    return RunReport(
        row.id,
        row.source,
        row.kind,
        row.started_at,
        row.ended_at,
        row.holder,
        row.verdict,
        row.reason,
        row.listed,
        sum(count for _, count in counted),
        dict(sorted(counts.items())),
        sum(count for name, count in counted if name is None),
        row.traffic,
        politeness.traffic_of_run(connection, row.id),
        tuple(Problem(each.address, each.outcome, each.detail, each.article_id) for each in problems),
        tuple(flag_counts.of_run(connection, row.id)),
    )
