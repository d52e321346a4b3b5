"""How a crawl writes outcomes: in batches, each completely or not at all, and never under a lost lease."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

import sources
from archive import leases, runs
from archive.addresses import Address
from archive.database import Archive
from archive.records import Listing
from archive.run import Run
from archive.tables import addresses
from archive.verify import verify
from archive.warc.pages import FetchedPage, StoredRecord
from archive.warc.writing import WarcWriter
from crawler.run import CrawlRun
from kliping import config
from tests.support.postgresql.archives import on_both


def a_run(archive: Archive, lease: leases.Lease, count: int) -> tuple[CrawlRun, Sequence[Address]]:
    """A run of the newsstand without Scrapy, and `count` addresses that it has taken up."""
    run = CrawlRun(
        Run(archive, lease, "run-1", software="test"), sources.load("newsstand"), config.load(home=archive.home)
    )
    with archive.writing() as connection:
        now = datetime.now(UTC)
        runs.begin(connection, run.id, source="newsstand", kind="crawl", holder="test", lease=lease, now=now)
    urls = [f"http://www.newsstand.test/berita/{number}/a" for number in range(1, count + 1)]
    return run, run.take_up_listed([Listing(url, "test") for url in urls], always=True)


@on_both
def test_a_page_written_by_a_process_that_slept_during_the_write_is_cut_off_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease passes to another process between the check and the write: the file ends where it ended before."""
    now = [1_800_000_000.0]
    lease = leases.acquire(archive, "site:newsstand.test", seconds=60, clock=lambda: now[0])
    assert lease
    run, (first, second) = a_run(archive, lease, 2)
    run.end(first, "rejected:no-article", pages=[FetchedPage(first.url, 200, (), b"<p>Isi</p>", datetime.now(UTC))])
    run.flush()
    file = next(archive.warc_folder.iterdir())
    before = file.stat().st_size
    append = WarcWriter.write_members

    def append_an_hour_later(self: WarcWriter, members: Sequence[bytes]) -> Sequence[StoredRecord]:
        now[0] += 3600
        assert leases.acquire(archive, "site:newsstand.test", seconds=60, clock=lambda: now[0])
        return append(self, members)

    monkeypatch.setattr(WarcWriter, "write_members", append_an_hour_later)
    run.end(second, "rejected:no-article", pages=[FetchedPage(second.url, 200, (), b"<p>Lain</p>", datetime.now(UTC))])
    with pytest.raises(leases.LeaseLostError):
        run.flush()
    run.give_up()
    assert file.stat().st_size == before
    assert verify(archive).wrong == ()


@on_both
def test_an_address_that_cannot_be_written_is_an_error_and_the_rest_of_its_batch_is_written(
    archive: Archive,
) -> None:
    """An unknown outcome is a bug of ours: it costs only its address, and leaves no torn record."""
    lease = leases.acquire(archive, "site:newsstand.test", seconds=60)
    assert lease
    run, taken = a_run(archive, lease, 3)
    for address, outcome in zip(taken, ("rejected:no-date", "lost", "rejected:no-title"), strict=True):
        run.end(address, outcome, pages=[FetchedPage(address.url, 200, (), b"<p>Isi</p>", datetime.now(UTC))])
    run.finish({}, stopped=None)
    report = runs.find(archive, "run-1")
    assert report
    assert report.outcomes == {"error:unexpected": 1, "rejected:no-date": 1, "rejected:no-title": 1}
    assert report.reason
    assert "An error of our own" in report.reason
    assert verify(archive).wrong == ()


def test_a_full_disk_leaves_no_partial_record_and_the_addresses_stay_queued(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole batch is dropped: its addresses end as stopped, and are tried again."""
    lease = leases.acquire(archive, "site:newsstand.test", seconds=60)
    assert lease
    run, taken = a_run(archive, lease, 2)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for address in taken:
        run.end(
            address, "rejected:no-date", pages=[FetchedPage(address.url, 200, (), b"<p>Isi</p>", datetime.now(UTC))]
        )
    monkeypatch.setattr("archive.warc.writing.os.fsync", full)
    verdict = run.finish({}, stopped=None)
    assert "No space left" in (verdict.reason or "")
    report = runs.find(archive, "run-1")
    assert report
    assert report.outcomes == {"error:stopped": 2}
    with archive.reading() as connection:
        assert set(connection.execute(select(addresses.c.state)).scalars()) == {"queued"}


def test_an_address_gets_one_outcome_only(archive: Archive) -> None:
    lease = leases.acquire(archive, "site:newsstand.test", seconds=60)
    assert lease
    run, (only,) = a_run(archive, lease, 1)
    run.end(only, "rejected:no-date")
    with pytest.raises(LookupError, match="has ended"):
        run.end(only, "blocked")
