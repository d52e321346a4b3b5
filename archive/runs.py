"""Runs and their reports: each address taken up ends in exactly one counted outcome, and the harvest is judged."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from archive.database import Archive
from archive.leases import Lease
from archive.tables import outcomes, runs

OUTCOME = re.compile(r"(stored|updated|unchanged|blocked|gone|(skipped|rejected|error):[a-z0-9][a-z0-9-]*)")
HARVEST = ("stored", "updated", "unchanged")
_UNREAD = ("blocked", "error:", "rejected:")
TOLERATED_SHARE = 0.1
"""More unread addresses than this share of those taken up call for attention; every night has one or two."""


class UnknownOutcome(ValueError):
    """An outcome that decision 4 does not know."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one address of a run ended."""

    address: str
    outcome: str
    detail: str | None
    article_id: str | None


@dataclass(frozen=True, slots=True)
class Report:
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
    problems: tuple[Ended, ...]
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
    """Give an address its one outcome. Raises UnknownOutcome, and LookupError where it has one or was not taken up."""
    if not OUTCOME.fullmatch(outcome):
        raise UnknownOutcome(outcome)
    result = connection.execute(
        update(outcomes)
        .where(outcomes.c.run_id == run_id, outcomes.c.address_key == key, outcomes.c.outcome.is_(None))
        .values(outcome=outcome, detail=detail, article_id=article_id, page_id=page_id)
    )
    if result.rowcount != 1:
        raise LookupError(f"{key} was not taken up by {run_id}, or has ended there")


def finish(
    connection: Connection, run_id: str, *, listed: int, traffic: Mapping[str, int], verdict: Verdict, now: datetime
) -> None:
    """Close a run with its verdict."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run_id)
        .values(ended_at=now, listed=listed, traffic=dict(traffic), verdict=verdict.verdict, reason=verdict.reason)
    )


def open_runs(connection: Connection, source: str) -> Sequence[str]:
    """The runs of a source that have not ended. Whoever holds the source's lease may close them: they are dead."""
    return list(
        connection.execute(
            select(runs.c.id).where(runs.c.source == source, runs.c.kind == "crawl", runs.c.ended_at.is_(None))
        ).scalars()
    )


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


def find(archive: Archive, run_id: str) -> Report | None:
    """The report of a run, or null."""
    with archive.reading() as connection:
        row = connection.execute(select(runs).where(runs.c.id == run_id)).first()
        return _report(connection, row) if row else None


def latest(archive: Archive, source: str) -> Report | None:
    """The report of a source's latest run, or null."""
    with archive.reading() as connection:
        row = connection.execute(
            select(runs).where(runs.c.source == source).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(1)
        ).first()
        return _report(connection, row) if row else None


def _report(connection: Connection, row: Row[tuple[object, ...]]) -> Report:
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
    return Report(
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
        tuple(Ended(each.address, each.outcome, each.detail, each.article_id) for each in problems),
    )
