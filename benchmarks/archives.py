"""What writing to the archive costs, on SQLite and PostgreSQL, small and grown: python benchmarks/archives.py

Saves articles in batches as an import does, beside a bare INSERT of the same rows into the same tables of a copy of the
database: the same driver, batch size and fsync settings, turn by turn in the same run; and again in a grown archive.
What of the grown archive is asked for is asked for at places drawn from all of it.

    …                     --articles 1000000 --keep FOLDER   # builds it: 10 to 15 minutes and 12 GB for each database
    …                     --articles 1000000 --keep FOLDER   # the same again measures what FOLDER has
    …                     --build                            # builds alone
    …                     --forget                           # forgets one article of a copy, beside a writer
    …                     --export 100000                    # adds the export beside pandas
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from archive.articles import published_on, save_article
from archive.changes import read_batch
from archive.database import Archive
from archive.edits import edits
from archive.families import growing
from archive.families.members import family_of
from archive.forget import ForgetRequest, forget
from archive.records import Article
from archive.tables import articles, changes, counters, families, versions

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]  # for the tests' server, and the next

from filling import FIRST, an_article, fill  # noqa: E402

BATCH = 64
"""Articles of one transaction, as in `ingest.saving`."""
LOOK_UPS = 200
SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "autovacuum": "on",
        "shared_buffers": "256MB", "max_wal_size": "2GB"}  # fmt: skip


# -- saving -----------------------------------------------------------------------------------------------------------


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
        saving.look_up([article.id for article in batch])
        for article in batch:
            save_article(saving, article, run_id="bench", fetched_at=now, page_id=None, reader="bench", now=now)


def insert_bare(archive: Archive, rows: Sequence[Any], last: int) -> None:
    """The same rows by three INSERTs, in one transaction."""
    with archive.writing() as connection:
        for table, values in zip((articles, versions, changes), zip(*rows, strict=True), strict=True):
            connection.execute(insert(table), list(values))
        connection.execute(update(counters).where(counters.c.name == "seq").values(value=last))


def save_both(ours: Archive, bare: Archive, fresh: Sequence[Article]) -> dict[str, float]:
    """Articles a second, ours and bare in turns. The first batch of each warms up, and does not count."""
    taken = {"ours": 0.0, "bare": 0.0}
    now = datetime.now(UTC)
    for at in range(0, len(fresh), BATCH):
        batch = fresh[at : at + BATCH]
        seq = bare.last_seq()
        rows = [rows_of(article, seq + n, now) for n, article in enumerate(batch, 1)]
        for name in ("ours", "bare") if (at // BATCH) % 2 else ("bare", "ours"):
            begun = time.perf_counter()
            if name == "ours":
                save_ours(ours, batch, now)
            else:
                insert_bare(bare, rows, seq + len(batch))
            taken[name] += time.perf_counter() - begun if at else 0
    return {name: (len(fresh) - BATCH) / seconds for name, seconds in taken.items()}


def rate(count: int, work: Callable[[], object]) -> float:
    """How many of these a second a piece of work does."""
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def measure(ours: Archive, bare: Archive, size: int, count: int) -> dict[str, float]:
    """Rates at a size, and times of look-ups in ms: medians and the slowest of twenty."""
    with ours.reading() as connection:
        held = int(connection.execute(select(func.count()).select_from(articles)).scalar_one())
    draw = random.Random(held)
    growing.grow(ours)
    newest = [an_article(number) for number in range(held + 1, held + 1 + count)]
    found = save_both(ours, bare, newest)
    found["newest"] = rate(count, lambda: growing.grow(ours))
    times = [FIRST + timedelta(minutes=5 * draw.randrange(size)) for _ in range(count)]
    older = [an_article(10_000_000 + held + number, at=at) for number, at in enumerate(times)]
    found["older"] = save_both(ours, bare, older)["ours"]
    found["spread"] = rate(count, lambda: growing.grow(ours))
    with ours.reading() as connection:
        known = connection.execute(select(families.c.id).where(families.c.merged_into.is_(None))).scalars().all()
    chosen = iter(draw.choices(known, k=LOOK_UPS))
    last = ours.last_seq()
    pasts = iter([draw.randrange(last - 200) for _ in range(2 * LOOK_UPS)])
    after = select(changes).order_by(changes.c.seq).limit(100)
    for name, look_up in {
        "family": lambda c: family_of(c, next(chosen)),
        "log": lambda c: c.execute(after.where(changes.c.seq > next(pasts))).all(),
        "states": lambda c: read_batch(c, next(pasts), count=100, size=10_000_000),
    }.items():
        found[name], found[f"{name} slow"] = _milliseconds(ours, look_up)
    since = FIRST + timedelta(minutes=5 * size) - timedelta(days=2)
    with ours.reading() as connection:
        begun = time.perf_counter()
        found["edits"] = sum(1 for _ in edits(connection, source="antara", since=since))
        found["edits s"] = time.perf_counter() - begun
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _milliseconds(archive: Archive, look_up: Callable[[Any], object]) -> tuple[float, float]:
    times = []
    for _ in range(LOOK_UPS):
        with archive.reading() as connection:
            begun = time.perf_counter()
            look_up(connection)
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


# -- databases --------------------------------------------------------------------------------------------------------


class ArchivesInFiles:
    """Archives in SQLite files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, name: str) -> bool:
        """Whether there is an archive of this name."""
        return self._file(name).exists()

    def copy(self, name: str, to: str) -> None:
        """Copy an archive that nobody has open."""
        shutil.copyfile(self._file(name), self._file(to).with_suffix(".part"))
        self._file(to).with_suffix(".part").rename(self._file(to))

    def rename(self, name: str, to: str) -> None:
        """Rename an archive that nobody has open."""
        self._file(name).rename(self._file(to))

    def remove(self, name: str) -> None:
        """Delete an archive."""
        for end in ("", "-wal", "-shm"):
            Path(f"{self._file(name)}{end}").unlink(missing_ok=True)

    def open(self, name: str) -> Archive:
        """Open an archive, or make it."""
        return Archive.open(f"sqlite:///{self._file(name)}", self._folder / f"home-{name}")

    def size(self, name: str) -> int:
        """The bytes of its database."""
        return self._file(name).stat().st_size

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"


