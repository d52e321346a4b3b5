"""Many writers and readers at once, on both databases: the contract of `seq`, consistent views, first inserts."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from archive import addresses, articles, leases
from archive.articles import SaveResult
from archive.database import Archive
from archive.records import Listing
from archive.sqlite import WAL_PAGES
from archive.tables import changes, facts
from tests.conftest import an_article

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WRITERS = {"sqlite": 4, "postgresql": 8}
Saver = Callable[..., SaveResult]


def save_many(url: str, home: Path, writer: int, count: int) -> None:
    """What one writer does, with connections of its own: two articles a transaction, one of them new."""
    with Archive(url, home) as archive:
        for number in range(count):
            with archive.saving() as saving:
                for which in (writer * 100_000 + number, writer):
                    article = an_article(which, title=f"Judul {which}, bacaan {number}")
                    articles.save_article(
                        saving, article, run_id="t", fetched_at=NOW, page_id=None, reader="t", now=datetime.now(UTC)
                    )


def follow(archive: Archive, ended: threading.Event) -> list[int]:
    """Read the log past the last `seq` again and again, as an index does; returns what was seen, in order."""
    seen: list[int] = []
    while True:
        done = ended.is_set()  # checked before the read, so that the last read comes after the last commit
        with archive.reading() as connection:
            last = seen[-1] if seen else 0
            seen += connection.execute(
                select(changes.c.seq).where(changes.c.seq > last).order_by(changes.c.seq)
            ).scalars()
        if done:
            return seen


def read_long(archive: Archive, ended: threading.Event, torn: list[str]) -> None:
    """Hold one view after the other for long: counter and log must agree in each, whatever is committed meanwhile."""
    while not ended.is_set():
        with archive.reading() as connection:
            before = archive.seq_in(connection)
            ended.wait(0.05)
            counted = connection.execute(select(func.count()).select_from(changes)).scalar_one()
            if not before == counted == archive.seq_in(connection):
                torn.append(f"{before} {counted}")


def check_contract(
    archive: Archive, database: str, run: Callable[[list[tuple[str, Path, int, int]]], list[str]]
) -> None:
    ended = threading.Event()
    torn: list[str] = []
    seen: list[list[int]] = []
    readers = [threading.Thread(target=read_long, args=(archive, ended, torn)) for _ in range(4)]
    readers.append(threading.Thread(target=lambda: seen.append(follow(archive, ended))))
    for reader in readers:
        reader.start()
    try:
        failed = run([(archive.url, archive.home, writer, -1) for writer in range(WRITERS[database])])
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    assert failed == []
    assert torn == []
    assert seen == [list(range(1, archive.last_seq() + 1))]


def in_threads(count: int) -> Callable[[list[tuple[str, Path, int, int]]], list[str]]:
    def run(work: list[tuple[str, Path, int, int]]) -> list[str]:
        failed: list[str] = []

        def write(url: str, home: Path, writer: int, _count: int) -> None:
            try:
                save_many(url, home, writer, count)
            except Exception as error:  # noqa: BLE001  the test shows what a writer died of
                failed.append(repr(error))

        threads = [threading.Thread(target=write, args=each) for each in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failed

    return run


def in_processes(count: int) -> Callable[[list[tuple[str, Path, int, int]]], list[str]]:
    def run(work: list[tuple[str, Path, int, int]]) -> list[str]:
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=save_many, args=(*each[:3], count)) for each in work]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return [f"exit {process.exitcode}" for process in processes if process.exitcode]

    return run


def test_no_reader_of_the_log_misses_a_row_and_no_writer_fails(archive: Archive, database: str) -> None:
    """Eight writers on PostgreSQL and four on SQLite, beside a follower and four readers with long reads."""
    check_contract(archive, database, in_threads(5))


@pytest.mark.soak
def test_no_reader_misses_a_row_of_writers_in_processes_of_their_own(archive: Archive, database: str) -> None:
    """The same with real processes and five hundred transactions each."""
    check_contract(archive, database, in_processes(500))


def test_a_reading_transaction_has_one_view_and_writes_nothing(archive: Archive, save: Saver) -> None:
    """What another process commits between two statements is not seen (READ COMMITTED would show it)."""
    save(an_article(1))
    with archive.reading() as connection:
        before = archive.seq_in(connection)
        save(an_article(2))
        assert archive.seq_in(connection) == before
        assert connection.execute(select(func.count()).select_from(changes)).scalar_one() == before
    assert archive.last_seq() == before + 1


def test_the_wal_of_a_file_stays_small_and_each_commit_is_forced_to_disk(tmp_path: Path) -> None:
    with Archive.open(f"sqlite:///{tmp_path / 'archive.sqlite3'}", tmp_path) as archive:
        wal, limit = tmp_path / "archive.sqlite3-wal", WAL_PAGES * 4096
        with archive.writing() as connection:
            connection.execute(insert(facts).values(name="large", value="k" * (limit + limit // 4)))
        assert wal.stat().st_size > limit
        for number in range(2):  # the first finds all of the WAL in the database, begins it anew, and cuts it
            with archive.writing() as connection:
                connection.execute(insert(facts).values(name=f"small {number}", value="k"))
        assert wal.stat().st_size <= limit
        with archive.writing() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL


def test_of_many_that_take_a_new_lease_at_once_one_gets_it(archive: Archive, database: str) -> None:
    """The first insert of a row races: the others neither fail nor believe that they have the lease."""
    barrier = threading.Barrier(8)
    taken: list[leases.Lease | None] = []

    def take(number: int) -> None:
        barrier.wait()
        taken.append(leases.acquire(archive, "site:baru.test", holder=f"proses {number}", seconds=60))

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 8
    (won,) = [each for each in taken if each]
    assert won.generation == 1
    found = leases.holder_of(archive, "site:baru.test")
    assert found is not None
    assert found.holder == won.holder


def test_of_many_that_discover_one_address_at_once_it_is_one_row(archive: Archive, database: str) -> None:
    barrier = threading.Barrier(8)
    found: list[int] = []

    def discover() -> None:
        barrier.wait()
        with archive.writing() as connection:
            listing = Listing("https://baru.test/berita/1", "feed")
            found.append(addresses.remember(connection, "newsstand", [listing], NOW)[0].id)

    threads = [threading.Thread(target=discover) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
