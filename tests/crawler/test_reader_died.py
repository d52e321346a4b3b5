"""A page that kills the process that reads it: after the second death its address ends in a named outcome."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from archive import addresses as queue
from archive import reading_now, runs
from archive.addresses import READER_DIED, FetchResult, SettledAddress
from archive.database import Archive
from archive.records import Listing, Rejected
from archive.tables import addresses, outcomes
from archive.verify import verify
from crawler.isolated import PageToRead, ReaderDiedAloneError, read_alone
from tests.support.children import opened, settings, until
from tests.support.nasty_site import HOST, Answer, feed, nasty_site, page

KILLER = """
import os, signal
from reading.extract import page, parsed_page

parse = parsed_page.parse_html

def deadly(content, *more):
    if b"MEMATIKAN" in content:
        os.kill(os.getpid(), signal.SIGKILL)
    return parse(content, *more)

page.parse_html = deadly
"""
"""A `sitecustomize` with which a page kills whatever process parses it, as a fault of the parser would."""


@pytest.mark.processes
def test_an_address_on_which_two_processes_died_ends_in_a_named_outcome(tmp_path: Path) -> None:
    """The second one reads nothing else, so the crawl goes on. The page is kept; corrected, it is read as any other."""
    home = tmp_path / "home"
    (tmp_path / "sitecustomize.py").write_text(KILLER, encoding="utf-8")
    deadly, harmless = "/berita/1/satu", "/berita/2/dua"
    pages: dict[str, Answer] = {
        "/rss": feed([HOST + deadly, HOST + harmless]),
        deadly: page("MEMATIKAN"),
        harmless: page("Dua"),
    }
    with nasty_site(pages) as base:

        def crawl() -> int:
            environment = settings(
                home,
                {"newsstand.test": base},
                KLIPING_LEASE_SECONDS="1",
                KLIPING_CONCURRENCY="1",
                KLIPING_SOURCES__NEWSSTAND__FEEDS=json.dumps([f"{HOST}/rss"]),
                KLIPING_SOURCES__NEWSSTAND__SITEMAPS="[]",
                KLIPING_SOURCES__NEWSSTAND__LEAST_LISTED="0",
                PYTHONPATH=str(tmp_path),
            )
            command = [sys.executable, "-m", "crawler", "newsstand"]
            return subprocess.run(command, env=environment, capture_output=True, timeout=120).returncode

        assert crawl() == -9
        codes = []
        until(lambda: codes.append(crawl()) or codes[-1] != 3, pause=0.3)  # 3: the dead crawl's lease has not expired
        with opened(home) as archive, archive.reading() as connection:
            rows = connection.execute(select(outcomes.c.run_id, outcomes.c.address, outcomes.c.outcome)).all()
            kept = connection.execute(select(addresses.c.url, addresses.c.reader_deaths)).all()
            latest = runs.latest(archive, "newsstand")
        assert latest is not None
        assert {row.address: row.outcome for row in rows if row.run_id == latest.id} == {
            HOST + deadly: READER_DIED,
            HOST + harmless: "stored",
        }
        assert dict(map(tuple, kept)) == {HOST + deadly: 1, HOST + harmless: 0}
        assert "ended with signal 9" in str(latest.problems[0].detail)
        assert not list((home / reading_now.FOLDER).iterdir())
        pages[deadly] = page("Satu")
        crawl()
    with opened(home) as archive:
        assert verify(archive).wrong == ()
        with archive.reading() as connection:
            corrected = queue.find(connection, HOST + deadly)
    assert corrected is not None
    assert (corrected.last_outcome, corrected.reader_deaths) == ("stored", 0)


@pytest.mark.processes
def test_a_page_that_is_read_alone_gives_the_same_article_or_rejection(tmp_path: Path) -> None:
    def to_read(answer: Answer) -> PageToRead:
        return PageToRead(answer[2], f"{HOST}/berita/1/satu", None, "newsstand", datetime.now(UTC))

    assert read_alone(to_read(page("Satu"))).titles[0].text == "Satu"
    with pytest.raises(Rejected, match="no content"):
        read_alone(to_read((200, {}, b"")))
    with pytest.raises(ReaderDiedAloneError, match="exit status 1"):
        read_alone(to_read((200, {}, None)))  # type: ignore[arg-type]  # an error of our own in the process


def test_a_page_is_noted_while_it_is_read_and_no_longer(tmp_path: Path) -> None:
    reading = reading_now.ReadingNow(tmp_path, "run")
    assert reading_now.page_at_death(tmp_path, "run") is None
    for key in ("koran.test/sebuah-berita-yang-panjang", "koran.test/b"):
        with reading.page(key):
            assert reading_now.page_at_death(tmp_path, "run") == key
        assert reading_now.page_at_death(tmp_path, "run") is None
    reading.close()
    assert not (tmp_path / reading_now.FOLDER / "run").exists()


def test_only_a_page_that_was_read_clears_its_address(archive: Archive) -> None:
    now = datetime.now(UTC)
    url = f"{HOST}/berita/1/satu"
    with archive.writing() as connection:
        (address,) = queue.remember(connection, "newsstand", [Listing(url, "feed")], now)
        queue.count_reader_death(connection, address.key)
        for outcome, deaths in (("error:timeout", 1), (READER_DIED, 1), ("rejected:no-date", 0)):
            queue.settle(connection, [SettledAddress(address.key, outcome, FetchResult())], now)
            found = queue.find(connection, url)
            assert found is not None
            assert found.reader_deaths == deaths
