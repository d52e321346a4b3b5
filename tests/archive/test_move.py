"""Moving an archive between databases: everything arrives, whatever is killed, and nothing is used in two places."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from archive import addresses, articles, leases, move, runs, schedules, windows
from archive.articles import SaveResult
from archive.database import Archive, ArchiveError
from archive.families.growing import grow
from archive.integrity import examine
from archive.move import MoveStoppedError
from archive.records import Listing
from archive.tables import articles as article_rows
from archive.tables import counters, metadata, versions
from tests.conftest import DRAWN, an_article
from tests.support.commands import run_here
from tests.support.postgresql.server import PASSWORD

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Saver = Callable[..., SaveResult]
LONG = ("Nelayan di pesisir Tanjung Luar kembali melaut setelah badai sepekan reda, kata ketua kelompok. " * 4,)


@pytest.fixture
def to(request: pytest.FixtureRequest, database: str, tmp_path: Path, postgres_url: str) -> str:
    """The URL of an empty database of the other kind."""
    return postgres_url if database == "sqlite" else f"sqlite:///{tmp_path / 'moved.sqlite3'}"


@pytest.fixture
def full(archive: Archive, save: Saver) -> Archive:
    """An archive with rows in many tables, among them versions, a family, and texts of all kinds."""
    for number in range(25):
        save(an_article(number, body=LONG if number < 3 else (f"Paragraf {number} \U0001f35a \0",)))
    save(an_article(4, title="Judul baru"), fetched_at=datetime.now(UTC))
    grow(archive)
    with archive.writing() as connection:
        runs.begin(connection, "r-1", source="newsstand", kind="crawl", holder="h", lease=None, now=NOW)
        addresses.remember(connection, "newsstand", [Listing(f"https://baru.test/{n}", "feed") for n in range(30)], NOW)
        runs.take_up(connection, "r-1", [("b", "B"), ("a", "A"), ("\u00e4", "\u00c4"), ("B", "b")])
    schedules.set_enabled(archive, "newsstand", True, now=NOW)
    assert windows.claim(archive, "newsstand", [NOW], "r-2", now=NOW)
    return archive


def rows_of(archive: Archive) -> dict[str, int]:
    with archive.reading() as connection:
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in metadata.sorted_tables
        }


def moved_to(full: Archive, to: str, **options: object) -> None:
    with Archive.at(to, full.home) as target:
        move.move(full, target, **options)  # type: ignore[arg-type]  a test's shorthand


def test_everything_arrives_and_the_log_goes_on(full: Archive, to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids, `seq` and epoch are kept, so an index's cursor still counts; new rows get new ids."""
    monkeypatch.setattr(move, "BATCH", 7)
    before, identity, seq = rows_of(full), full.identity, full.last_seq()
    moved_to(full, to)
    with Archive.open(to, full.home, create=False) as archive:
        assert archive.identity == identity
        assert rows_of(archive) == before
        assert examine(archive).faults == ()
        with archive.saving() as saving:
            articles.save_article(saving, an_article(99), run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW)
            listed = [Listing("https://baru.test/lagi", "feed")]
            assert addresses.remember(saving.connection, "newsstand", listed, NOW)[0].id == 31
        assert archive.last_seq() == seq + 1


def test_the_source_says_where_the_archive_went(full: Archive, to: str) -> None:
    moved_to(full, to)
    with pytest.raises(ArchiveError, match="was moved to"):
        Archive.open(full.url, full.home)
    with pytest.raises(ArchiveError, match="was moved to"):
        move.cancel(full)


def test_a_move_that_was_stopped_is_used_nowhere_and_goes_on_where_it_was(
    full: Archive, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move, "BATCH", 3)
    calls = iter([False] * 12 + [True])
    with pytest.raises(MoveStoppedError):
        moved_to(full, to, stop=lambda: next(calls))
    for url in (full.url, to):
        with pytest.raises(ArchiveError, match="being moved"):
            Archive.open(url, full.home)
    told: list[tuple[str, int, int]] = []
    moved_to(full, to, progress=lambda *what: told.append(what))
    assert any(done for name, done, _ in told[:1]) or told[0][2] == 0, "the first table is not copied again"
    with Archive.open(to, full.home, create=False) as archive:
        assert examine(archive).faults == ()


def test_a_move_can_be_given_up(full: Archive, to: str) -> None:
    with pytest.raises(MoveStoppedError):
        moved_to(full, to, stop=lambda: True)
    assert move.cancel(full)
    with Archive.open(full.url, full.home, create=False) as archive:
        assert archive.last_seq() == full.last_seq()


