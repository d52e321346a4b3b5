"""A lost, emptied, damaged or older database, and lost WARC files: found, said in a sentence, mended where possible."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, text, update

from archive import leases
from archive.database import Archive
from archive.records import ChangeKind
from archive.tables import addresses, articles, bands, changes, counters, pages, runs, sketches, versions
from kliping.cli import archive_verify
from tests.kliping.test_commands import CLIPPING
from tests.support.commands import run_main
from tests.support.homes import (
    PAGES,
    Command,
    ReadersHere,
    copy_of,
    database,
    expected,
    import_pages,
    opened_home,
    overwrite_page,
)

pytestmark = pytest.mark.large

MEND = "kliping archive verify --mend"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `kliping` in this process, on the home `home`; readers run in this process, too."""
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KLIPING_USER_AGENT", "KlipingBot/0.1 (arsip@redaksi.test)")
    monkeypatch.setattr(archive_verify, "ReaderPool", ReadersHere)

    def run_command(*arguments: str) -> tuple[int, str, str]:
        done = run_main(monkeypatch, capsys, *arguments)
        return done.returncode, done.stdout, done.stderr

    return run_command


@pytest.fixture
def ids(run: Command, tmp_path: Path) -> list[str]:
    """The ids of four articles, each with its kept page, in the home of `run`."""
    return import_pages(run, CLIPPING, tmp_path)


@pytest.fixture
def home(tmp_path: Path, ids: list[str]) -> Path:
    """The home with these articles."""
    return tmp_path / "home"


def findings(run: Command, about: str = "archive") -> list[dict[str, object]]:
    """What `doctor` says about one thing."""
    _, printed, error = run("doctor", "--json")
    assert error == ""
    return [each for each in json.loads(printed) if each["about"] == about]


def wrong(run: Command) -> tuple[list[str], bool]:
    """What `archive verify` says is wrong, and whether it offers to mend it."""
    status, printed, error = run("archive", "verify", "--json")
    assert error == ""
    found = json.loads(printed)
    assert status == (1 if found["wrong"] else 0)
    return found["wrong"], found["mendable"]


def assert_whole(run: Command, ids: list[str]) -> None:
    """Every article is there with its text and its page, and searches find it after a reindex."""
    assert wrong(run) == ([], False)
    for number, article_id in enumerate(ids):
        status, printed, error = run("show", article_id, "--json")
        assert status == 0, error
        shown = json.loads(printed)
        assert shown["versions"][-1]["warc"] is not None
        if number < len(PAGES):
            assert {key: shown[key] for key in ("title", "body", "url")} == {
                key: expected(PAGES[number])[key] for key in ("title", "body", "url")
            }
    status, _, error = run("reindex")
    assert status == 0, error
    assert json.loads(run("search", "source:newsstand", "--json")[1])["total"] == len(PAGES)
    assert json.loads(run("search", "nelayan cakalang", "--json")[1])["total"] == 1


@pytest.mark.parametrize(
    "arguments",
    ["search nelayan", "show 12345678", "reindex", "index status", "index list", "index follow", "archive stats",
     "archive verify", "archive verify --mend", "archive reextract", "archive migrate", "sources accept newsstand",
     "runs show x"],
)  # fmt: skip
def test_in_an_empty_folder_a_command_says_that_there_is_no_archive_and_makes_none(
    run: Command, tmp_path: Path, arguments: str
) -> None:
    (tmp_path / "home").mkdir()
    status, printed, error = run(*arguments.split())
    assert (status, printed) == (2, "")
    assert error == (
        f"There is no archive in {tmp_path / 'home'}. `kliping crawl` or `kliping import` makes one; KLIPING_HOME "
        "names the folder of another.\n"
    )
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    ["doctor", "status", "runs list", "sources list", "sources show newsstand", "sources politeness", "schedule list",
     "schedule next", "schedule history", "coverage newsstand"],
)  # fmt: skip
def test_what_needs_no_archive_works_without_one_and_makes_none(run: Command, tmp_path: Path, arguments: str) -> None:
    _, printed, error = run(*arguments.split())
    assert printed
    assert error == ""
    assert not (tmp_path / "home").exists()