class ArchivesOnServer:
    """Archives in databases of a PostgreSQL server whose data are in a folder."""

    def __init__(self, folder: Path) -> None:
        from tests.support.postgresql.server import PostgresServer

        self._server = PostgresServer(SAFE, folder)
        self._server.start()

    def has(self, name: str) -> bool:
        """Whether there is an archive of this name."""
        return bool(self._ask(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))

    def copy(self, name: str, to: str) -> None:
        """Copy an archive that nobody has open."""
        self._server.new_database(name, to)

    def rename(self, name: str, to: str) -> None:
        """Rename an archive that nobody has open."""
        self._server.execute(f"ALTER DATABASE {name} RENAME TO {to}")

    def remove(self, name: str) -> None:
        """Delete an archive."""
        self._server.drop_database(name)

    def open(self, name: str) -> Archive:
        """Open an archive, or make it."""
        if not self.has(name):
            self._server.new_database(name=name)
        return Archive.open(self._server.url(name), self._server.folder / f"home-{name}")

    def size(self, name: str) -> int:
        """The bytes of its database."""
        return int(self._ask(f"SELECT pg_database_size('{name}')")[0][0])  # type: ignore[call-overload]

    def end(self) -> None:
        """Stop the server; its data stay."""
        self._server.stop()

    def _ask(self, statement: str) -> list[tuple[object, ...]]:
        with self._server.connect() as connection:
            return connection.execute(statement.encode()).fetchall()


@contextmanager
def store(database: str, folder: Path) -> Iterator[ArchivesInFiles | ArchivesOnServer]:
    """Where the archives of a database are."""
    if database == "sqlite":
        yield ArchivesInFiles(folder / "sqlite")
        return
    server = ArchivesOnServer(folder / "postgresql")
    try:
        yield server
    finally:
        server.end()


def build(where: ArchivesInFiles | ArchivesOnServer, sizes: Sequence[int]) -> None:
    """Make an archive of each size, and a copy for the bare INSERT; what is there stays."""
    done, before = 1, None
    for size in sizes:
        name = f"ours{size}"
        if not where.has(name):
            where.remove("part")
            if before is not None:
                where.copy(before, "part")
            begun = time.perf_counter()
            with where.open("part") as archive:
                fill(archive, done, size + 1)
            where.rename("part", name)
            print(f"filled to {size:,} in {time.perf_counter() - begun:.0f} s", flush=True)
        done, before = size + 1, name
    for size in sizes:
        if not where.has(f"bare{size}"):
            where.copy(f"ours{size}", f"bare{size}")


