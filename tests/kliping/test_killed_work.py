"""Killed with SIGKILL at any moment, nothing is lost, nothing is twice, and the archive is whole after a restart."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, update

from archive.database import Archive
from archive.forget import finish
from archive.manifest import read_manifest
from archive.records import Article
from archive.restore import UNFINISHED, check_backup
from archive.tables import articles, leases, pages, versions
from archive.verify import verify
from archive.warc.reading import load_pages
from newsstand import Newsstand
from tests.conftest import DRAWN
from tests.support import killed_work
from tests.support.children import settings, start_crawl, until
from tests.support.killed_work import opened
from tests.support.postgresql.server import PostgresServer
from tests.support.warc_bytes import numbered

RECORDS = 40
OLD = " (lama)"
"""What earlier readers would have made of the headlines."""
FORGOTTEN = 3
KILLS = {"few": 3, "many": int(os.environ.get("KLIPING_TEST_KILLS", "50"))}

pytestmark = [pytest.mark.processes, pytest.mark.timeout(1800)]
how_often = pytest.mark.parametrize(
    ("often", "on"),
    [
        ("few", "sqlite"),
        pytest.param("many", "sqlite", marks=pytest.mark.soak),
        pytest.param("many", "postgresql", marks=pytest.mark.soak),
    ],
)


@pytest.fixture(scope="module")
def children() -> ForkServerContext:
    found = killed_work.context()
    killed_work.start(found, killed_work.ignore).join()  # the server loads everything for the first one
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WARC file of many pages."""
    path = tmp_path_factory.mktemp("killed") / "news.warc"
    path.write_bytes(b"".join(numbered(number) for number in range(RECORDS)))
    return path


@pytest.fixture
def server(request: pytest.FixtureRequest, on: str) -> PostgresServer | None:
    """The server that holds the archives; None if files do."""
    found: PostgresServer | None = request.getfixturevalue("postgres_server") if on == "postgresql" else None
    return found


@pytest.fixture
def full(tmp_path: Path, file: Path, server: PostgresServer | None) -> Path:
    """A home with the articles of that file."""
    home = tmp_path / "full"
    made(home, None, server)
    killed_work.import_file(home, file)
    return home


def made(home: Path, base: Path | None, server: PostgresServer | None) -> None:
    """Make a home: a copy of another one with its database, or none yet, with an empty database on the server."""
    if base is not None:
        shutil.copytree(base, home)
    if server is not None:
        template = None if base is None else make_url(killed_work.url(base)).database
        home.with_suffix(".url").write_text(server.url(server.new_database(template)))


def is_there(home: Path) -> bool:
    """Whether a home has an archive."""
    if home.with_suffix(".url").exists():
        with Archive.at(killed_work.url(home), home) as archive:
            return not archive.is_blank() and not (home / UNFINISHED).exists()
    return (home / "archive.sqlite3").exists()


@dataclass
class Kills:
    """Kills of one kind of work, at moments drawn evenly from the time that it takes."""

    name: str
    count: int
    children: ForkServerContext
    folder: Path
    server: PostgresServer | None
    killed: int = 0

    def each(self, base: Path | None, work: Callable[..., None], *arguments: object) -> Iterator[Path]:
        """Homes, each a copy of `base`, in which a process that did the work was killed. Its leases have expired."""
        draw = random.Random(f"{DRAWN} {self.name}")
        began, took = time.monotonic(), None
        for number in range(-1, self.count):
            home = self.folder / f"home{number}"
            made(home, base, self.server)
            since = time.monotonic()
            child = killed_work.start(self.children, work, home, *arguments)
            if took is None:  # the first one measures
                child.join(60)
                assert child.exitcode == 0
                took = time.monotonic() - since
            else:
                child.join(draw.uniform(0, 1.05 * took))
                child.kill()
                child.join()
                self.killed += child.exitcode == -signal.SIGKILL
            if is_there(home):
                with opened(home) as archive, archive.writing() as connection:
                    connection.execute(update(leases).values(expires_at=0.0))
            yield home
            shutil.rmtree(home, ignore_errors=True)
            if self.server:
                self.server.drop_database(str(make_url(killed_work.url(home)).database))
        assert self.killed or self.count < 10, "every process ended before it was killed"
        seconds = time.monotonic() - began
        sys.stderr.write(
            f"\n{self.name}: {self.killed} of {self.count} killed at work, which takes {took:.2f} s alone; all whole "
            f"afterwards ({seconds:.0f} s)\n"
        )


@pytest.fixture
def kills(
    children: ForkServerContext, tmp_path: Path, often: str, on: str, server: PostgresServer | None
) -> Callable[[str], Kills]:
    return lambda name: Kills(f"{name} on {on}", KILLS[often], children, tmp_path, server)


def ids(archive: Archive) -> set[str]:
    with archive.reading() as connection:
        return set(connection.execute(select(articles.c.id)).scalars())


def assert_once(archive: Archive, count: int, *, each_versions: int = 1) -> None:
    """Each article is there once, with so many versions and one page, and everything agrees."""
    assert verify(archive).wrong == ()
    with archive.reading() as connection:
        for table, expected in ((articles, count), (versions, count * each_versions), (pages, count)):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == expected, table.name
    on_disk = [page.url for path in archive.warc_folder.glob("*.warc.gz") for page in load_pages(path)]
    assert len(on_disk) == len(set(on_disk)) == count


