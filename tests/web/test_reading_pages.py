"""The pages about the archive as a whole: attention, what came in, sources, runs, watches, doctor."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from archive.coverage import CoverageState, DayCoverage
from archive.database import Archive
from archive.watches import Rhythm, add
from indexer.attention import Attention, ChartPeriod, Coverage, Curve, Interval
from indexer.keyness import Keyness, StandingWord
from tests.support.reading_room import FETCHED, serve, settings_of
from web.pages import attention as attention_page
from web.pages.attention import percent
from web.pages.sources import level_of
from web.rendering import menu, with_code
from web.wording import wording

FIRST_DAY = FETCHED[0][:10]
PAGES = [
    "/attention",
    "/attention?q=ISIS&q=Moskow&by=month&words=ISIS",
    "/attention?q=ISIS&split=1&show=share&from=2015&until=2015-12",
    "/today",
    "/sources",
    "/sources/newsstand",
    "/sources/newsstand?year=2015",
    "/runs",
    "/watches",
    "/doctor",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_is_whole_and_small(browser: TestClient, path: str, language: str) -> None:
    """It has a heading, no style or script of its own, a name for each region and table heading, and its language."""
    answer = browser.get(path, headers={"Cookie": f"bahasa={language}"})
    assert answer.status_code == 200, answer.text
    html = answer.text
    assert f'<html lang="{language}">' in html
    assert html.count("<h1") == 1
    assert len(answer.content) < 60_000
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", html)
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    for named in re.findall(r'aria-labelledby="([^"]*)"', html):
        assert set(named.split()) <= set(ids)


def test_every_link_of_these_pages_leads_to_a_page(browser: TestClient) -> None:
    """No state is a dead end: links inside the room are followed once."""
    seen = set(PAGES)
    for path in PAGES:
        for href in re.findall(r'href="(/[^"#]*)', browser.get(path).text):
            address = unescape(href)
            if address not in seen and not address.startswith("/static/"):
                seen.add(address)
                assert browser.get(address).status_code == 200, f"{address} on {path}"
    assert {entry.path for entry in menu()} <= seen
    assert any(each.startswith("/runs/") for each in seen)
    assert any(each.startswith("/?") for each in seen)


# -- attention --------------------------------------------------------------------------------------------------------


def table(browser: TestClient, address: str) -> list[dict[str, str]]:
    """The rows of a CSV."""
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_chart_and_its_csv_say_the_same(browser: TestClient) -> None:
    """The numbers of the table are those of the CSV, and each count leads to a search that finds as many."""
    html = browser.get("/attention?q=ISIS&by=month&source=newsstand&numbers=1").text
    rows = table(browser, "/attention.csv?q=ISIS&by=month&source=newsstand")
    counted = {row["period"]: int(row["count"]) for row in rows if row["count"]}
    assert sum(counted.values()) > 0
    found = re.findall(r'<td class="number"><a href="(/\?[^"]*)">([0-9.]+)</a>', html)
    assert sum(int(number.replace(".", "")) for _, number in found) == sum(counted.values())
    for href, number in found:
        page = browser.get(unescape(href)).text
        assert len(set(re.findall(r'<h2><a href="/article/([0-9a-f]{32})"', page))) == int(number)


def test_a_month_without_articles_has_no_number(browser: TestClient) -> None:
    """It is empty in the CSV and a dash on the page, and the page says that this is no silence."""
    rows = table(browser, "/attention.csv?q=ISIS&by=month&from=1999-01&until=1999-02")
    assert [(row["count"], row["articles"], row["share"]) for row in rows] == [("", "", "")] * 2
    html = browser.get("/attention?q=ISIS&by=month&from=1999-01&until=1999-02").text
    assert "bukan berarti pers diam" in html
    assert html.count('class="is-gap"') == 2


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("q=%22ISIS", "ini tidak ditutup"),
        ("q=ISIS&from=2015-13", "2015-13"),
        ("q=ISIS&from=2016&until=2015", "Tukarkan"),
        ("q=a&q=b&q=c&q=d&q=e&q=f", "Paling banyak 5"),
        ("q=" + "a+" * 1_500, "batasnya"),
    ],
)
def test_what_cannot_be_read_is_said_on_the_page(browser: TestClient, query: str, says: str) -> None:
    """The page keeps what was typed; the CSV answers 400 with the same sentence."""
    page = browser.get(f"/attention?{query}")
    assert page.status_code == 400
    assert says in page.text
    assert '<form class="ask"' in page.text
    sheet = browser.get(f"/attention.csv?{query}")
    assert sheet.status_code == 400
    assert says in sheet.text


def test_a_query_is_no_formula_in_a_spreadsheet_and_no_markup_on_a_page(browser: TestClient) -> None:
    """Whatever is typed is shown as text."""
    query = '=HYPERLINK("http://evil.example")<script>alert(1)</script>'
    rows = table(browser, f"/attention.csv?{urlencode({'q': query})}")
    assert rows[0]["curve"].startswith("'=")
    html = browser.get("/attention", params={"q": query}).text
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "0 %"), (1, "100 %"), (0.123, "12 %"), (0.0456, "4,6 %"), (0.00123, "0,12 %"), (0.00001234, "0,001 %")],
)
def test_a_share_has_as_many_digits_as_say_something(share: float, expected: str) -> None:
    """Small shares have more."""
    assert percent(wording("id"), share) == expected


def counted(periods: int, curves: int) -> Attention:
    """An answer of days, a number in every cell, now and then less than usual."""
    first = date(2014, 1, 1)
    days = [first + timedelta(days=number) for number in range(periods)]
    return Attention(
        Interval.DAY,
        tuple(ChartPeriod(day, day, whole=True) for day in days),
        tuple(
            Curve(
                QUERIES[place],
                tuple((number * (place + 7)) % 197 for number in range(periods)),
                tuple(1_000 + number % 333 for number in range(periods)),
            )
            for place in range(curves)
        ),
        tuple(Coverage(1_000 + number % 333, 60, 9 if number % 5 == 0 else 0) for number in range(periods)),
    )


QUERIES = ["gempa bumi Palu", "banjir bandang", "pasar beras", "kebakaran hutan", "ISIS Moskow"]
STANDING = Keyness(
    tuple(StandingWord(f"kata{each}", 123, 4_567, 12.3, 456.7) for each in range(30)), 400, 4_000, 90_000
)


@pytest.mark.parametrize(("periods", "curves"), [(750, 5), (750, 1), (101, 5), (100, 1), (72, 1), (36, 2), (14, 5)])
def test_the_first_view_of_the_largest_chart_is_small(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch, periods: int, curves: int
) -> None:
    """Under 60 kB, whatever is drawn; the numbers that have no room there are a link away, and in the CSV."""
    monkeypatch.setattr(attention_page, "answer_of", lambda *_: counted(periods, curves))
    monkeypatch.setattr(attention_page, "words_of", lambda *_: STANDING)
    asked = urlencode({"q": QUERIES[:curves], "by": "day", "words": QUERIES[0], "show": "share"}, doseq=True)
    page = browser.get(f"/attention?{asked}")
    assert page.status_code == 200
    assert len(page.content) < 52_000  # sixty names of sources have room, too
    everything = re.findall(r'href="(/attention\?[^"]*numbers=1)#numbers"', page.text)
    assert bool(everything) == (periods * curves > 72)
    whole = browser.get(unescape(everything[0])).text if everything else page.text
    assert whole.count("<tr><th") + whole.count('<tr class="is-partial"><th') >= periods


# -- the others -------------------------------------------------------------------------------------------------------


def test_a_day_shows_what_came_in_on_it_and_leads_to_its_neighbours(browser: TestClient) -> None:
    """The day is that of the archive's clock; a day without articles says so."""
    page = browser.get("/today").text
    assert "artikel baru" in page
    assert "newsstand" in page
    nothing = browser.get(f"/today?day={FIRST_DAY}").text
    assert "Belum ada artikel baru" in nothing
    assert "2 Jun 2024" in nothing
    assert browser.get("/today?day=2024-02-30").status_code == 400
    assert browser.get("/today?day=9999-12-31").status_code == 400
    assert browser.get("/today?day=0001-01-01").status_code == 400


