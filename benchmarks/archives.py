"""What writing to the archive costs, on SQLite and PostgreSQL, small and grown: python benchmarks/archives.py

Saves articles in batches as an import does, beside a bare INSERT of the same rows into the same tables of another
database: the same driver, batch size and fsync settings, turn by turn in the same run. Then the archive is filled in
plain SQL, and the same is measured again. `--articles 1000000` takes an hour; `--export 100000` adds the export table.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from archive.articles import published_on, save_article
from archive.changes import read_batch
from archive.database import Archive
from archive.families import growing
from archive.families.members import family_of
from archive.families.shingles import BANDS, KEY_BITS
from archive.families.shingles import VERSION as SKETCHES
from archive.identity import article_id
from archive.records import Article, Precision
from archive.tables import articles, bands, changes, counters, facts, families, sketches, versions

ROOT = Path(__file__).resolve().parents[1]
BATCH = 64
"""Articles of one transaction, as in `ingest.saving`."""
CHUNK = 2_000
WORDS = 250
FIRST = datetime(2016, 1, 1, tzinfo=UTC)
SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "autovacuum": "on",
        "shared_buffers": "256MB", "max_wal_size": "2GB"}  # fmt: skip

_draw = random.Random(1)
VOCABULARY = ["".join(_draw.choices("aeioukmnprstbdgl", k=_draw.randint(3, 9))) for _ in range(20_000)]


def an_article(number: int) -> Article:
    """A made-up article of usual length; each number gives another one, five minutes after the last."""
    draw = random.Random(number)
    words = draw.choices(VOCABULARY, k=WORDS)
    url = f"https://www.antaranews.com/berita/{number}/judul-{number}"
    return Article(
        id=article_id(url), source="antara", url=url, title=" ".join(words[:8]).capitalize(),
        body=tuple(" ".join(words[at : at + 50]) for at in range(0, WORDS, 50)),
        published_at=FIRST + timedelta(minutes=5 * number), published_precision=Precision.MINUTE,
    )  # fmt: skip


def rows_of(article: Article, seq: int, now: datetime) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The rows that the archive keeps of a new article."""
    row = {
        "id": article.id, "source": article.source, "url": article.url, "seq": seq, "version": 1,
        "content_hash": article.content_hash, "status": "live", "published_on": published_on(article),
        "first_saved": now, "last_saved": now, "last_seen": now,
    }  # fmt: skip
    version = {
        "article_id": article.id, "version": 1, "content_hash": article.content_hash, "record": article.as_json(),
        "fetched_at": now, "saved_at": now, "run_id": "bench", "reader": "bench", "cause": "capture",
    }  # fmt: skip
    return row, version, {"seq": seq, "article_id": article.id, "kind": "version"}


def save_ours(archive: Archive, batch: Sequence[Article], now: datetime) -> None:
    """Save articles as an import does, in one transaction."""
    with archive.saving() as saving:
        for article in batch:
            save_article(saving, article, run_id="bench", fetched_at=now, page_id=None, reader="bench", now=now)


def insert_bare(archive: Archive, batch: Sequence[Article], first_seq: int, now: datetime) -> None:
    """The same rows by three INSERTs, in one transaction."""
    rows = [rows_of(article, first_seq + number, now) for number, article in enumerate(batch)]
    with archive.writing() as connection:
        for table, values in zip((articles, versions, changes), zip(*rows, strict=True), strict=True):
            connection.execute(insert(table), list(values))
        connection.execute(update(counters).where(counters.c.name == "seq").values(value=first_seq + len(batch) - 1))


def fill(archive: Archive, start: int, end: int) -> None:
    """Write articles with sketches and random bands in plain SQL, and let log and counters agree."""
    now = datetime.now(UTC)
    for at in range(start, end, CHUNK):
        some = [an_article(number) for number in range(at, min(at + CHUNK, end))]
        first = archive.last_seq() + 1
        insert_bare(archive, some, first, now)
        with archive.writing() as connection:
            connection.execute(
                insert(sketches),
                [{"id": first + n, "article_id": a.id, "content_hash": a.content_hash} for n, a in enumerate(some)],
            )
            months = [((moment.year * 12 + moment.month) % 32768) << KEY_BITS for moment in map(published_on, some)]
            keys = [
                {"key": month | random.getrandbits(KEY_BITS), "sketch_id": first + n}
                for n, month in enumerate(months)
                for _ in range(BANDS)
            ]
            connection.execute(insert(bands), keys)
    last = archive.last_seq()
    with archive.writing() as connection:
        connection.execute(delete(counters).where(counters.c.name.in_(("sketches", "sketch"))))
        connection.execute(insert(counters), [{"name": name, "value": last} for name in ("sketches", "sketch")])
        if not connection.execute(select(facts.c.value).where(facts.c.name == "sketches")).first():
            connection.execute(insert(facts).values(name="sketches", value=SKETCHES))


