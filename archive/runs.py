"""Runs and their reports: each address taken up ends in exactly one counted outcome, and the harvest is judged."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from archive import politeness
from archive.database import Archive
from archive.leases import Lease
from archive.outcomes import HARVEST, require_known
from archive.politeness import HostTraffic
from archive.tables import outcomes, runs

_UNREAD = ("blocked", "error:", "rejected:")
UNDER_LEASE = ("crawl", "backfill")
"""The kinds of runs that hold the lease of their source's politeness group; never two of them at once."""

TOLERATED_SHARE = 0.1
"""More unread addresses than this share of those taken up call for attention; every night has one or two."""


@dataclass(frozen=True, slots=True)
class Problem:
    """How one address of a run ended."""

    address: str
    outcome: str
    detail: str | None
    article_id: str | None


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run as it is reported. `outcomes` sum to `taken_up`; an open run has unfinished ones beside them."""

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
    """The addresses that need a look: rejected, blocked and errors."""

    def as_json(self) -> dict[str, Any]:
        """The report as JSON writes it."""
        plain = asdict(self)
        plain["started_at"] = self.started_at.isoformat()
        plain["ended_at"] = self.ended_at.isoformat() if self.ended_at else None
        return plain


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run's harvest says: "good", "attention" or "failed", and why in a sentence."""

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
        )
    )


def take_up(connection: Connection, run_id: str, addresses: Sequence[tuple[str, str]]) -> None:
    """Note addresses (key, url) as taken up by the run, before they are requested."""
    if addresses:
        connection.execute(
            insert(outcomes), [{"run_id": run_id, "address_key": key, "address": url} for key, url in addresses]
        )


@dataclass(frozen=True, slots=True)
class AddressOutcome:
    """The one outcome of an address (by its key in the run), with the article and the page that it gave, if any."""

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
    """Give addresses their outcomes.

    Raises UnknownOutcomeError, and LookupError where one has its own or was not taken up.

    In either case the transaction must not be committed.
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
    """`end_addresses` for one."""
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
    """The runs of a source that have not ended. Whoever holds the source's lease may close them: they are dead."""
    return list(
        connection.execute(
            select(runs.c.id).where(runs.c.source == source, runs.c.kind.in_(kinds), runs.c.ended_at.is_(None))
        ).scalars()
    )


def last_harvest(connection: Connection, source: str) -> datetime | None:
    """When the latest crawl of a source began that had a harvest; null where none had."""
    began = select(func.max(runs.c.started_at)).where(
        runs.c.source == source, runs.c.kind == "crawl", runs.c.verdict.in_(("good", "attention"))
    )
    found: datetime | None = connection.execute(began).scalar_one()
    return found


def unfinished(connection: Connection, run_id: str) -> Sequence[str]:
    """The keys of the addresses that a run took up and did not end."""
    return list(
        connection.execute(
            select(outcomes.c.address_key).where(outcomes.c.run_id == run_id, outcomes.c.outcome.is_(None))
        ).scalars()
    )


def judge(*, listed: int, least_listed: int, counts: Mapping[str, int], trouble: Sequence[str]) -> Verdict:
    """Judge a run by its harvest (DESIGN, decision 5). Pure.

    `listed` is how many addresses feeds and sitemaps named, `least_listed` what the source calls normal, `trouble`
    what went wrong beside the addresses (a feed that did not answer), each a sentence.
    """
    taken = sum(counts.values())
    harvest = sum(counts.get(name, 0) for name in HARVEST)
    if listed == 0:
        return Verdict("failed", " ".join(["An empty harvest: no feed or sitemap listed an article.", *trouble]))
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


def find(archive: Archive, run_id: str) -> RunReport | None:
    """The report of a run, or null."""
    with archive.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.id == run_id)).first()
        return _report(connection, row) if row else None


def latest(archive: Archive, source: str) -> RunReport | None:
    """The report of a source's latest run, or null."""
    with archive.reading() as connection:
        row = connection.execute(
            select(runs).where(runs.c.source == source).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(1)
        ).first()
        return _report(connection, row) if row else None


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
        politeness.of_run(connection, row.id),
        tuple(Problem(each.address, each.outcome, each.detail, each.article_id) for each in problems),
    )