@how_often
def test_imports(kills: Callable[[str], Kills], file: Path) -> None:
    for home in kills("import").each(None, killed_work.import_file, file):
        acknowledged: set[str] = set()
        if is_there(home):
            with opened(home) as archive:
                acknowledged = ids(archive)
        killed_work.import_file(home, file)
        with opened(home) as archive:
            assert acknowledged <= ids(archive)
            assert_once(archive, RECORDS)


@how_often
def test_reextractions(
    kills: Callable[[str], Kills], full: Path, tmp_path: Path, server: PostgresServer | None
) -> None:
    old = tmp_path / "old"
    made(old, full, server)
    _as_earlier_readers_read(old)
    for home in kills("reextract").each(old, killed_work.reextract):
        with opened(home) as archive:
            assert verify(archive).wrong == ()
        killed_work.reextract(home)
        with opened(home) as archive:
            assert_once(archive, RECORDS, each_versions=2)


def _as_earlier_readers_read(home: Path) -> None:
    with opened(home) as archive, archive.writing() as connection:
        for row in connection.execute(select(versions)).all():
            article = Article.from_json(row.record)
            article = replace(article, title=article.title + OLD)
            digest = article.content_hash
            own = versions.c.article_id == row.article_id
            connection.execute(update(versions).where(own).values(record=article.as_json(), content_hash=digest))
            connection.execute(update(articles).where(articles.c.id == article.id).values(content_hash=digest))


@how_often
def test_backups(kills: Callable[[str], Kills], full: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    for number, home in enumerate(kills("backup").each(full, killed_work.back_up, folder)):
        if (manifest := read_manifest(folder)) is not None:
            assert check_backup(folder, killed_work.ignore) == manifest
        killed_work.back_up(home, folder)
        assert check_backup(folder, killed_work.ignore).articles == RECORDS
        if number % 2:  # every other one begins without an earlier backup
            shutil.rmtree(folder)


@how_often
def test_restores(kills: Callable[[str], Kills], full: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    killed_work.back_up(full, folder)
    for home in kills("restore").each(None, killed_work.restore_into, folder):
        if not is_there(home):
            killed_work.restore_into(home, folder)
        with opened(home) as archive:
            assert_once(archive, RECORDS)


@how_often
def test_forgets(kills: Callable[[str], Kills], full: Path) -> None:
    with opened(full) as archive:
        everything = sorted(ids(archive))
    chosen = tuple(everything[:FORGOTTEN])
    with opened(full) as archive, archive.reading() as connection:
        rows = connection.execute(select(articles.c.url).where(articles.c.id.in_(chosen))).scalars()
        addresses = [str(row).rpartition("/berita/")[2].encode() for row in rows]
    for home in kills("forget").each(full, killed_work.forget_these, chosen):
        with opened(home) as archive:
            left = ids(archive)
            assert left >= set(everything[FORGOTTEN:])
            assert len(left & set(chosen)) in (0, FORGOTTEN)  # all or none
        if left & set(chosen):
            killed_work.forget_these(home, chosen)
        with opened(home) as archive:
            finish(archive)
            assert_once(archive, RECORDS - FORGOTTEN)
        assert not any(each in content for content in _contents(home) for each in addresses)


def _contents(home: Path) -> Iterator[bytes]:
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield gzip.decompress(content) if path.name.endswith(".gz") else content


@how_often
def test_crawls(often: str, on: str, tmp_path: Path, server: PostgresServer | None) -> None:
    """One archive: each crawl goes on where the killed one was, and corrections on the way make new work."""
    draw = random.Random(f"{DRAWN} crawl")
    count, killed = KILLS[often] if often == "many" else 1, 0
    began = time.monotonic()
    made(tmp_path / "home", None, server)
    with Newsstand() as site, opened(tmp_path / "home") as archive:
        more = {"KLIPING_LEASE_SECONDS": "1", "KLIPING_DATABASE_URL": archive.url}
        environment = settings(archive.home, {"newsstand.test": site.base_url}, **more)
        for number in range(count):
            seq = archive.last_seq()
            if number:
                for story in draw.sample(site.stories("www"), 5):
                    site.correct(story.path, f"Ralat: kalimat {number}.")
            child = start_crawl(environment)
            until(lambda past=seq, child=child: archive.last_seq() > past or child.poll() is not None)  # type: ignore[misc]
            time.sleep(draw.uniform(0, 0.4))  # a moment of its work
            before = ids(archive)
            child.kill()
            killed += child.wait() == -signal.SIGKILL
            with archive.writing() as connection:
                connection.execute(update(leases).values(expires_at=0.0))
            assert verify(archive).wrong == ()
            assert before <= ids(archive)
        assert start_crawl(environment).wait(120) == 0
        assert verify(archive).wrong == ()
        assert len(ids(archive)) == len(site.stories())
    sys.stderr.write(
        f"\ncrawl on {on}: {killed} of {count} killed at work; all whole ({time.monotonic() - began:.0f} s)\n"
    )