def remove(home: Path) -> None:
    database(home).unlink()


def empty(home: Path) -> None:
    database(home).write_bytes(b"")


def remove_with_mark(home: Path) -> None:
    """As of an archive that an earlier version wrote, which had no mark."""
    database(home).unlink()
    (home / "archive.mark").unlink()


def overwrite_header(home: Path) -> None:
    overwrite_page(home, 1)


@pytest.mark.parametrize(
    ("accident", "says"),
    [
        (remove, "is missing, but"),
        (empty, "is empty, but"),
        (remove_with_mark, "is missing, but"),
        (overwrite_header, "is damaged: file is not a database."),
    ],
)
def test_a_lost_database_is_found_by_every_command_and_made_anew_from_the_kept_pages(
    run: Command, home: Path, ids: list[str], accident: Callable[[Path], None], says: str
) -> None:
    """No command makes an empty archive beside a full `warc/`, and nobody is told to build an index from one."""
    accident(home)
    before = sorted(path.name for path in home.iterdir())
    for arguments in ("show 12345678", "archive stats", "index follow", "import x.txt", "runs list", "reindex"):
        status, printed, error = run(*arguments.replace("x.txt", str(home.parent / "kliping.txt")).split())
        assert (status, printed) == (2 if "not a database" in says else 1, ""), arguments
        assert says in error
        assert MEND in error
        assert len(error.splitlines()) == 1
    assert sorted(path.name for path in home.iterdir()) == before
    (found,) = findings(run)
    assert found["fine"] is False
    assert says in str(found["seen"])
    assert "reindex" not in run("doctor")[1]
    sentences, mendable = wrong(run)
    assert (len(sentences), mendable) == (1, True)
    assert says in sentences[0]
    status, printed, error = run("archive", "verify", "--mend")
    assert (status, error) == (0, "")
    assert "4 kept pages have rows again; articles: 4 stored." in printed
    assert_whole(run, ids)
    assert all(each["fine"] for each in findings(run))
    if accident is overwrite_header:
        assert "the damaged one is" in printed
        assert list(home.glob("archive.sqlite3.damaged-*Z"))


def test_a_database_that_another_process_uses_is_not_replaced(run: Command, home: Path, ids: list[str]) -> None:
    """An index of the table of outcomes is damaged, and a crawl is under way."""
    with opened_home(home) as archive:
        assert leases.acquire(archive, "site:newsstand.test", holder="mesin-lain", seconds=600)
    with closing(sqlite3.connect(database(home))) as connection:
        root = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_outcomes_run_id_outcome'"
        (page,) = connection.execute(root).fetchone()
    overwrite_page(home, page)
    status, _, error = run("archive", "verify", "--mend")
    assert status == 1
    assert error.startswith(
        "The archive is in use: the lease site:newsstand.test is held by mesin-lain (if that process"
    )
    assert not list(home.glob("*.damaged-*"))


@pytest.mark.parametrize("table", ["facts", "counters"])
def test_lost_facts_of_the_archive_are_damage_too(run: Command, home: Path, ids: list[str], table: str) -> None:
    with opened_home(home) as archive, archive.writing() as connection:
        connection.execute(text(f"DELETE FROM {table}"))
    for arguments in ("archive stats", "index status", "index follow", "import " + str(home.parent / "kliping.txt")):
        status, _, error = run(*arguments.split())
        assert status in (0, 1), arguments
        assert "An error of our own" not in error, arguments
    sentences, mendable = wrong(run)
    assert sentences
    assert mendable
    assert not all(each["fine"] for each in findings(run))
    assert run("archive", "verify", "--mend")[0] == 0
    assert_whole(run, ids)