def test_a_day_lists_its_newest_articles_and_leads_to_searches(browser: TestClient) -> None:
    """Sources and sections are searches that find articles; what came last is opened with a click."""
    page = browser.get("/today").text
    newest = page[page.index('id="newest"') : page.index('id="stories"')]
    assert len(re.findall(r'href="/article/[0-9a-f]{32}"', newest)) == 20
    searches = {unescape(each) for each in re.findall(r'href="(/\?source=[^"]*)"', page)}
    assert any("section=" in each for each in searches)
    for each in searches:
        assert "<h2><a href=" in browser.get(each).text, each


def test_the_state_of_the_backup_stands_on_the_page_of_today(demo_home: Path, tmp_path: Path) -> None:
    """As the doctor says it: without a folder, with one that has none yet, and with one that cannot be used."""
    assert "KLIPING_BACKUP_TO" in serve(demo_home).get("/today").text
    folder = tmp_path / "backup"
    folder.mkdir()
    page = serve(demo_home, backup_to=folder).get("/today").text
    assert f"none in {folder} yet" in unescape(page)
    (folder / "notes.txt").write_text("of somebody else")
    page = serve(demo_home, backup_to=folder).get("/today").text
    assert "verdict attention" in page[page.index('id="backup"') :]
    assert 'id="backup"' not in serve(demo_home).get(f"/today?day={FIRST_DAY}").text


