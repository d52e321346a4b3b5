"""One signal ends a command after what is under way is recorded and indexed; a second ends it at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive import ending, runs
from archive.database import Archive
from archive.tables import articles, leases, outcomes
from archive.verify import verify
from tests.support.children import PATIENCE, is_gone, kliping, opened, settings, until
from tests.support.nasty_site import HOST, Answer, Answering, feed, html, index, nasty_site, page

Pages = dict[str, "Answer | Answering"]
SLOW = "http://arsip.newsstand.test"


def start(environment: dict[str, str], *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kliping", *map(str, arguments)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stored(archive: Archive) -> int:
    with archive.reading() as connection:
        return connection.execute(select(func.count()).select_from(articles)).scalar_one()


def found(environment: dict[str, str], words: str) -> int:
    return int(json.loads(kliping(environment, "search", words, "--json").stdout)["total"])


@pytest.fixture
def pages() -> Pages:
    """A host with an article, and one whose robots.txt asks for 20 s between two requests."""
    return {
        "www.newsstand.test/rss": feed([f"{HOST}/berita/1/kesatu"]),
        "www.newsstand.test/berita/1/kesatu": page("Kesatu"),
        "arsip.newsstand.test/robots.txt": (200, {}, b"User-agent: *\nCrawl-delay: 20\n"),
        "arsip.newsstand.test/rss": feed([f"{SLOW}/berita/{number}/lama" for number in range(9)]),
    }


def environment_of(home: Path, base: str) -> dict[str, str]:
    return settings(
        home,
        {"newsstand.test": base, "antaranews.com": base},
        KLIPING_RETRY_TIMES="0",
        KLIPING_SOURCES__NEWSSTAND__ENABLED="true",
        KLIPING_SOURCES__NEWSSTAND__FEEDS=json.dumps([f"{HOST}/rss", f"{SLOW}/rss"]),
        KLIPING_SOURCES__NEWSSTAND__SITEMAPS="[]",
        KLIPING_SOURCES__NEWSSTAND__LEAST_LISTED="0",
    )


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_crawl_that_waits_for_a_host_indexes_it_and_crawls_no_other_source(
    number: signal.Signals, pages: Pages, tmp_path: Path
) -> None:
    home, visits = tmp_path / "home", list[str]()
    with nasty_site(pages, visits) as base, opened(home) as archive:
        environment = environment_of(home, base)
        process = start(environment, "crawl", "newsstand", "antara")
        until(lambda: stored(archive) == 1)
        asked_at = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 128 + number, (out, err)
        assert time.monotonic() - asked_at < 15  # of 20 s between two requests, on a busy machine
        assert f"Not crawled, because of {number.name}: antara." in err
        assert not any("antaranews" in visit for visit in visits)
        assert found(environment, "kesatu") == 1
        report = runs.latest(archive, "newsstand")
        assert report
        assert report.verdict == "attention"
        assert "It did not ask for everything" in (report.reason or "")
        with archive.reading() as connection:
            assert connection.execute(select(func.count()).where(outcomes.c.outcome.is_(None))).scalar_one() == 0
            held = connection.execute(select(leases.c.name).where(leases.c.expires_at > 0)).scalars().all()
        assert held == []


@pytest.mark.processes
def test_a_backfill_that_is_ended_indexes_what_it_has_and_leaves_its_day_open(pages: Pages, tmp_path: Path) -> None:
    home = tmp_path / "home"
    pages["www.newsstand.test/indeks/2024-05-01?page=1"] = index(["/berita/1/kesatu"])
    with nasty_site(pages) as base, opened(home) as archive:
        environment = environment_of(home, base)
        process = start(environment, "backfill", "newsstand", "--from", "2024-05-01", "--to", "2024-05-01")
        until(lambda: stored(archive) == 1)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 143, (out, err)
        assert "0 of 1 days done" in out
        assert found(environment, "kesatu") == 1


@pytest.mark.processes
def test_a_second_signal_ends_a_crawl_and_its_child_at_once(pages: Pages, tmp_path: Path) -> None:
    """The child hangs in an answer that never comes, so that it cannot end in order."""
    home, asked = tmp_path / "home", list[float]()

    def never(_headers: object) -> Answer:
        asked.append(time.monotonic())
        until(lambda: len(asked) > 1)
        return html("")

    pages["arsip.newsstand.test/robots.txt"] = never
    with nasty_site(pages) as base, opened(home) as archive:
        process = start(environment_of(home, base), "crawl", "newsstand", "antara")
        until(lambda: asked and stored(archive) == 1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGINT)
        assert process.stderr
        assert "A second signal" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert children
        until(lambda: all(is_gone(int(child)) for child in children))
        asked.append(0.0)


@pytest.mark.processes
def test_a_reader_who_has_read_enough_ends_no_crawl(pages: Pages, tmp_path: Path) -> None:
    """`kliping crawl newsstand | head -1` indexes what it has crawled; so it does when its output's disk is full."""
    del pages["arsip.newsstand.test/robots.txt"], pages["arsip.newsstand.test/rss"]
    with nasty_site(pages) as base:
        for number, (output, status) in enumerate((("closed", 1), ("/dev/full", 1))):
            home = tmp_path / f"home-{number}"
            environment = environment_of(home, base)
            reading, writing = os.pipe()
            os.close(reading)
            with open(output, "w") if output != "closed" else os.fdopen(writing, "w") as stdout:
                done = subprocess.run(
                    [sys.executable, "-m", "kliping", "crawl", "newsstand"],
                    env=environment,
                    stdout=stdout,
                    stderr=subprocess.PIPE,
                    text=True,
                    timeout=PATIENCE,
                )
            assert done.returncode == status, done.stderr  # the second host's feed is missing
            assert ("full" in done.stderr) is (output != "closed")
            assert "Traceback" not in done.stderr
            assert found(environment, "kesatu") == 1


@pytest.mark.processes
def test_an_import_that_is_ended_is_recorded_indexed_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    home, export = tmp_path / "home", tmp_path / "koran.jsonl"
    rows = 2_500
    with export.open("w") as lines:
        for number in range(rows):
            text = f"Kalimat pertama berita {number}. " + "Warga menunggu hujan di tepi sawah yang kering. " * 20
            row = {"url": f"http://koran.test/{number}/judul-berita", "title": f"Judul ke{number}", "body": text}
            lines.write(json.dumps({**row, "date": "2024-05-01T08:00:00+07:00"}) + "\n")
    environment = settings(home, {})
    with opened(home) as archive:
        process = start(environment, "import", export, "--workers", "1")
        until(lambda: stored(archive) > 0)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 143, (out, err)
        so_far = stored(archive)
        assert 0 < so_far < rows
        assert "SIGTERM ended the import; the same command goes on where it stopped." in err
        assert found(environment, "source:koran.test OR hujan") == so_far
        done = kliping(environment, "import", export, "--json")
        assert json.loads(done.stdout)["large"][0]["read_now"] == rows - so_far
        assert stored(archive) == rows


@pytest.mark.processes
def test_a_check_of_the_archive_ends_with_what_it_has_found(tmp_path: Path) -> None:
    """Ctrl-C in the terminal, as a process gets it."""
    with opened(tmp_path / "home") as archive:
        with ending.heeded():
            os.kill(os.getpid(), signal.SIGINT)
            until(ending.asked)
            assert ending.wait(60)  # waits for nothing any more
            report = verify(archive)
        assert (report.stopped, ending.exit_status(0), ending.signal_name()) == (True, 130, "SIGINT")
        ending.settled()
        assert (verify(archive).stopped, ending.exit_status(1)) == (False, 1)
