"""What a nightly crawl reads of each kind of listing: a real child process against a real site."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

import sources
from archive import runs
from archive.finding import find
from archive.records import Rejected
from archive.tables import articles
from reading.article import normalise
from reading.extract.raw import FoundText, RawArticle
from tests.support import altered_newsstand
from tests.support.altered_newsstand import INDEX, Finds
from tests.support.children import opened, settings
from tests.support.nasty_site import HOST, Answer, html, index, nasty_site, page

JAKARTA = ZoneInfo("Asia/Jakarta")
NEWSSTAND = sources.load("newsstand")


class Logged(dict[str, Answer]):
    """Pages that log which of them were requested."""

    def __init__(self, pages: dict[str, Answer]) -> None:
        super().__init__(pages)
        self.log: list[str] = []

    def get(self, key: str, default: object = None) -> Answer:  # type: ignore[override]  # what nasty_site calls
        if key.startswith("/"):
            self.log.append(key)
        return super().get(key, default)  # type: ignore[arg-type, return-value]


def crawl(home: Path, pages: Logged, finds: Finds) -> runs.RunReport:
    with nasty_site(pages) as base:
        altered_newsstand.start(finds, settings(home, {"newsstand.test": base}, KLIPING_RETRY_TIMES="0")).wait(240)
    with opened(home) as archive:
        report = runs.latest(archive, "newsstand")
    assert report
    return report


@pytest.mark.processes
def test_a_source_with_only_a_daily_index_is_crawled_by_those_of_today_and_yesterday(tmp_path: Path) -> None:
    """In the source's zone. Earlier days are for `backfill`."""
    before = datetime.now(UTC).astimezone(JAKARTA).date()
    days = [before + timedelta(days=number) for number in (-2, -1, 0, 1)]  # midnight may pass during the test
    stories = {f"/berita/{number}/{day}": day for number, day in enumerate(days, 1)}
    pages = Logged({path: page(path) for path in stories})
    pages |= {f"/indeks/{day}?page=1": index([path]) for path, day in stories.items()}
    report = crawl(tmp_path / "home", pages, INDEX)
    after = datetime.now(UTC).astimezone(JAKARTA).date()
    requested = {path[8:18] for path in pages.log if path.startswith("/indeks/")}
    assert requested in [{f"{day}", f"{day - timedelta(days=1)}"} for day in (before, after)]
    assert (report.verdict, report.outcomes) == ("good", {"stored": 2})
    assert report.listed == 2


@pytest.mark.processes
def test_with_a_feed_a_front_page_is_read_but_a_daily_index_is_not(tmp_path: Path) -> None:
    """A page without a date gets the feed's. The front page's video, tag and print page are not visited."""
    undated = page("Dua")[2].replace(b"Jumat, 18 Desember 2015 10:05 WIB", b"").decode()
    item = f"<item><link>{HOST}/berita/2/dua</link><pubDate>Thu, 05 Nov 15 12:58:01 +0700</pubDate></item>"
    links = [
        "/berita/1/satu",
        "/print/berita/1/satu",
        "/video/berita/3/tiga",
        "/tag/4",
        "http://www.lain.test/berita/5/x",
    ]
    pages = Logged(
        {
            "/rss": (200, {"Content-Type": "text/xml"}, f"\n<rss><channel>{item}</channel></rss>".encode()),
            "/": html(
                "".join(f'<h2><a href="{link}">x</a></h2>' for link in links) + "<a href='/berita/9/iklan'>x</a>"
            ),
            "/berita/1/satu": page("Satu"),
            "/berita/2/dua": html(undated),
        }
    )
    finds: Finds = [
        ("Feed", {"url": f"{HOST}/rss"}),
        ("FrontPage", {"url": f"{HOST}/", "links": ("h2 a",)}),
        *INDEX,
    ]
    report = crawl(tmp_path / "home", pages, finds)
    assert report.outcomes == {"stored": 2}, report
    assert sorted(pages.log) == ["/", "/berita/1/satu", "/berita/2/dua", "/robots.txt", "/rss"]
    with opened(tmp_path / "home") as archive, archive.reading() as connection:
        stored = find(connection, f"{HOST}/berita/2/dua").article
        assert len(connection.execute(select(articles.c.id)).all()) == 2
    assert isinstance(stored.published_at, datetime)
    assert stored.published_at.isoformat() == "2015-11-05T12:58:01+07:00"
    assert stored.published_from == "feed"