def forget_table(where: ArchivesInFiles | ArchivesOnServer, size: int) -> None:
    """Forget one article of a copy of the archive, while another thread saves."""
    where.remove("forgetting")
    where.copy(f"ours{size}", "forgetting")
    waits: list[float] = []
    with where.open("forgetting") as archive, where.open("forgetting") as writer:
        ended = threading.Event()

        def save() -> None:
            number = 20_000_000
            while not ended.is_set():
                begun = time.perf_counter()
                save_ours(writer, [an_article(number)], datetime.now(UTC))
                waits.append(time.perf_counter() - begun)
                number += 1
                ended.wait(0.05)

        thread = threading.Thread(target=save)
        thread.start()
        begun = time.perf_counter()
        try:
            forget(archive, [ForgetRequest(an_article(size // 2).id, reason="bench")], datetime.now(UTC))
        finally:
            took = time.perf_counter() - begun
            ended.set()
            thread.join()
    print(f"forgetting one of {size:,} articles: {took:.1f} s; a writer beside it waited {max(waits):.1f} s at most")
    where.remove("forgetting")


def export_table(count: int) -> None:
    """Our export to Parquet beside pandas that writes the same frame."""
    import pandas

    from archive.export.run import export
    from archive.export.selection import Selection
    from archive.export.stamp import ExportStamp

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Archive.open(f"sqlite:///{folder / 'a.sqlite3'}", folder) as archive:
            fill(archive, 1, count + 1)

            def stamp(seq: int) -> ExportStamp:
                return ExportStamp("bench", "e", seq, Selection().as_json(), "parquet", "bench", "bench")

            begun = time.perf_counter()
            path = folder / "all.parquet"
            export(
                archive, path, Selection(), None, stamp, names={}, with_codebook=False, report_progress=lambda *_: None
            )
            ours = time.perf_counter() - begun
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        frame = pandas.read_parquet(path)
        begun = time.perf_counter()
        frame.to_parquet(folder / "pandas.parquet")
        theirs = time.perf_counter() - begun
        print(f"\nexport of {count:,} articles to Parquet: {ours:.1f} s, of them read from the archive and written;")
        print(f"pandas writes the same frame, which it has in memory, in {theirs:.1f} s; memory {memory:.0f} MB")


# -- the tables -------------------------------------------------------------------------------------------------------


def main() -> None:
    """Print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--articles", type=int, default=40_000, help="how large the archive grows")
    parser.add_argument("--count", type=int, default=2_560, help="articles that are saved for a measurement")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--keep", type=Path, help="a folder in which the archives are kept, and looked for")
    parser.add_argument("--build", action="store_true", help="make the archives, and measure nothing")
    parser.add_argument("--forget", action="store_true", help="also forget an article of the largest")
    parser.add_argument("--export", type=int, default=0, help="also export so many articles")
    chosen = parser.parse_args()
    for database in chosen.database or ("sqlite", "postgresql"):
        if database == "postgresql" and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            print("\npostgresql: left out. There is no server here; apt-get install postgresql.")
            continue
        with _a_folder() as name, store(database, chosen.keep or name) as where:
            sizes = (chosen.small, chosen.articles)
            build(where, sizes)
            if not chosen.build:
                _one_database(database, where, sizes, chosen.count)
            if chosen.forget:
                forget_table(where, chosen.articles)
    if chosen.export:
        export_table(chosen.export)


@contextmanager
def _a_folder() -> Iterator[Path]:
    """A folder that the server may enter, which runs as another user."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _one_database(database: str, where: ArchivesInFiles | ArchivesOnServer, sizes: Sequence[int], count: int) -> None:
    found = []
    for size in sizes:
        with where.open(f"ours{size}") as ours, where.open(f"bare{size}") as bare:
            found.append(measure(ours, bare, size, count))
    text = len(json.dumps(an_article(1).as_json()).encode())
    print(f"\n{database}: {count} articles in batches of {BATCH}, each batch forced to disk; ms: median / 95 of 100")
    print(f"{'articles there':>16} {'ours /s':>8} {'bare /s':>8} {'share':>6} {'older /s':>9} {'families /s':>12}"
          f" {'older':>6} {'a family':>13} {'100 changes':>13} {'with states':>13} {'memory':>8}")  # fmt: skip
    for size, each in zip(sizes, found, strict=True):
        slow = {name: f"{each[name]:5.2f} / {each[f'{name} slow']:5.2f}" for name in ("family", "log", "states")}
        print(
            f"{size:16,} {each['ours']:8,.0f} {each['bare']:8,.0f} {each['ours'] / each['bare']:6.0%}"
            f" {each['older']:9,.0f} {each['newest']:12,.0f} {each['spread']:6,.0f} {slow['family']:>13}"
            f" {slow['log']:>13} {slow['states']:>13} {each['memory']:5.0f} MB"
        )
        print(f"{'':16} changes of one source in two days: {each['edits']:,.0f} in {each['edits s']:.2f} s; "
              f"{where.size(f'ours{size}') / size:,.0f} bytes an article, of which its text is {text:,}")  # fmt: skip
    first, last = found
    print(
        f"grown from {sizes[0]:,} to {sizes[1]:,}: writes at {last['ours'] / first['ours']:.0%} of the first rate "
        f"(older: {last['older'] / first['older']:.0%}), families at {last['newest'] / first['newest']:.0%} (older: "
        f"{last['spread'] / first['spread']:.0%})"
    )


if __name__ == "__main__":
    main()