def measure(ours: Archive, bare: Archive, size: int, count: int) -> dict[str, float]:
    """Rates at a size: `count` articles each way in turns, families of them, and times of look-ups in ms."""
    taken = {"ours": 0.0, "bare": 0.0}
    now = datetime.now(UTC)
    fresh = [an_article(10_000_000 + size * 10 + number) for number in range(count)]
    [article.content_hash for article in fresh]
    for at in range(0, count, BATCH):
        batch = fresh[at : at + BATCH]
        for name in ("ours", "bare") if (at // BATCH) % 2 else ("bare", "ours"):
            seq = bare.last_seq() + 1
            begun = time.perf_counter()
            if name == "ours":
                save_ours(ours, batch, now)
            else:
                insert_bare(bare, batch, seq, now)
            taken[name] += time.perf_counter() - begun
    begun = time.perf_counter()
    growing.grow(ours)
    grown = time.perf_counter() - begun
    with ours.writing() as connection:
        members = [article.id for article in fresh[:5]]
        connection.execute(delete(families))
        connection.execute(insert(families).values(id=members[0], made_at=now))
        connection.execute(update(articles).where(articles.c.id.in_(members)).values(family=members[0]))
    past = ours.last_seq() - 100
    return {
        "ours": count / taken["ours"],
        "bare": count / taken["bare"],
        "families": count / grown,
        "changes": _milliseconds(ours, lambda connection: read_batch(connection, past, count=100, size=10_000_000)),
        "log": _milliseconds(
            ours, lambda c: c.execute(select(changes).where(changes.c.seq > past).order_by(changes.c.seq)).all()
        ),
        "family": _milliseconds(ours, lambda connection: family_of(connection, members[0])),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _milliseconds(archive: Archive, look_up: Any) -> float:
    times = []
    for _ in range(30):
        with archive.reading() as connection:
            begun = time.perf_counter()
            look_up(connection)
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


@contextmanager
def homes(database: str, folder: Path) -> Iterator[tuple[Archive, Archive, Any]]:
    """Two new archives, and a function that returns the bytes of the first one's database."""
    if database == "sqlite":
        urls = [f"sqlite:///{folder / name}.sqlite3" for name in ("ours", "bare")]
        with Archive.open(urls[0], folder / "a") as ours, Archive.open(urls[1], folder / "b") as bare:
            yield ours, bare, lambda: sum(each.stat().st_size for each in folder.glob("ours.sqlite3*"))
        return
    sys.path.insert(0, str(ROOT))  # for the tests' server
    from tests.support.postgresql.server import PostgresServer

    server = PostgresServer(SAFE)
    try:
        server.start()
        names = [server.new_database() for _ in range(2)]
        with (
            Archive.open(server.url(names[0]), folder / "a") as ours,
            Archive.open(server.url(names[1]), folder / "b") as bare,
        ):

            def size() -> int:
                with ours.reading() as connection:
                    return int(connection.execute(select(func.pg_database_size(names[0]))).scalar_one())

            yield ours, bare, size
    finally:
        server.remove()


def export_table(count: int) -> None:
    """Our export to Parquet beside pandas that writes the same frame."""
    import pandas

    from archive.export.run import export
    from archive.export.selection import Selection
    from archive.export.stamp import ExportStamp

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Archive.open(f"sqlite:///{folder / 'a.sqlite3'}", folder) as archive:
            now = datetime.now(UTC)
            for at in range(1, count + 1, CHUNK):
                insert_bare(archive, [an_article(n) for n in range(at, min(at + CHUNK, count + 1))], at, now)

            def stamp(seq: int) -> ExportStamp:
                return ExportStamp("bench", "e", seq, Selection().as_json(), "parquet", "bench", "bench")

            begun = time.perf_counter()
            path = folder / "all.parquet"
            export(
                archive, path, Selection(), None, stamp, names={}, with_codebook=False, report_progress=lambda *_: None
            )
            ours = time.perf_counter() - begun
        frame = pandas.read_parquet(path)
        begun = time.perf_counter()
        frame.to_parquet(folder / "pandas.parquet")
        theirs = time.perf_counter() - begun
        print(f"\nexport of {count:,} articles to Parquet: {ours:.1f} s, of them read from the archive and written;")
        print(f"pandas writes the same frame, which it has in memory, in {theirs:.1f} s")


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--articles", type=int, default=40_000, help="how large the archive grows")
    parser.add_argument("--count", type=int, default=1_280, help="articles that are saved for a measurement")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--export", type=int, default=0, help="also export so many articles")
    chosen = parser.parse_args()
    for database in chosen.database or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as name:
            if database == "postgresql" and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
                print("\npostgresql: left out. There is no server here; apt-get install postgresql.")
                continue
            with homes(database, Path(name)) as (ours, bare, size):
                _one_database(database, ours, bare, size, chosen)
    if chosen.export:
        export_table(chosen.export)


def _one_database(database: str, ours: Archive, bare: Archive, size: Any, chosen: argparse.Namespace) -> None:
    found = []
    done = 1
    for goal in (chosen.small, chosen.articles):
        for archive in (ours, bare):
            fill(archive, done, goal)
        done = goal
        found.append((goal, measure(ours, bare, goal, chosen.count)))
    with ours.reading() as connection:
        held = int(connection.execute(select(func.count()).select_from(articles)).scalar_one())
    text = len(json.dumps(an_article(1).as_json()).encode())
    print(f"\n{database}: {chosen.count} articles in batches of {BATCH}, each batch forced to disk")
    print(f"{'articles there':>16} {'ours /s':>9} {'bare /s':>9} {'share':>6} {'families /s':>12}"
          f" {'100 changes':>12} {'with states':>12} {'family':>8} {'memory':>8}")  # fmt: skip
    for goal, each in found:
        print(
            f"{goal:16,} {each['ours']:9,.0f} {each['bare']:9,.0f} {each['ours'] / each['bare']:6.0%}"
            f" {each['families']:12,.0f} {each['log']:9.2f} ms {each['changes']:9.2f} ms {each['family']:5.2f} ms"
            f" {each['memory']:5.0f} MB"
        )
    first, last = found[0][1], found[-1][1]
    print(
        f"grown from {found[0][0]:,} to {found[-1][0]:,}: writes at {last['ours'] / first['ours']:.0%}, families at "
        f"{last['families'] / first['families']:.0%} of the first rate; {size() / held:,.0f} bytes an article, "
        f"of which its text is {text:,}"
    )


if __name__ == "__main__":
    main()
