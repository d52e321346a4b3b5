"""Backfill: complete, resumable after any kill, and without requesting anything twice."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from archive import backfills, leases, runs
from archive.articles import SaveResult
from archive.backfills import DayState
from archive.database import Archive
from archive.identity import article_id
from archive.records import Listing
from archive.tables import addresses, articles, versions
from archive.verify import verify
from crawler.backfill import Plan
from crawler.discover import ChildSitemap
from crawler.discover.days import day_of, may_hold
from newsstand import Fault, Newsstand
from tests.conftest import DRAWN, an_article
from tests.support import altered_newsstand
from tests.support.altered_newsstand import INDEX
from tests.support.children import kliping, opened, settings, until
from tests.support.nasty_site import HOST, Answer, html, index, nasty_site, page

JAKARTA = ZoneInfo("Asia/Jakarta")
FIRST, LAST = date(2024, 5, 1), date(2024, 5, 6)
A_PAGE = 3


class Koran(dict[str, Answer]):
    """A newspaper with a daily index of three stories a page; it logs requests.

    After the last page there is, in turn by day: a 404, an empty page, or the last page again.
    """

    def __init__(self, stories_a_day: int = 7) -> None:
        super().__init__()
        self.log: list[str] = []
        self.by_day: dict[date, list[str]] = {}
        for number in range((LAST - FIRST).days + 1):
            day = FIRST + timedelta(days=number)
            paths = [f"/berita/{number * 100 + n}/{day:%d}-{n}" for n in range(1, stories_a_day + 1)]
            self.by_day[day] = paths
            self |= {path: page(f"Judul {path}") for path in paths}
            pages = [paths[at : at + A_PAGE] for at in range(0, len(paths), A_PAGE)]
            pages += ([], [[]], pages[-1:])[number % 3]
            for place, of_page in enumerate(pages, 1):
                self[f"/indeks/{day}?page={place}"] = index(of_page)

    def get(self, key: str, default: object = None) -> Answer:  # type: ignore[override]  # what nasty_site calls
        if key.startswith("/"):
            self.log.append(key)
        return super().get(key, default)  # type: ignore[arg-type, return-value]

    @property
    def stories(self) -> set[str]:
        return {path for paths in self.by_day.values() for path in paths}


def fill(home: Path, base: str, *arguments: str, finds: altered_newsstand.Finds = INDEX, **more: str) -> int:
    """Run one backfill of the whole range in a child process; returns its exit status."""
    environment = settings(home, {"newsstand.test": base}, KLIPING_RETRY_TIMES="0", **more)
    words = ["--from", FIRST.isoformat(), "--to", LAST.isoformat(), *arguments]
    return altered_newsstand.start(finds, environment, *words).wait(240)


def days(archive: Archive) -> dict[date, backfills.BackfillDay]:
    return dict(backfills.days_of(archive, "newsstand", FIRST, LAST))


def archived(archive: Archive) -> set[str]:
    """Paths of the articles in the archive."""
    with archive.reading() as connection:
        rows = connection.execute(select(versions.c.record)).scalars()
        return {str(row["url"]).removeprefix(HOST) for row in rows}


@pytest.mark.processes
def test_a_paged_index_is_read_to_its_end_and_a_second_run_requests_nothing(tmp_path: Path) -> None:
    """Each story is requested once, its AMP page never. The newest day is first; a day begins after the other ended."""
    home, koran = tmp_path / "home", Koran()
    with nasty_site(koran) as base, opened(home) as archive:
        assert fill(home, base) == 0
        assert Counter(koran.log)["/robots.txt"] == 1
        assert {path: koran.log.count(path) for path in koran.stories} == dict.fromkeys(koran.stories, 1)
        order = [place for place, path in enumerate(koran.log) if path.startswith("/indeks/") and "page=1" in path]
        assert [koran.log[place][8:18] for place in order] == [f"{day}" for day in sorted(koran.by_day, reverse=True)]
        for place, day in zip(order[1:], sorted(koran.by_day, reverse=True), strict=False):
            assert set(koran.by_day[day]) <= set(koran.log[:place])
        assert {day.state for day in days(archive).values()} == {DayState.DONE}
        assert {(day.listed, day.waiting) for day in days(archive).values()} == {(7, 0)}
        report = runs.latest(archive, "newsstand")
        assert report
        assert (report.kind, report.verdict, report.outcomes) == ("backfill", "good", {"stored": 42})
        koran.log.clear()
        assert fill(home, base) == 0
        assert koran.log == []


@pytest.mark.processes
@pytest.mark.parametrize("seed", [DRAWN])
def test_a_backfill_killed_repeatedly_continues_where_it_was(tmp_path: Path, seed: int) -> None:
    """SIGKILL at random moments: archived stories and indexes of finished days are not requested again.

    In one of the two orders, drawn."""
    draw = random.Random(seed)
    order = draw.choice(["--oldest-first", "--newest-first"])
    home, koran = tmp_path / "home", Koran()
    words = ["--from", FIRST.isoformat(), "--to", LAST.isoformat()] + [order] * (order == "--oldest-first")
    with nasty_site(koran) as base, opened(home) as archive:
        environment = settings(
            home,
            {"newsstand.test": base},
            KLIPING_LEASE_SECONDS="1",
            KLIPING_SOURCES__NEWSSTAND__DELAY="0.02",
            KLIPING_CONCURRENCY="2",
        )
        for _ in range(3):
            before = archived(archive)
            done = {day for day, row in days(archive).items() if row.state is DayState.DONE}
            koran.log.clear()
            child = altered_newsstand.start(INDEX, environment, *words)
            visits = draw.randrange(1, 20)
            until(lambda visits=visits, child=child: len(koran.log) >= visits or child.poll() is not None)  # type: ignore[misc]
            child.kill()
            child.wait()
            assert not before & set(koran.log)
            assert not {f"{day}" for day in done} & {path[8:18] for path in koran.log if path.startswith("/indeks/")}
            until(lambda: not _lease_lives(archive))
        before = archived(archive)
        koran.log.clear()
        assert altered_newsstand.start(INDEX, environment, *words).wait(240) == 0
        assert not before & set(koran.log)
        assert archived(archive) == koran.stories
        assert {day.state for day in days(archive).values()} == {DayState.DONE}
        with archive.reading() as connection:
            assert len(connection.execute(select(articles.c.id)).all()) == len(koran.stories)
            assert set(connection.execute(select(addresses.c.state)).scalars()) == {"done"}
            unended = connection.execute(select(runs.runs.c.id).where(runs.runs.c.ended_at.is_(None))).all()
        assert unended == []
        assert verify(archive).wrong == ()


def _lease_lives(archive: Archive) -> bool:
    holding = leases.holder_of(archive, "site:newsstand.test")
    return bool(holding and holding.living)


@pytest.mark.processes
def test_a_day_whose_index_cannot_be_read_stays_open_and_other_days_are_read(tmp_path: Path) -> None:
    """A 500, a barrier page, a redirect to the front page, a broken second page; and a day without stories."""
    home, koran = tmp_path / "home", Koran()
    whole = dict(koran)
    day = sorted(koran.by_day)
    koran[f"/indeks/{day[0]}?page=1"] = html("", 500)
    koran[f"/indeks/{day[1]}?page=1"] = html("<title>Just a moment...</title><p>Checking your browser")
    koran[f"/indeks/{day[2]}?page=1"] = html("", 302, Location="/")
    koran["/"] = index(koran.by_day[day[0]])
    koran[f"/indeks/{day[3]}?page=2"] = html("", 503)
    koran[f"/indeks/{day[4]}?page=1"] = html("<title>Indeks</title><p>Tidak ada berita.")
    with nasty_site(koran) as base, opened(home) as archive:
        assert fill(home, base) == 1
        found = days(archive)
        expected = [DayState.OPEN] * 4 + [DayState.EMPTY, DayState.DONE]
        assert [found[each].state for each in day] == expected
        for each, says in zip(day, ("answered 500", "barrier", "redirects to", "answered 503"), strict=False):
            assert says in (found[each].note or ""), found[each]
        assert archived(archive) == {*koran.by_day[day[3]][:A_PAGE], *koran.by_day[day[5]]}
        report = runs.latest(archive, "newsstand")
        assert report
        assert report.verdict == "attention"
        koran.update(whole)
        assert fill(home, base) == 0
        assert {each.state for each in days(archive).values()} == {DayState.DONE}
        assert archived(archive) == koran.stories


@pytest.mark.processes
def test_stories_over_the_limit_are_not_queued(tmp_path: Path) -> None:
    home, koran = tmp_path / "home", Koran()
    with nasty_site(koran) as base, opened(home) as archive:
        fill(home, base, "--limit", "10", "--oldest-first")
        assert len(archived(archive)) == 10
        states = [day.state for day in days(archive).values()]
        assert states == [DayState.DONE, DayState.OPEN]
        assert "limit" in (days(archive)[FIRST + timedelta(days=1)].note or "")
        with archive.reading() as connection:
            assert set(connection.execute(select(addresses.c.state)).scalars()) == {"done"}
        koran.log.clear()
        assert fill(home, base, "--oldest-first") == 0
        assert archived(archive) == koran.stories
        assert not [path for path in koran.log if f"{FIRST}" in path]


@pytest.mark.processes
def test_failed_stories_are_queued_and_imported_stories_are_not_requested(tmp_path: Path) -> None:
    """The day is done and counts its queued stories. A rejected story is not retried."""
    home, koran = tmp_path / "home", Koran(stories_a_day=3)
    imported, broken, gone = koran.by_day[LAST]
    koran[broken] = html("", 500)
    koran[gone] = html("<title>Tentang</title><p>Kami sebuah koran.")
    with nasty_site(koran) as base, opened(home) as archive:
        _save(archive, f"{HOST}{imported}")
        fill(home, base)
        assert imported not in koran.log
        day = days(archive)[LAST]
        assert (day.state, day.listed, day.waiting) == (DayState.DONE, 3, 1)
        with archive.reading() as connection:
            rows = connection.execute(select(addresses.c.url, addresses.c.state)).all()
        states = {row.url.removeprefix(HOST): row.state for row in rows}
        assert (states[broken], states[gone], states.get(imported)) == ("queued", "done", None)


def _save(archive: Archive, url: str) -> SaveResult:
    from archive.articles import save_article

    now = datetime.now(UTC)
    article = an_article(id=article_id(url), url=url)
    with archive.saving() as saving:
        return save_article(saving, article, run_id="test", fetched_at=now, page_id=None, reader="test", now=now)


@pytest.mark.processes
def test_without_a_daily_index_days_come_from_the_sitemaps(tmp_path: Path) -> None:
    """By publication time, else the day in the address, else lastmod. Sitemaps of other months are not read."""
    home, koran = tmp_path / "home", Koran(stories_a_day=0)
    entries = {
        "/berita/1/satu": "<news:news><news:publication_date>2024-05-02T23:30:00Z</news:publication_date></news:news>",
        "/berita/2024/05/04/2.html": "<lastmod>2024-06-01</lastmod>",
        "/berita/3/tiga": "<lastmod>2024-05-05T10:00:00+07:00</lastmod>",
        "/berita/4/empat": "<lastmod>2024-04-30T10:00:00+07:00</lastmod>",
        "/berita/5/lima": "",
    }
    koran |= {path: page(path) for path in entries}
    urls = "".join(f"<url><loc>{HOST}{path}</loc>{more}</url>" for path, more in entries.items())
    xml = {"Content-Type": "application/xml"}
    months = "".join(f"<sitemap><loc>{HOST}/sitemap-2024-{month}.xml</loc></sitemap>" for month in ("03", "05", "08"))
    koran["/sitemap.xml"] = (200, xml, f"<sitemapindex>{months}</sitemapindex>".encode())
    koran["/sitemap-2024-05.xml"] = (200, xml, f"<urlset>{urls}</urlset>".encode())
    source = [("Sitemap", {"url": f"{HOST}/sitemap.xml"})]
    with nasty_site(koran) as base, opened(home) as archive:
        fill(home, base, finds=source)
        assert [path for path in koran.log if "sitemap" in path] == ["/sitemap.xml", "/sitemap-2024-05.xml"]
        found = days(archive)
        assert {each.day.day: each.listed for each in found.values() if each.listed} == {3: 1, 4: 1, 5: 1}
        assert archived(archive) == {"/berita/1/satu", "/berita/2024/05/04/2.html", "/berita/3/tiga"}
        report = runs.latest(archive, "newsstand")
        assert report
        assert report.reason
        assert "1 stories of the sitemaps have no day" in report.reason


@pytest.mark.processes
def test_the_backfill_command_indexes_the_day_that_it_read(tmp_path: Path) -> None:
    """Three outlets with a daily index each, one of two pages. The command indexes at its end, as a crawl does."""
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0, faults={"/indeks/2025-06-11": Fault("500")}) as site:
        environment = settings(home, {"newsstand.test": site.base_url}, KLIPING_RETRY_TIMES="0")
        words = ("backfill", "newsstand", "--from", "2025-06-11", "--to", "2025-06-13", "--oldest-first")
        done = kliping(environment, *words)
        stories = [story for story in site.stories() if f"{story.published:%Y-%m-%d}" == "2025-06-12"]
        assert len(stories) == 4
        assert done.returncode == 1
        assert "stored              4" in done.stdout
        assert "1 of 3 days done, 1 without a story; 4 stories listed, 0 of them to be tried again." in done.stdout
        assert "2025-06-11  open: " in done.stdout
        found = kliping(environment, "search", "after:2025-06-12 before:2025-06-13", "--json")
        assert json.loads(found.stdout)["total"] == 4
        site.faults.clear()
        site.log.clear()
        report = json.loads(kliping(environment, *words, "--json").stdout)
        assert [day["state"] for day in report["days"]] == ["empty", "done", "empty"]
        assert not [visit for visit in site.log if "/berita/" in visit.path or "06-12" in visit.path]


@pytest.mark.processes
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "2024-05-02", "--to", "2024-05-01"), "is after --to"),
        (("--from", "2024-05-02", "--to", "2099-05-01"), "is not over yet"),
    ],
)
def test_impossible_days_are_refused_with_one_sentence(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    environment = settings(tmp_path / "home", {"newsstand.test": "http://127.0.0.1:1"})
    done = kliping(environment, "backfill", "newsstand", *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr


def test_a_plan_lists_its_days_newest_or_oldest_first() -> None:
    plan = Plan(first=date(2024, 2, 28), last=date(2024, 3, 1))
    assert [day.day for day in plan.days] == [1, 29, 28]
    assert [day.day for day in Plan(first=plan.first, last=plan.last, newest_first=False).days] == [28, 29, 1]


@pytest.mark.parametrize(
    ("listing", "day"),
    [
        (Listing("http://x.test/a", "", published_at=datetime(2024, 5, 1, 20, tzinfo=UTC)), date(2024, 5, 2)),
        (Listing("http://x.test/2015/12/18/a", "", None, date(2024, 5, 1)), date(2024, 5, 1)),
        (Listing("http://x.test/2015/12/18/a", "", datetime(2024, 5, 1, tzinfo=UTC)), date(2015, 12, 18)),
        (Listing("http://x.test/2015-12-18/a", ""), date(2015, 12, 18)),
        (Listing("http://x.test/2015/02/31/a", ""), None),
        (Listing("http://x.test/20151218/a", ""), None),
        (Listing("http://x.test/a", "", datetime(2024, 5, 1, 20, tzinfo=UTC)), date(2024, 5, 2)),
    ],
)  # fmt: skip
def test_the_day_of_a_listed_story_is_in_the_source_s_zone(listing: Listing, day: date | None) -> None:
    assert day_of(listing, JAKARTA) == day


@pytest.mark.parametrize(
    ("name", "changed", "may"),
    [
        ("sitemap.xml", None, True),
        ("sitemap.xml", "2024-04-29T00:00:00+00:00", False),
        (
            "sitemap.xml",
            "2024-04-30T00:00:00+00:00",
            True,
        ),  # the day before the first, which may be the first in another zone
        ("sitemap-2024-05.xml", None, True),
        ("sitemap-2024-04.xml", None, True),  # its last day may be the first in another zone
        ("sitemap_202406.xml.gz", None, False),
        ("sitemap-2023-05.xml", None, False),
        ("sitemap-12024051.xml", None, True),  # a number, not a month
        ("2023-05-to-2024-06.xml", None, True),  # two months: a range
    ],
)
def test_a_sitemap_is_read_unless_it_cannot_list_the_days(name: str, changed: str | None, may: bool) -> None:
    child = ChildSitemap(f"http://x.test/{name}", datetime.fromisoformat(changed) if changed else None)
    assert may_hold(child, FIRST, LAST, JAKARTA) is may
