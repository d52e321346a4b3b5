"""The rows that count, for each run and source, how many of the articles it read carry which flag (`archive.flags`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from archive.clock import latest
from archive.flags import IN_DOUBT
from archive.records import Article
from archive.tables import run_flags, runs


@dataclass(frozen=True, slots=True)
class FlagCount:
    """Of the `articles` of a source that a run read, how many carry each flag.

    `doubtful` are those with at least one flag of `IN_DOUBT`. `runs` is the number of runs that are counted together.
    """

    source: str
    articles: int
    doubtful: int
    flags: Mapping[str, int]
    runs: int = 1


def count(connection: Connection, run_id: str, articles: Iterable[Article]) -> None:
    """Add articles that a run read to its counts. One transaction writes for a run at a time: it holds the lease."""
    by_source: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        by_source[article.source].append(article)
    for source, read in by_source.items():
        key = (run_flags.c.run_id == run_id) & (run_flags.c.source == source)
        row = connection.execute(select(run_flags).where(key)).first()
        counts = Counter(row.counts if row else {})
        counts.update(flag for article in read for flag in article.flags)
        values = {
            "articles": (row.articles if row else 0) + len(read),
            "doubtful": (row.doubtful if row else 0) + sum(map(is_doubtful, read)),
            "counts": dict(counts),
        }
        if row:
            connection.execute(update(run_flags).where(key).values(**values))
        else:
            connection.execute(insert(run_flags).values(run_id=run_id, source=source, **values))


def is_doubtful(article: Article) -> bool:
    """Whether an article has a flag that points at a fault of a layout or a reader."""
    return any(flag in IN_DOUBT for flag in article.flags)


def of_run(connection: Connection, run_id: str) -> Sequence[FlagCount]:
    """The counts of a run, by source."""
    rows = connection.execute(select(run_flags).where(run_flags.c.run_id == run_id).order_by(run_flags.c.source))
    return [FlagCount(row.source, row.articles, row.doubtful, dict(row.counts)) for row in rows]


def of_last_runs(connection: Connection, most: int) -> Sequence[FlagCount]:
    """The counts of the last `most` runs of each source together, by source.

    Runs before a re-extraction do not count, because it has read their pages again.
    """
    names = connection.execute(select(run_flags.c.source).distinct().order_by(run_flags.c.source)).scalars().all()
    return [_last_of(connection, name, most) for name in names]


def _last_of(connection: Connection, source: str, most: int) -> FlagCount:
    rows = connection.execute(
        select(run_flags, runs.c.kind)
        .join(runs, runs.c.id == run_flags.c.run_id)
        .where(run_flags.c.source == source, runs.c.started_at <= latest())
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(most)
    ).all()
    reread = next((at for at, row in enumerate(rows) if row.kind == "reextract"), len(rows))
    rows = rows[: reread + 1]
    together: Counter[str] = Counter()
    for row in rows:
        together.update(row.counts)
    articles, doubtful = sum(row.articles for row in rows), sum(row.doubtful for row in rows)
    return FlagCount(source, articles, doubtful, dict(together), len(rows))
