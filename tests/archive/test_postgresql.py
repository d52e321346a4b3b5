"""PostgreSQL alone: what is said when it cannot be used, a server that restarts, texts that it stores otherwise."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from archive import articles, dialects, leases, postgres
from archive.articles import SaveResult, current_article
from archive.database import Archive, ArchiveError, LostDatabaseError, is_unusable
from archive.tables import articles as article_rows
from archive.tables import changes, counters, facts, versions
from archive.tables import leases as lease_rows
from tests.conftest import an_article
from tests.support.commands import run_here
from tests.support.postgresql.fixtures import started
from tests.support.postgresql.server import GUARDED, PASSWORD, PostgresServer

pytestmark = pytest.mark.postgresql
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Saver = Callable[..., SaveResult]


@pytest.fixture
def database() -> str:
    """PostgreSQL alone."""
    return "postgresql"


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    server = started()
    yield server
    server.remove()


def the_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, home: Path) -> str:
    """What `kliping archive stats` says of a database that cannot be used."""
    environment = {"KLIPING_DATABASE_URL": url, "KLIPING_HOME": str(home)}
    done = run_here(monkeypatch, capsys, environment, "archive", "stats")
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stderr + done.stdout
    return done.stderr


def test_what_cannot_be_used_is_said_in_a_sentence_without_the_password(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def said(url: str) -> str:
        return the_sentence(monkeypatch, capsys, url, tmp_path / "home")

    folder = postgres_server.folder
    postgres_server.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD 'lain'")
    assert "There is no such database" in said(f"postgresql://tests:{PASSWORD}@/tiada?host={folder}")
    assert "refuses the user or password" in said(f"postgresql://{GUARDED}:{PASSWORD}@/postgres?host={folder}")
    assert "refuses the user or password" in said(f"postgresql://{GUARDED}@/postgres?host={folder}&password={PASSWORD}")
    assert "no user siapa" in said(f"postgresql://siapa:{PASSWORD}@/postgres?host={folder}")
    assert "does not answer" in said(f"postgresql://tests:{PASSWORD}@127.0.0.1:1/kliping")
    assert "does not answer" in said(f"postgres://tests:{PASSWORD}@/kliping?host={tmp_path}")
    assert "cannot be read as an address" in said(f"postgresql//tests:{PASSWORD}@host/kliping")
    assert "cannot be read as an address" in said(f"mysql://tests:{PASSWORD}@host/kliping")


def test_a_missing_driver_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    said = the_sentence(monkeypatch, capsys, f"postgresql://u:{PASSWORD}@127.0.0.1/kliping", tmp_path)
    assert "pip install 'kliping[postgres]'" in said


def test_a_database_that_is_not_utf_8_is_refused(postgres_server: PostgresServer, tmp_path: Path) -> None:
    postgres_server.execute(
        "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
    )
    with pytest.raises(ArchiveError, match="stores texts as SQL_ASCII"):
        Archive.open(postgres_server.url("ascii"), tmp_path)


def test_a_blank_database_in_a_home_that_held_an_archive_is_not_taken_for_a_new_one(
    archive: Archive, save: Saver, postgres_url: str
) -> None:
    save(an_article())
    archive.save_mark()
    with pytest.raises(LostDatabaseError, match=r"PostgreSQL database t\w+ at .* is empty, but .* 1 articles"):
        Archive.open(postgres_url, archive.home)


def test_two_processes_migrate_one_database_once(postgres_url: str, tmp_path: Path) -> None:
    ids: list[str] = []

    def open_it() -> None:
        with Archive.open(postgres_url, tmp_path / "home") as archive:
            ids.append(archive.identity.archive_id)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1


def test_ids_sort_by_bytes_whatever_the_locale(archive: Archive) -> None:
    """The server of the tests sorts as dictionaries do; SQLite and Python sort by bytes."""
    names = ["b", "B", "a", "ä", "Z", "_", "-a", "ab"]
    with archive.reading() as connection:
        rows = text("SELECT x FROM unnest(CAST(:names AS text[])) AS t(x) ORDER BY x")
        assert list(connection.execute(rows, {"names": names}).scalars()) != sorted(names)
    with archive.saving() as saving:
        for number, name in enumerate(names):
            article = an_article(number, id=name)
            articles.save_article(saving, article, run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW)
    with archive.reading() as connection:
        assert list(connection.execute(select(article_rows.c.id).order_by(article_rows.c.id)).scalars()) == sorted(
            names
        )


def test_texts_of_any_length_and_with_nul_are_stored(archive: Archive, save: Saver) -> None:
    """`String(64)` is no limit, as on SQLite. PostgreSQL stores no NUL in a text: a mark stands in its place."""
    url = "http://www.newsstand.test/" + "x" * 5000 + "\0"
    odd = an_article(1, title="Harga \0 beras \U0001f35a", url=url, source="s" * 100)
    save(odd)
    with archive.reading() as connection:
        found = current_article(connection, odd.id)
        row = connection.execute(select(article_rows)).one()
    assert found is not None
    assert found.title == odd.title
    assert (row.source, row.url) == (odd.source, url.replace("\0", "\ufffd"))


# -- writers side by side --------------------------------------------------------------------------------------------


def test_a_lease_is_renewed_beside_a_writer_that_takes_long(archive: Archive) -> None:
    """A heartbeat waits for no other writer. (SQLite has one lock for all.)"""
    lease = leases.acquire(archive, "site:lama.test", seconds=60)
    assert lease is not None
    with archive.writing() as connection:
        connection.execute(update(facts).where(facts.c.name == "x").values(value="y"))
        renewed = threading.Thread(target=lease.renew)
        renewed.start()
        renewed.join(timeout=20)
        assert not renewed.is_alive()


def test_a_deadlock_is_done_again_and_nothing_is_done_twice(archive: Archive) -> None:
    """Two transactions lock two rows crosswise; PostgreSQL ends one, and `patiently` does it again."""
    with archive.writing() as connection:
        connection.execute(insert(counters), [{"name": name, "value": 0} for name in ("a", "b")])
    both = threading.Barrier(2, timeout=20)
    tries: list[str] = []

    def add(first: str, second: str) -> None:
        def once() -> None:
            tries.append(first)
            with archive.writing(in_turn=False) as connection:
                for name in (first, second):
                    connection.execute(
                        update(counters).where(counters.c.name == name).values(value=counters.c.value + 1)
                    )
                    if name == first and len(tries) <= 2:
                        both.wait()

        dialects.patiently(once)

    threads = [threading.Thread(target=add, args=names) for names in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 3
    with archive.reading() as connection:
        values = connection.execute(select(counters.c.value).where(counters.c.name.in_(("a", "b")))).scalars().all()
    assert values == [2, 2]


def test_a_reader_cannot_write(archive: Archive) -> None:
    with pytest.raises(DBAPIError, match="read-only"), archive.reading() as connection:
        connection.execute(update(lease_rows).values(holder="x"))


# -- a server that restarts ------------------------------------------------------------------------------------------


@pytest.mark.processes
def test_a_writer_outlasts_restarts_of_the_server_and_nothing_is_saved_twice(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    """Stopped in order and as by a crash, inside transactions and between them: all is saved, once."""
    with Archive.open(own_server.url(), tmp_path / "home") as archive:
        begun = threading.Event()
        uncertain = 0

        def save_next(number: int) -> None:
            def once() -> None:
                with archive.saving() as saving:
                    article = an_article(number)
                    articles.save_article(
                        saving, article, run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW
                    )
                    begun.set()

            dialects.patiently(once)

        def write() -> None:
            nonlocal uncertain
            for number in range(100):
                try:
                    save_next(number)
                except OperationalError as error:
                    assert isinstance(error, postgres.UncertainCommitError), error
                    uncertain += 1

        writer = threading.Thread(target=write)
        writer.start()
        for how in (signal.SIGINT, signal.SIGQUIT):
            begun.clear()
            assert begun.wait(30)
            own_server.stop(how)
            own_server.start()
        writer.join()
        with archive.reading() as connection:
            saved = connection.execute(select(func.count()).select_from(article_rows)).scalar_one()
            counts = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (versions, changes)
            ]
        assert 100 - uncertain <= saved <= 100
        assert counts == [saved, saved]
        assert archive.last_seq() == saved


def test_a_commit_whose_end_is_not_known_is_an_error_and_not_repeated(
    archive: Archive, postgres_server: PostgresServer
) -> None:
    """The connection is lost at the commit: it may have been done, so it is not done again."""
    tries = 0

    def once() -> None:
        nonlocal tries
        tries += 1
        with archive.saving() as saving:
            articles.save_article(saving, an_article(1), run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW)
            pid = saving.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            _end_at_commit(saving.connection.engine, postgres_server, int(pid))

    with pytest.raises(postgres.UncertainCommitError):
        dialects.patiently(once)
    assert tries == 1


def _end_at_commit(engine: Engine, server: PostgresServer, pid: int) -> None:
    @event.listens_for(engine, "commit", once=True)
    def _end(_connection: object) -> None:
        with server.connect() as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))
            while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone():
                pass


def test_a_frozen_writer_loses_its_turn(archive: Archive, save: Saver, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that sends nothing inside its transaction is ended by the server, so that the others go on."""
    short = "SET LOCAL idle_in_transaction_session_timeout = '300ms'; SELECT pg_advisory_xact_lock(1)"
    monkeypatch.setattr(postgres, "_BEGIN_IN_TURN", short)
    with pytest.raises(DBAPIError) as lost, archive.writing() as connection:  # noqa: PT012  the second statement fails
        connection.exec_driver_sql("SELECT 1")
        save(an_article(1))  # waits for its turn, and gets it
        connection.exec_driver_sql("SELECT 1")
    assert archive.last_seq() == 1
    assert dialects.was_rolled_back(lost.value)
    assert is_unusable(lost.value)


def test_a_full_disk_and_other_troubles_of_the_server_are_named() -> None:
    """Every SQLSTATE of the table leads to a sentence with something to do."""
    import psycopg

    for code in postgres.PROBLEMS:
        error = psycopg.errors.lookup(code)("what the server said")
        error.sqlstate = code
        found = dialects.problem(OperationalError("INSERT", {}, error))
        assert found
        assert "{" not in found