@pytest.mark.processes
def test_sitemaps_as_text_and_under_a_false_coding_are_crawled(tmp_path: Path) -> None:
    """A text file of addresses, an unpacked .xml.gz whose header still says gzip, a packed one without a header, and a
    page whose header says gzip too."""
    xml = "<urlset><url><loc>{}</loc></url></urlset>"
    addresses = [f"{HOST}/berita/{number}/cerita" for number in range(4)]
    gzipped_header = {"Content-Type": "application/xml", "Content-Encoding": "gzip"}
    pages = Logged(
        {
            "/sitemap.txt": (
                200,
                {"Content-Type": "text/plain"},
                f"\ufeff{addresses[0]}\r\n{addresses[1]}\r\n".encode(),
            ),
            "/plain.xml.gz": (200, gzipped_header, xml.format(addresses[2]).encode()),
            "/packed.xml.gz": (
                200,
                {"Content-Type": "application/x-gzip"},
                gzip.compress(xml.format(addresses[3]).encode()),
            ),
            **{f"/berita/{number}/cerita": page(f"Cerita {number}") for number in range(4)},
        }
    )
    status, headers, body = page("Cerita 3")
    pages["/berita/3/cerita"] = (status, {**headers, "Content-Encoding": "gzip"}, body)
    finds: Finds = [("Sitemap", {"url": f"{HOST}/{name}"}) for name in ("sitemap.txt", "plain.xml.gz", "packed.xml.gz")]
    report = crawl(tmp_path / "home", pages, finds)
    assert (report.outcomes, report.listed, report.verdict) == ({"stored": 4}, 4, "good"), report


@pytest.mark.processes
def test_a_sitemap_unchanged_for_long_is_read_once(tmp_path: Path) -> None:
    """A sitemap index may name hundreds. The next night reads those that changed or have no lastmod."""
    xml = {"Content-Type": "application/xml"}
    lastmods = {"lama": "<lastmod>2015-12-31</lastmod>", "baru": "<lastmod>2099-01-01</lastmod>", "diam": ""}
    index_of = "".join(f"<sitemap><loc>{HOST}/{name}.xml</loc>{when}</sitemap>" for name, when in lastmods.items())
    pages = Logged({"/sitemap.xml": (200, xml, f"<sitemapindex>{index_of}</sitemapindex>".encode())})
    for number, name in enumerate(lastmods, 1):
        urls = f"<urlset><url><loc>{HOST}/berita/{number}/{name}</loc></url></urlset>"
        pages |= {f"/{name}.xml": (200, xml, urls.encode()), f"/berita/{number}/{name}": page(name)}
    finds: Finds = [("Sitemap", {"url": f"{HOST}/sitemap.xml"})]
    assert crawl(tmp_path / "home", pages, finds).outcomes == {"stored": 3}
    pages.log.clear()
    crawl(tmp_path / "home", pages, finds)
    assert sorted(pages.log) == ["/baru.xml", "/diam.xml", "/robots.txt", "/sitemap.xml"]


def raw(*, printed: str | None = None, address_day: str | None = None) -> RawArticle:
    return RawArticle(
        url=f"{HOST}/berita/1/a",
        titles=(FoundText("Judul", "selector"),),
        printed=(FoundText(printed, "selector"),) if printed else (),
        metadata=(FoundText(address_day, "url"),) if address_day else (),
        body=("Jakarta - Isi berita.",),
        body_from="selector",
    )


@pytest.mark.parametrize(
    ("page_raw", "announced", "published", "where"),
    [
        (raw(), "2015-11-05T12:58:01+07:00", "2015-11-05T12:58:01+07:00", "feed"),
        (raw(), "2015-11-05", "2015-11-05", "feed"),
        (raw(address_day="2015-11-05"), "2015-11-05T12:58:01+07:00", "2015-11-05T12:58:01+07:00", "feed"),
        (raw(address_day="2015-11-05"), "2015-11-07T12:58:01+07:00", "2015-11-05", "url"),
        (raw(address_day="2015-11-05"), None, "2015-11-05", "url"),
        (raw(printed="Kamis, 5 November 2015 10:05 WIB"), "2015-11-05T10:05:33+07:00", "2015-11-05T10:05:00+07:00",
         "selector"),
        (raw(printed="Kamis, 5 November 2015"), "2015-11-05T10:05:33+07:00", "2015-11-05", "selector"),
    ],
)  # fmt: skip
def test_a_feed_s_time_is_used_only_if_the_page_has_nothing_better(
    page_raw: RawArticle, announced: str | None, published: str, where: str
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    article = normalise(page_raw, source=NEWSSTAND, url=page_raw.url, fetched_at=now, announced=announced)
    assert article.published_at.isoformat() == published
    assert article.published_from == where


@pytest.mark.parametrize(
    ("page_raw", "announced", "reason"),
    [
        (raw(), None, "no-date"),
        (raw(), "2027-11-05T12:58:01+07:00", "future-date"),
        (raw(printed="Sabtu, 31 Februari 2015 | 09:00 WIB"), "2015-11-05T12:58:01+07:00", "bad-date"),
        (raw(printed="Jumat, 5 November 2015"), "2015-11-05T12:58:01+07:00", "date-contradicts"),
    ],
)
def test_a_feed_s_time_does_not_replace_a_wrong_printed_date(
    page_raw: RawArticle, announced: str | None, reason: str
) -> None:
    with pytest.raises(Rejected) as refused:
        normalise(
            page_raw,
            source=NEWSSTAND,
            url=page_raw.url,
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
            announced=announced,
        )
    assert refused.value.reason == reason