def test_a_row_that_changed_meanwhile_is_found(full: Archive, to: str) -> None:
    """Counts agree, and the hash does not: the target does not become the archive."""
    with pytest.raises(MoveStoppedError):
        moved_to(full, to, stop=_after(60))
    with full.writing() as connection:
        connection.execute(update(counters).where(counters.c.name == "seq").values(value=1))
    with Archive.at(to, full.home) as target, target.writing() as connection:
        if not connection.execute(select(counters)).first():
            connection.execute(insert(counters).values(name="seq", value=2))
    with pytest.raises(ArchiveError, match="not the same in both databases"):
        moved_to(full, to)
    with pytest.raises(ArchiveError, match="part of an archive"):
        Archive.open(to, full.home)


def _after(count: int) -> Callable[[], bool]:
    calls = iter([False] * count)
    return lambda: next(calls, True)


def test_a_target_with_another_archive_or_other_tables_is_refused(full: Archive, to: str, tmp_path: Path) -> None:
    with Archive.open(to, tmp_path / "another home"):
        pass
    with pytest.raises(ArchiveError, match="holds another archive already"):
        moved_to(full, to)
    with Archive.at(to, full.home) as target, target.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.exec_driver_sql(f"DROP TABLE {table.name}")
        connection.exec_driver_sql("CREATE TABLE pelanggan (nama TEXT)")
    with pytest.raises(ArchiveError, match="holds other tables"):
        moved_to(full, to)


def test_an_archive_in_use_is_not_moved(full: Archive, to: str) -> None:
    lease = leases.acquire(full, "scheduler", seconds=60)
    assert lease is not None
    with pytest.raises(ArchiveError, match="is in use: the lease scheduler"):
        moved_to(full, to)


def test_the_command_moves_and_never_prints_a_password(
    full: Archive,
    to: str,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if database == "sqlite":
        to = to.replace("tests@", f"tests:{PASSWORD}@")
    environment = {"KLIPING_HOME": str(full.home), "KLIPING_DATABASE_URL": full.url}
    refused = run_here(monkeypatch, capsys, environment, "archive", "move", "--to", "postgresql://127.0.0.1:1/x")
    assert "does not answer" in refused.stderr
    assert "Start it, or correct --to." in refused.stderr
    done = run_here(monkeypatch, capsys, environment, "archive", "move", "--to", to)
    assert done.returncode == 0, done
    assert "are the same in both" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr
    after = run_here(monkeypatch, capsys, environment, "archive", "stats")
    assert (after.returncode, "was moved to" in after.stderr) == (2, True)
    there = run_here(monkeypatch, capsys, environment | {"KLIPING_DATABASE_URL": to}, "archive", "stats")
    assert "25 articles in 26 versions" in there.stdout


@pytest.fixture(params=[pytest.param(50, marks=pytest.mark.soak), 5])
def kills(request: pytest.FixtureRequest) -> int:
    """How often the move is killed: fifty times, a tenth in CI."""
    return int(request.param)


@pytest.mark.processes
@pytest.mark.timeout(900)
def test_a_move_that_is_killed_again_and_again_arrives_whole(
    full: Archive, to: str, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGKILL at drawn moments. Between kills neither database can be used; at the end all rows are there, once."""
    with full.saving() as saving:
        for number in range(100, 400):
            articles.save_article(
                saving, an_article(number), run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW
            )
    before, drawn = rows_of(full), random.Random(DRAWN)
    landed = 0
    for _ in range(kills):
        with _moving(full, to, batch=5) as child:
            assert child.stdout is not None
            child.stdout.readline()  # it has begun
            time.sleep(drawn.uniform(0, 0.4))
            landed += child.poll() is None
            child.send_signal(signal.SIGKILL)
    with _moving(full, to, batch=500) as child:
        assert child.wait(timeout=240) == 0
    with Archive.open(to, full.home, create=False) as archive:
        assert rows_of(archive) == before
        assert examine(archive).faults == ()
        with archive.reading() as connection:
            assert connection.execute(select(func.count()).select_from(versions)).scalar_one() == before["versions"]
            assert connection.execute(select(func.count()).select_from(article_rows)).scalar_one() == before["articles"]
    with capsys.disabled():
        sys.stdout.write(f"\n{kills} kills of a move, {landed} while it was under way\n")


_CHILD = """
import sys
from pathlib import Path
from archive import move
from archive.database import Archive, ArchiveError
move.BATCH = int(sys.argv[4])
with Archive(sys.argv[1], Path(sys.argv[3])) as source, Archive(sys.argv[2], Path(sys.argv[3])) as target:
    print("begun", flush=True)
    try:
        move.move(source, target)
    except ArchiveError as error:
        sys.exit(0 if "already" in str(error) else str(error))
"""


def _moving(full: Archive, to: str, batch: int) -> _Child:
    return _Child([sys.executable, "-c", _CHILD, full.url, to, str(full.home), str(batch)])


class _Child(subprocess.Popen[bytes]):
    """A child that is waited for at the end of its block."""

    def __init__(self, command: list[str]) -> None:
        super().__init__(command, stdout=subprocess.PIPE)

    def __exit__(self, *_: object) -> None:
        self.wait(timeout=240)
        assert self.stdout is not None
        self.stdout.close()