@pytest.mark.large
@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.soak)])
def test_whichever_page_of_the_database_is_overwritten_it_is_found_and_mended(
    run: Command, home: Path, ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Each page in turn, or every eighth. No command ends in a traceback, and no article is lost."""
    good = copy_of(home, tmp_path / "good")
    count = database(home).stat().st_size // 4096
    assert count > 50
    unseen = []
    for number in range(1, count + 1, step):
        shutil.rmtree(home)
        copy_of(good, home)
        overwrite_page(home, number)
        sentences, mendable = wrong(run)
        if not sentences:
            unseen.append(number)
            continue
        assert mendable, (number, sentences)
        assert not all(each["fine"] for each in findings(run)), number
        for arguments in ("show " + ids[0], "archive stats", "sources list", "search nelayan"):
            status, _, error = run(*arguments.split())
            assert status in (0, 1, 2), (number, arguments)
            assert len(error.splitlines()) <= 1, (number, arguments)
        status, printed, error = run("archive", "verify", "--mend")
        assert (status, error) == (0, ""), (number, printed)
        assert_whole(run, ids)
    assert unseen == []


# -- rows that are lost -----------------------------------------------------------------------------------------------


def lose_version(connection: Connection, article_id: str) -> None:
    connection.execute(delete(versions).where(versions.c.article_id == article_id))


def lose_article(connection: Connection, article_id: str) -> None:
    connection.execute(delete(articles).where(articles.c.id == article_id))


def lose_all_of_it(connection: Connection, article_id: str) -> None:
    lose_version(connection, article_id)
    lose_article(connection, article_id)


def damage_version(connection: Connection, article_id: str) -> None:
    connection.execute(
        update(versions).where(versions.c.article_id == article_id).values(record=text("'{\"title\": '"))
    )


def falsify_version(connection: Connection, article_id: str) -> None:
    of_article = versions.c.article_id == article_id
    record = connection.execute(select(versions.c.record).where(of_article)).scalar_one()
    connection.execute(update(versions).where(of_article).values(record=record | {"title": "Judul palsu"}))


def lose_page(connection: Connection, article_id: str) -> None:
    page_id = connection.execute(select(versions.c.page_id).where(versions.c.article_id == article_id)).scalar_one()
    connection.execute(delete(pages).where(pages.c.id == page_id))
    connection.execute(delete(runs))


def lose_log(connection: Connection, article_id: str) -> None:
    connection.execute(delete(changes).where(changes.c.article_id == article_id))


def set_counter_back(connection: Connection, article_id: str) -> None:
    connection.execute(update(counters).values(value=1))


@pytest.mark.parametrize(
    ("accident", "says"),
    [
        (lose_version, "1 articles have lost their current version, for example"),
        (lose_article, "rows of versions refer to rows of articles that are missing"),
        (lose_all_of_it, "1 articles of the log are missing, for example"),
        (damage_version, "cannot be read"),
        (falsify_version, "does not match its content hash"),
        (lose_page, "The database does not know the pages in"),
        (lose_log, "The log has 3 changes up to"),
        (set_counter_back, "The log has 4 changes up to 4, but the counter is at 1."),
    ],
)
@pytest.mark.parametrize("whose", [0, 3])
def test_lost_rows_are_found_and_read_again_from_the_kept_page(
    run: Command, home: Path, ids: list[str], accident: Callable[[Connection, str], None], says: str, whose: int
) -> None:
    """Rows that a disk has lost, of an article with an address and of a clipping."""
    with opened_home(home) as archive, archive.writing() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        accident(connection, ids[whose])
    status, _, error = run("show", ids[whose], "--json")
    assert status in (0, 1)
    assert len(error.splitlines()) == status
    sentences, mendable = wrong(run)
    assert any(says in sentence for sentence in sentences), sentences
    assert mendable
    if accident not in (damage_version, falsify_version):  # which only reading every version shows
        assert any(says in str(each["seen"]) for each in findings(run) if not each["fine"])
    status, printed, error = run("archive", "verify", "--mend")
    assert (status, error) == (0, ""), printed
    assert_whole(run, ids)


def test_an_article_whose_version_is_lost_stays_in_the_index_and_is_named_as_refused(
    run: Command, home: Path, ids: list[str]
) -> None:
    with opened_home(home) as archive:
        with archive.writing() as connection:
            lose_version(connection, ids[0])
        with archive.saving() as saving:
            saving.record_change(ids[0], ChangeKind.REREAD)
    assert run("index", "follow")[0] == 1
    assert "the archive has lost its current version" in run("index", "failures")[1]
    assert json.loads(run("search", "kopi gayo", "--json")[1])["total"] == 1


def test_an_older_copy_of_the_database_is_found_by_the_mark_and_brought_up_to_date(
    run: Command, home: Path, ids: list[str], tmp_path: Path
) -> None:
    """Somebody put back yesterday's file: the pages of the night are kept, and their rows are gone."""
    shutil.copy(database(home), tmp_path / "yesterday")
    page = tmp_path / "baru.txt"
    page.write_text(CLIPPING.replace("Kendari", "Ambon").replace("akalang", "ongkol"))
    status, printed, _ = run("import", str(page), "--fetched-at", "2026-01-10T10:00:00+07:00")
    assert status == 0
    shutil.copy(tmp_path / "yesterday", database(home))
    sentences, mendable = wrong(run)
    assert sentences[0].startswith("The database is an older copy: it ends at change 4, and this home held change 5 (")
    assert "does not know the pages in" in sentences[1]
    assert (len(sentences), mendable) == (2, True)
    doctor = run("doctor")[1]
    assert "The database is an older copy" in doctor
    assert "Mend the archive first" in doctor
    assert "→ kliping reindex" not in doctor
    assert run("archive", "verify", "--mend")[0] == 0
    assert run("show", printed.split()[2])[0] == 0
    assert_whole(run, ids)


def test_another_archive_s_database_is_found_by_the_mark(
    run: Command, home: Path, ids: list[str], tmp_path: Path
) -> None:
    database(home).unlink()
    with Archive.open(f"sqlite:///{tmp_path / 'other' / 'archive.sqlite3'}", tmp_path / "other"):
        pass
    shutil.copy(tmp_path / "other" / "archive.sqlite3", database(home))
    (found,) = [each for each in findings(run) if "is of another archive" in str(each["seen"])]
    assert not found["fine"]
    assert "→ kliping reindex" not in run("doctor")[1]


# -- WARC files that are lost -----------------------------------------------------------------------------------------


def test_lost_warc_files_are_one_sentence_each_and_the_articles_stay(run: Command, home: Path, ids: list[str]) -> None:
    first, second, *_ = sorted((home / "warc").iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:-10])
    sentences, mendable = wrong(run)
    assert sentences[0] == f"{first} is missing: its 1 kept pages cannot be read. Put it back from a backup."
    assert sentences[1].startswith(f"{second} is cut off: it has ")
    assert not mendable
    assert [each["seen"] for each in findings(run) if not each["fine"]] == sentences[:2]
    shutil.rmtree(home / "warc")
    sentences, mendable = wrong(run)
    assert sentences == [
        f"All WARC files are missing from {home / 'warc'}: none of the 4 kept pages can be read. Put the folder back "
        "from a backup. Articles stay as they are, but cannot be read again (`archive reextract`)."
    ]
    assert run("show", ids[0])[0] == 0
    assert json.loads(run("search", "kopi gayo", "--json")[1])["total"] == 1


def test_pages_that_a_killed_run_left_without_rows_are_no_fault_and_can_be_read(
    run: Command, home: Path, ids: list[str]
) -> None:
    """A run is killed after its pages were forced to disk and before the commit; its addresses are still queued."""
    with opened_home(home) as archive, archive.writing() as connection:
        for table in (bands, sketches, addresses, versions, articles, changes):
            connection.execute(delete(table))
        connection.execute(text("DELETE FROM outcomes"))
        connection.execute(delete(pages))
        connection.execute(update(counters).values(value=0))
    (home / "archive.mark").unlink()
    assert wrong(run) == ([], False)
    assert "4 kept pages have no row: runs that were killed left them." in run("archive", "verify")[1]
    assert run("archive", "verify", "--mend")[0] == 0
    assert wrong(run) == ([], False)
    assert run("show", ids[0])[0] == 0
