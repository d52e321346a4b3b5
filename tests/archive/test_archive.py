"""The archive: versions, the log of changes, the queue of addresses, run reports."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select

from archive import addresses, articles, runs
from archive.addresses import FetchResult, SettledAddress
from archive.articles import SaveResult
from archive.database import Archive
from archive.finding import find
from archive.identity import (
    BadAddressError,
    article_id,
    canonical_key,
    clipping_id,
)
from archive.outcomes import UnknownOutcomeError
from archive.records import Article, Image, Listing, MentionedDate, PhotoCredit, Precision
from archive.tables import changes, metadata, versions
from archive.versions import versions_of
from tests.conftest import an_article

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Saver = Callable[..., SaveResult]


def test_the_migrations_create_exactly_the_tables_in_the_code(archive: Archive) -> None:
    with archive.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_reopening_finds_the_same_archive(archive: Archive) -> None:
    with Archive.open(archive.url, archive.home) as again:
        assert again.identity == archive.identity


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.antaranews.com/berita/1/judul?utm_source=fly#komentar", "antaranews.com/berita/1/judul"),
        ("http://m.antaranews.com/berita/1/judul/", "antaranews.com/berita/1/judul"),
        ("http://otomotif.antaranews.com/berita/1/x", "otomotif.antaranews.com/berita/1/x"),
        ("HTTP://WWW.Kompas.COM:80/Read/1?page=all&b=2&a=1", "kompas.com/Read/1?a=1&b=2"),
        ("http://news.detik.com//read/%7Eabc?single=1", "news.detik.com/read/~abc"),
        ("https://m.com/", "m.com/"),
        ("http://x.test:8080/a", "x.test:8080/a"),
        ("http://x.test/caf%E9", "x.test/caf%E9"),
        ("http://x.test/caf%E8?q=%E9", "x.test/caf%E8?q=%E9"),
        ("http://x.test/caf\u00e9 baru", "x.test/caf%C3%A9%20baru"),
    ],
)
def test_spellings_of_one_url_have_the_same_key(url: str, key: str) -> None:
    assert canonical_key(url) == key
    assert article_id(url) == article_id("http://" + key)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "berita/1",
        "ftp://x.test/a",
        "http://",
        "http://[::1",
        "http://x.test:abc/",
        "http://x.test/\ud800",
        "http://x.test/" + "p" * 2000,
        "http://antaranews.com%00.x.test/a",
        "http://x%2etest/a",
        "http://x .test/a",
        "http://x\u200b.test/a",
        "http://x..test/a",
        f"http://{'h' * 64}.test/a",
        f"http://{'.'.join(['h' * 50] * 6)}/a",
    ],
)
def test_an_invalid_url_raises(url: str) -> None:
    with pytest.raises(BadAddressError):
        canonical_key(url)


def test_a_clipping_id_ignores_case_and_white_space() -> None:
    assert clipping_id("Paris  (CB) -\nMenteri") == clipping_id("paris (cb) - menteri")
    assert clipping_id("Paris").startswith("urn:sha256:")


def test_an_article_survives_json_unchanged() -> None:
    article = an_article(
        published_at=date(2015, 12, 18),
        published_precision=Precision.DAY,
        images=(
            Image(None, "Keterangan", PhotoCredit("(REUTERS/Nama)", "Nama", "Reuters")),
            Image("http://x.test/a.jpg"),
        ),
        mentioned_dates=(MentionedDate("20 dan 21 Desember", "2015-12-20", "2015-12-21"),),
        provenance={"title": "selector"},
    )
    assert Article.from_json(article.as_json()) == article


def test_an_article_is_stored_once_and_a_change_creates_a_version(archive: Archive, save: Saver) -> None:
    first = an_article()
    assert save(first) == SaveResult("stored", 1)
    assert save(first) == SaveResult("unchanged", 1)
    assert save(replace(first, title="Judul yang diralat")) == SaveResult("updated", 2)
    with archive.reading() as connection:
        stored = find(connection, first.id)
        assert (stored.article.title, stored.version, stored.seq) == ("Judul yang diralat", 2, 2)
        assert [each.article.title for each in versions_of(connection, first.id)] == [first.title, "Judul yang diralat"]


def test_a_gone_article_that_is_seen_again_is_live_without_a_new_version(archive: Archive, save: Saver) -> None:
    article = an_article()
    save(article, fetched_at=NOW)
    with archive.saving() as saving:
        assert articles.mark_gone(saving, article.id, NOW)
    with archive.saving() as saving:
        assert not articles.mark_gone(saving, article.id, NOW)
    assert save(article, fetched_at=NOW + timedelta(days=1)) == SaveResult("unchanged", 1)
    with archive.reading() as connection:
        assert find(connection, article.id).status == "live"
        kinds = connection.execute(select(changes.c.kind).order_by(changes.c.seq)).scalars().all()
    assert kinds == ["version", "gone", "reread"]


def test_with_eight_writers_the_log_has_no_gaps_and_is_in_commit_order(archive: Archive) -> None:
    """A reader of `seq > n` that reads while eight writers save misses no row."""
    each, writers = 25, 8
    seen: list[int] = []
    ended = threading.Event()

    def write(writer: int) -> None:
        for number in range(each):
            with archive.saving() as saving:
                articles.save_article(
                    saving,
                    an_article(writer * 1000 + number),
                    run_id="test",
                    fetched_at=NOW,
                    page_id=None,
                    reader="test",
                    now=NOW,
                )

    def read() -> None:
        while True:
            done = ended.is_set()  # checked before the read, so that the last read comes after the last commit
            with archive.reading() as connection:
                last = seen[-1] if seen else 0
                rows = connection.execute(select(changes.c.seq).where(changes.c.seq > last).order_by(changes.c.seq))
                seen.extend(rows.scalars())
            if done:
                return

    reader = threading.Thread(target=read)
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended.set()
    reader.join()
    assert seen == list(range(1, each * writers + 1))


def test_a_failed_saving_transaction_leaves_neither_article_nor_change(archive: Archive) -> None:
    with pytest.raises(RuntimeError), archive.saving() as saving:  # noqa: PT012  the failure must come after the save
        articles.save_article(saving, an_article(), run_id="test", fetched_at=NOW, page_id=None, reader="test", now=NOW)
        raise RuntimeError("power failure")
    assert archive.last_seq() == 0
    with archive.reading() as connection:
        assert connection.execute(select(func.count()).select_from(versions)).scalar_one() == 0


# --- addresses


def listing(number: int) -> Listing:
    return Listing(f"http://www.x.test/berita/{number}", "http://www.x.test/rss")


def test_an_address_listed_twice_is_queued_once(archive: Archive) -> None:
    twice = [listing(1), Listing("https://m.x.test/berita/1?utm_source=rss", "sitemap"), listing(2)]
    with archive.writing() as connection:
        first = addresses.remember(connection, "x", twice, NOW)
        again = addresses.remember(connection, "x", twice, NOW)
    assert [address.url for address in first] == [listing(1).url, listing(2).url]
    assert again == first


@pytest.mark.parametrize(
    ("outcome", "answer", "state", "wait"),
    [
        ("stored", FetchResult(200, etag='"a"'), "done", None),
        ("unchanged", FetchResult(304), "done", None),
        ("skipped:robots", FetchResult(), "done", None),
        ("rejected:no-date", FetchResult(200), "done", None),
        ("gone", FetchResult(410), "gone", None),
        ("blocked", FetchResult(403), "queued", timedelta(minutes=30)),
        ("error:timeout", FetchResult(), "queued", timedelta(minutes=30)),
        ("error:http-429", FetchResult(429, retry_after=timedelta(hours=3)), "queued", timedelta(hours=3)),
        ("error:http-404", FetchResult(404), "queued", addresses.GONE_AGAIN_AFTER),
    ],
)
def test_an_address_leaves_the_queue_only_with_a_final_outcome(
    archive: Archive, outcome: str, answer: FetchResult, state: str, wait: timedelta | None
) -> None:
    with archive.writing() as connection:
        (address,) = addresses.remember(connection, "x", [listing(1)], NOW)
        addresses.settle(connection, [SettledAddress(address.key, outcome, answer)], NOW)
        stored = addresses.find(connection, address.url)
    assert stored
    assert stored.state == state
    assert stored.next_try == (NOW + wait if wait else None)


def test_a_failing_address_is_retried_with_backoff_and_then_given_up(archive: Archive) -> None:
    now, waits = NOW, []
    with archive.writing() as connection:
        (address,) = addresses.remember(connection, "x", [listing(1)], now)
        while due := addresses.due(connection, "x", now):
            addresses.settle(connection, [SettledAddress(due[0].key, "error:timeout", FetchResult())], now)
            stored = addresses.find(connection, address.url)
            assert stored
            if stored.next_try:
                waits.append(stored.next_try - now)
                assert not addresses.due(connection, "x", stored.next_try - timedelta(seconds=1))
                now = stored.next_try
    assert tuple(waits) == addresses.RETRY_AFTER
    assert stored.state == "given-up"
    assert stored.last_outcome == "error:timeout"


def test_an_address_that_was_never_requested_has_not_failed(archive: Archive) -> None:
    """Its host asks to wait, night after night: the address stays queued and is never given up."""
    now = NOW
    with archive.writing() as connection:
        (address,) = addresses.remember(connection, "x", [listing(1)], now)
        for outcome in sorted(addresses.NOT_REQUESTED) * len(addresses.RETRY_AFTER):
            addresses.settle(connection, [SettledAddress(address.key, outcome, FetchResult())], now)
            now += timedelta(days=1)
        stored = addresses.find(connection, address.url)
    assert stored
    assert (stored.state, stored.attempts) == ("queued", 0)


def test_a_304_without_validators_keeps_the_stored_ones(archive: Archive) -> None:
    with archive.writing() as connection:
        (address,) = addresses.remember(connection, "x", [listing(1)], NOW)
        for outcome, answer in (
            ("stored", FetchResult(200, '"v1"', "Fri, 18 Dec 2015 03:05:00 GMT")),
            ("unchanged", FetchResult(304)),
        ):
            addresses.settle(connection, [SettledAddress(address.key, outcome, answer)], NOW)
        stored = addresses.find(connection, address.url)
    assert stored
    assert (stored.etag, stored.last_modified) == ('"v1"', "Fri, 18 Dec 2015 03:05:00 GMT")


# --- runs


def test_each_address_taken_up_ends_in_exactly_one_outcome(archive: Archive) -> None:
    with archive.writing() as connection:
        runs.begin(connection, "r", source="x", kind="crawl", holder="h", lease=None, now=NOW)
        runs.take_up(connection, "r", [("a", "http://a"), ("b", "http://b")])
        runs.end_address(connection, "r", "a", "stored")
        with pytest.raises(LookupError):
            runs.end_address(connection, "r", "a", "unchanged")
        with pytest.raises(LookupError):
            runs.end_address(connection, "r", "c", "stored")
        with pytest.raises(UnknownOutcomeError):
            runs.end_address(connection, "r", "b", "fine")
        assert runs.unfinished(connection, "r") == ["b"]
    report = runs.find(archive, "r")
    assert report
    assert (report.taken_up, report.outcomes, report.unfinished) == (2, {"stored": 1}, 1)


@pytest.mark.parametrize(
    ("listed", "least", "counts", "trouble", "verdict", "says"),
    [
        (20, 10, {"stored": 20}, [], "good", None),
        (20, 10, {"unchanged": 20}, [], "good", None),
        (20, 10, {}, [], "good", None),
        (20, 10, {"stored": 19, "error:timeout": 1}, [], "good", None),
        (20, 10, {"stored": 10, "rejected:no-date": 10}, [], "attention", "10 rejected:no-date"),
        (5, 10, {"stored": 5}, [], "attention", "Only 5"),
        (20, 10, {"stored": 20}, ["The feed is broken."], "attention", "The feed is broken."),
        (0, 10, {}, ["The feed is broken."], "failed", "empty harvest"),
        (0, 0, {"stored": 3}, [], "failed", "empty harvest"),
        (20, 10, {"blocked": 20}, [], "failed", "mostly blocked"),
    ],
)
def test_a_run_is_judged_by_its_harvest(
    listed: int, least: int, counts: dict[str, int], trouble: list[str], verdict: str, says: str | None
) -> None:
    judged = runs.judge(listed=listed, least_listed=least, counts=counts, trouble=trouble)
    assert judged.verdict == verdict
    assert (says is None and judged.reason is None) or (says and judged.reason and says in judged.reason)
