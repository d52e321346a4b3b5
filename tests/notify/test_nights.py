"""Three nights and more with real crawls of a publisher who publishes, corrects and withdraws, and what goes wrong.

Each planted fault is told once by the end of the second night of it, and its end once. The nights of all faults are in
`make soak`; CI has those of some.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from archive.host_tables import hosts
from archive.records import ArticleStatus
from archive.tables import addresses, articles, versions
from newsstand import Fault, Newsstand
from tests.support.children import kliping, opened, settings, start_crawl
from tests.support.homes import overwrite_page
from tests.support.webhook import Webhook, webhook

pytestmark = pytest.mark.processes

MOST_NIGHTS = 2
"""Nights after the end of a fault by which its recovery is told."""


@dataclass
class Nights:
    """A newsstand, an archive and a web hook; each night is one crawl by a child process, and what is told after it."""

    site: Newsstand
    home: Path
    environment: dict[str, str]
    hook: Webhook

    def crawl(self) -> None:
        """One night: a real crawl, then everybody is told. A pause that a host asked for is over by then."""
        with opened(self.home) as archive, archive.writing() as connection:
            connection.execute(update(hosts).values(wait_until=None, blocked_until=_yesterday()))
            connection.execute(update(addresses).values(next_try=None))
        start_crawl(self.environment).wait(120)
        self.tell()

    def tell(self) -> list[str]:
        """Look at all states and deliver; returns the titles that came for it."""
        before = len(self.hook.titles)
        done = kliping(self.environment, "notify", "send", "--json")
        assert done.returncode in (0, 1), done.stderr
        return self.hook.titles[before:]

    def told_of(self, subject: str) -> list[str]:
        """The titles of all messages about a subject, in order."""
        return [title for title in self.hook.titles if subject in title]


@pytest.fixture
def nights(tmp_path: Path) -> object:
    """A first good night is over: a state is told when it changes, so somebody must have seen it."""
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0) as site, webhook() as hook:
        environment = settings(
            home,
            {"newsstand.test": site.base_url},
            KLIPING_NOTIFY=json.dumps({"desk": hook.url}),
            KLIPING_LEASE_SECONDS="2",
            KLIPING_RETRY_TIMES="0",
            KLIPING_SOURCES__ANTARA__ENABLED="false",
        )
        opened(home).close()
        made = Nights(site, home, environment, hook)
        made.crawl()
        hook.received.clear()
        yield made


def _yesterday() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


def faulty(**faults: Fault) -> Callable[[Nights], None]:
    """Answers of the publisher that are faulty: the keyword is a pattern with __ for / and any for *."""

    def plant(nights: Nights) -> None:
        for name, fault in faults.items():
            nights.site.faults[name.replace("any", "*").replace("__", "/")] = fault

    return plant


FAULTS = {
    "a block page": faulty(__any=Fault("blocked")),
    "429 on end": faulty(__berita__any=Fault("429", seconds=1)),
    "an empty feed": faulty(__rss__any=Fault("empty"), __sitemapany=Fault("empty"), __indeksany=Fault("empty")),
    "another layout": faulty(__berita__any=Fault("no-article")),
    "a broken server": faulty(__any=Fault("500")),
}
IN_CI = ("a block page",)


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=() if each in IN_CI else pytest.mark.soak) for each in FAULTS]
)
def test_a_fault_of_a_publisher_is_told_once_and_its_end_once(nights: Nights, name: str) -> None:
    FAULTS[name](nights)
    for _ in range(2):
        nights.crawl()
    (told,) = nights.told_of("newsstand")
    assert "healthy" not in told
    nights.site.faults.clear()
    for _ in range(MOST_NIGHTS):
        nights.crawl()
    assert len(nights.told_of("newsstand")) == 2, nights.hook.titles
    assert "healthy again" in nights.told_of("newsstand")[1]


@pytest.mark.soak
def test_a_crawl_that_is_killed_each_night_is_told_once_and_its_end_once(nights: Nights) -> None:
    nights.site.faults["/berita/*"] = Fault("slow", seconds=0.5)
    for _ in range(2):
        child = start_crawl(nights.environment)
        with pytest.raises(Exception, match="timed out"):
            child.wait(2.5)
        child.kill()
        child.wait()
        nights.tell()
    nights.site.faults.clear()
    for _ in range(MOST_NIGHTS):
        nights.crawl()
    titles = nights.told_of("newsstand")
    assert len(titles) in (0, 2), titles  # a dead crawl is closed by the next one, which told it if it was the last
    if titles:
        assert "healthy again" in titles[1]


@pytest.mark.soak
def test_a_publisher_that_answers_for_ever_is_told_once_and_its_end_once(nights: Nights) -> None:
    """The crawl is ended at its time limit, as the service does."""
    nights.environment["KLIPING_SOURCES__NEWSSTAND__TIME_LIMIT"] = "4"
    nights.environment["KLIPING_GRACE"] = "2"
    nights.site.faults["/*"] = Fault("slow", seconds=30)
    for _ in range(2):
        assert kliping(nights.environment, "crawl", "newsstand").returncode == 1
        nights.tell()
    (told,) = nights.told_of("newsstand")
    assert "healthy" not in told
    nights.site.faults.clear()
    del nights.environment["KLIPING_SOURCES__NEWSSTAND__TIME_LIMIT"]
    for _ in range(MOST_NIGHTS):
        nights.crawl()
    assert len(nights.told_of("newsstand")) == 2, nights.hook.titles
    assert "healthy again" in nights.told_of("newsstand")[1]


@pytest.mark.soak
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_a_full_disk_is_told_once_and_its_end_once(nights: Nights, tmp_path: Path) -> None:
    """The archive is on a disk of its own, which somebody fills."""
    small = tmp_path / "disk"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", small], check=True)
    try:
        shutil.copytree(nights.home, small / "home")
        nights.home = small / "home"
        nights.environment["KLIPING_HOME"] = str(nights.home)
        nights.tell()
        nights.hook.received.clear()
        filler = small / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(1 << 20))
        for _ in range(2):
            nights.site.correct(nights.site.stories("www")[0].path, "Ralat: satu kalimat lagi.")
            start_crawl(nights.environment).wait(120)
            nights.tell()
        full = list(nights.hook.titles)
        filler.unlink()
        for _ in range(MOST_NIGHTS):
            nights.crawl()
        ended = nights.hook.titles[len(full) :]
        assert len(full) == len(set(full)) > 0, full
        assert len(ended) == len(set(ended)) == len(full), (full, ended)
        assert all("again" in title for title in ended), ended
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_damaged_database_is_told_once_and_its_mending_once(nights: Nights, tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite3"
    shutil.copy(nights.home / "archive.sqlite3", kept)
    overwrite_page(nights.home, 5)
    for _ in range(2):
        nights.tell()
    told = list(nights.hook.titles)
    assert len(told) == 1, told
    shutil.copy(kept, nights.home / "archive.sqlite3")
    for _ in range(2):
        nights.tell()
    assert len(nights.hook.titles) == 2, nights.hook.titles


@pytest.mark.soak
def test_three_nights_of_publishing_correcting_and_withdrawing(nights: Nights) -> None:
    """Every article that stood through a night is archived once, and every correction is a version."""
    corrected = [story for story in nights.site.stories() if story.outlet == "www"][:2]
    for night, story in enumerate(corrected):
        nights.site.correct(story.path, f"Ralat malam ke-{night}: jumlahnya {night + 3} orang.")
        nights.crawl()
    gone = [story for story in nights.site.stories() if story.outlet == "www"][-1]
    nights.site.faults[gone.path] = Fault("410")
    nights.crawl()
    with opened(nights.home) as archive, archive.reading() as connection:
        assert connection.execute(select(func.count()).select_from(articles)).scalar_one() == len(nights.site.stories())
        changed = connection.execute(
            select(versions.c.article_id).group_by(versions.c.article_id).having(func.count() > 1)
        )
        assert len(changed.scalars().all()) == len(corrected)
        live = connection.execute(select(func.count()).where(articles.c.status == str(ArticleStatus.LIVE))).scalar_one()
        assert live >= len(nights.site.stories()) - 1
    assert nights.hook.titles == []