def test_a_source_shows_its_year_and_what_there_is_not_is_404(browser: TestClient) -> None:
    """The calendar has a cell for each day between the first and the last article; other years are links."""
    page = browser.get("/sources/newsstand?year=2015").text
    assert 'class="calendar"' in page
    assert 'class="day level-gap"' in page
    assert len(page.encode()) < 46_000  # health, ledger and runs of a busy source have room, too
    for path in ("/sources/nix", "/runs/nix", "/watches/9", "/watches/0.atom", "/watches/99999999999"):
        assert browser.get(path).status_code == 404
    assert browser.get("/watches/x").status_code == 400


def test_a_run_shows_how_each_address_ended(browser: TestClient) -> None:
    """The list leads to the report, which explains each outcome."""
    runs = dict.fromkeys(re.findall(r'href="(/runs/[^"?]+)"', browser.get("/runs").text))
    assert len(runs) > 1
    for address in runs:
        outcomes = browser.get(f"/api/v1{address}").json()["outcomes"]
        shown = re.findall(
            r'<tr><th scope="row">([a-z:-]+)</th><td class="number">([0-9.]+)</td>', browser.get(address).text
        )
        assert {name: int(count) for name, count in shown} == outcomes != {}


def test_the_doctor_page_says_what_the_command_says(browser: TestClient) -> None:
    """Both are the same findings; what needs a look stands first, with what to do."""
    findings = browser.app.state.holdings.operations.findings()  # type: ignore[attr-defined]  # Starlette's app
    page = unescape(browser.get("/doctor").text)
    for each in findings:
        assert each.about in page
        if not each.fine and each.remedy:
            assert str(with_code(each.remedy)) in str(page)
    assert page.count('<tr lang="en">') == len(findings)
    assert "`" not in page
    assert "<code>kliping doctor</code>" in page


def test_a_timetable_that_cannot_be_used_is_told_by_the_doctor(demo_home: Path) -> None:
    """The other pages do without it."""
    room = serve(demo_home, cron="every morning")
    assert "every morning" in room.get("/doctor").text
    for path in ("/sources", "/sources/newsstand", "/api/v1/sources", "/attention?q=ISIS"):
        assert room.get(path).status_code == 200, path


def test_a_watch_has_its_page_and_its_feed(tmp_path: Path) -> None:
    """The feed is that of `kliping watch feed`; a watch's own address stays secret."""
    home = tmp_path / "home"
    home.mkdir()
    settings = settings_of(home)
    with Archive.open(settings.archive_url, home, create=True) as archive:
        watch = add(
            archive,
            "ISIS",
            target=None,
            address="mailto://secret@example.org",
            rhythm=Rhythm.DAILY,
            imports=True,
            now=datetime(2026, 1, 2, tzinfo=UTC),
        )
    browser = serve(home)
    assert "ISIS" in browser.get("/watches").text
    page = browser.get(f"/watches/{watch.id}").text
    assert "secret" not in page + browser.get("/watches").text
    feed = browser.get(f"/watches/{watch.id}.atom")
    assert feed.headers["content-type"] == "application/atom+xml"
    assert etree.fromstring(feed.content).tag.endswith("feed")


@pytest.mark.parametrize(
    ("collected", "usual", "level"),
    [
        (0, 5, "0"),
        (1, 1, "4"),
        (1, 2, "2"),
        (2, 2, "4"),
        (1, 100, "1"),
        (50, 100, "2"),
        (100, 100, "4"),
        (900, 100, "4"),
    ],
)
def test_a_day_is_as_dark_as_it_is_full(collected: int, usual: int, level: str) -> None:
    """Also where a busy day has one article; and a day whose list was read is not drawn as a gap."""
    day = DayCoverage(date(2015, 12, 18), CoverageState.COMPARED, 9, collected, 0, None)
    assert level_of(day, usual) == level
    assert level_of(replace(day, collected=0, state=CoverageState.GAP), usual) == "gap"
