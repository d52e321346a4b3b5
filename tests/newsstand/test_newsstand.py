"""The newsstand as a news site: its articles, listings, validators, log, and a close that leaves nothing open."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from newsstand import Fault, Newsstand
from newsstand.__main__ import main
from newsstand.stories import Outlet, Story, load_stories, read_story
from tests.support.visits import MONTHS, PRINTED, WEEKDAYS, locations, visit

pytestmark = pytest.mark.processes

IN_TEXT = re.compile(rf"({'|'.join(WEEKDAYS)}) \((\d\d?)/(\d\d?)(?:/(\d{{4}}))?\)")
ZONES = {7: "WIB", 8: "WITA", 9: "WIT"}
STORIES = load_stories()
LATEST_DATE = date(2026, 11, 1)  # a crawler would refuse later stamps as dates in the future


@pytest.fixture(scope="module")
def site() -> Iterator[Newsstand]:
    with Newsstand() as running:
        yield running


def test_there_are_at_least_forty_articles_of_each_era_and_zone() -> None:
    """For a useful demo: 40 articles or more, four to twelve paragraphs each, in three outlets and three zones."""
    assert len(STORIES) >= 40
    assert {story.outlet for story in STORIES} == set(Outlet)
    assert {f"{story.published:%z}" for story in STORIES} - {""} == {"+0700", "+0800", "+0900"}
    assert len({story.url for story in STORIES}) == len({story.title for story in STORIES}) == len(STORIES)
    assert [story.url for story in STORIES if not 4 <= len(story.paragraphs) <= 12] == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.outlet}-{story.number}")
def test_a_page_prints_weekday_date_clock_and_zone_that_agree(site: Newsstand, story: Story) -> None:
    """The stamp on the served page has the weekday of its date, and the clock and zone of the article's file."""
    status, _, body = visit(site, story.url)
    page = body.decode(story.charset)
    assert status == 200
    marked = {"www": 'class="article-date">', "arsip": "<time ", "lama": '"tanggal" size="1">'}[story.outlet]
    stamp = re.sub(r"^[^>]*>", "", page.partition(marked)[2]) if story.outlet == "arsip" else page.partition(marked)[2]
    stamp = stamp.partition("<")[0]
    weekday, day, month, name, year = PRINTED.match(stamp).groups()  # type: ignore[union-attr]  # no match fails the test
    printed = date(int(year), int(month or MONTHS[name]), int(day))
    assert weekday.replace("'", "") == WEEKDAYS[printed.weekday()]
    assert f"{printed}" == f"{story.published:%Y-%m-%d}"
    assert printed < LATEST_DATE
    if isinstance(story.published, datetime):
        hours = story.published.utcoffset() // timedelta(hours=1)  # type: ignore[operator]  # files give offsets
        assert stamp.endswith(f"{story.published:%H:%M} {ZONES[hours]}")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.outlet}-{story.number}")
def test_weekdays_inside_a_text_agree_with_their_dates(story: Story) -> None:
    """ "Kamis (1/10)" is a day near the publication date that is in fact a Thursday."""
    text = " ".join([*story.paragraphs, story.caption or ""])
    assert not [
        found[0]
        for found in IN_TEXT.finditer(text)
        if WEEKDAYS[date(int(found[4] or story.published.year), int(found[3]), int(found[2])).weekday()] != found[1]
    ]


def test_the_story_of_le_drian_is_in_arsip_with_its_dates_and_credits(site: Newsstand) -> None:
    """He goes to Moscow on 20 and 21 December; the picture is a handout of Russia's ministry through Reuters."""
    story = next(story for story in site.stories(Outlet.ARSIP) if "ISIS" in story.title)
    page = visit(site, story.url)[2].decode()
    for needed in (
        'datetime="2015-12-18T10:05:23+07:00">Jumat, 18 Desember 2015 10:05 WIB<',
        "Paris (ANTARA News/AFP) - ",
        "pada Kamis.",
        "20 dan 21 Desember",
        "Jean-Yves Le Drian",
        "Pierre Bayle",
        "Kamis (1/10)",
        "(REUTERS/Ministry of Defence of the Russian Federation/Handout)",
    ):
        assert needed in page
    others = [other for other in STORIES if other is not story]
    assert len([other for other in others if "Moskow" in " ".join(other.paragraphs)]) >= 2
    assert not [o for o in others if "Moskow" in (text := " ".join(o.paragraphs)) and "ISIS" in text]


def test_one_wire_story_runs_in_two_outlets_under_two_headlines(site: Newsstand) -> None:
    """Both credit ANTARA, and most of their sentences are the same."""
    www, arsip = (
        next(story for story in site.stories(outlet) if "Timor Leste" in story.title) for outlet in ("www", "arsip")
    )
    assert www.title != arsip.title
    assert {www.credit, arsip.credit} == {"Sumber: ANTARA"}
    shared = set(www.paragraphs) & set(arsip.paragraphs)
    assert 2 <= len(shared) < len(www.paragraphs)


def test_a_story_of_several_pages_has_next_links(site: Newsstand) -> None:
    """Three pages, each with its own paragraphs, the last without a next link; page 4 is 404."""
    story = next(story for story in STORIES if len(story.pages) == 3)
    address, seen = story.url, []
    while True:
        page = visit(site, address)[2].decode()
        seen += re.findall(r"<p>(?:<strong>.*?</strong> )?(.*?)</p>", page.partition('class="article-body"')[2])
        found = re.search(r'<nav class="article-pages">.*rel="next" href="([^"]+)"', page)
        if found is None:
            break
        address = f"http://{story.outlet.host}{found[1]}"
    assert tuple(seen) == tuple(text.replace("&", "&amp;") for text in story.paragraphs)
    assert visit(site, f"{story.url}?page=4")[0] == 404


def test_the_corrected_story_prints_both_stamps_and_says_what_was_wrong(site: Newsstand) -> None:
    """Published and updated are separate stamps in print and in JSON-LD, and the text ends with a "Ralat"."""
    story = next(story for story in STORIES if story.modified)
    page = visit(site, story.url)[2].decode()
    assert '<time class="article-updated">Diperbarui Rabu, 19 Maret 2025 | 08:10 WIB</time>' in page
    assert '"dateModified": "2025-03-19T08:10:44+07:00"' in page
    assert "<p>Ralat: " in page


@pytest.mark.parametrize("outlet", Outlet)
def test_feeds_sitemaps_and_indexes_list_every_article_and_each_is_served(site: Newsstand, outlet: Outlet) -> None:
    """Feed, monthly sitemaps and daily indexes each list all articles of the outlet, and each address returns 200."""
    home = f"http://{outlet.host}"
    articles = {story.url for story in site.stories(outlet)}
    index = ElementTree.fromstring(visit(site, f"{home}/sitemap.xml")[2])
    sitemaps = [element.text or "" for element in index.iter() if element.tag.endswith("}loc")]
    monthly = [url for name in sitemaps for url in locations(visit(site, name)[2]) if "sitemap-news" not in name]
    assert set(monthly) == articles
    assert set(locations(visit(site, f"{home}/rss/terkini.xml")[2])) == articles
    news = locations(visit(site, f"{home}/sitemap-news.xml")[2])
    assert set(news) <= articles
    assert len(news) == 10
    front = visit(site, home)[2].decode()
    listed: set[str] = set()
    for day in re.findall(r'href="(/indeks/[^"]+)"', front):
        address: str | None = day
        while address:
            page = visit(site, home + address)[2].decode()
            listed |= {home + path for path in re.findall(r'href="(/berita/[^"]+)"', page)}
            following = re.search(r'rel="next" href="([^"]+)"', page)
            address = following[1] if following else None
    assert listed == articles
    assert {visit(site, url)[0] for url in articles} == {200}


def test_a_busy_day_has_an_index_of_several_pages(site: Newsstand) -> None:
    """The day with four articles has two pages; a page past the last, or an impossible day, is 404."""
    home = "http://www.newsstand.test/indeks/2025-06-12"
    headlines = [len(re.findall("/berita/", visit(site, f"{home}?page={page}")[2].decode())) for page in (1, 2)]
    assert headlines == [3, 1]
    for nowhere in (f"{home}?page=3", f"{home}?page=0", home.replace("06-12", "02-31")):
        assert visit(site, nowhere)[0] == 404
    assert visit(site, home.replace("2025", "2024"))[0] == 200


def test_the_feed_of_arsip_begins_with_an_empty_line_and_clocks_are_rfc_822(site: Newsstand) -> None:
    """As ANTARA's did. A story whose page prints no clock has no pubDate, since midnight would be a guess."""
    body = visit(site, "http://arsip.newsstand.test/rss/terkini.xml")[2]
    assert body.startswith(b"\n<?xml ")
    stamps = [element.text for element in ElementTree.fromstring(body.lstrip()).iter("pubDate")]
    assert len(stamps) == len([story for story in STORIES if story.outlet == "arsip"])
    assert all(stamp and stamp.endswith(" +0700") and parsedate_to_datetime(stamp) for stamp in stamps)
    lama = ElementTree.fromstring(visit(site, "http://lama.newsstand.test/rss/terkini.xml")[2])
    assert len(list(lama.iter("item"))) - len(list(lama.iter("pubDate"))) == 1


def test_robots_txt_names_delay_closed_paths_and_sitemaps(site: Newsstand) -> None:
    """Its sitemap addresses are absolute, on the requested host."""
    text = visit(site, "http://lama.newsstand.test/robots.txt")[2].decode()
    assert "Crawl-delay: 0.1\nDisallow: /cari\nDisallow: /ajax/\n" in text
    assert "Sitemap: http://lama.newsstand.test/sitemap.xml" in text


@pytest.mark.parametrize("story", [STORIES[0], STORIES[-1]], ids=lambda story: story.outlet)
def test_a_matching_validator_returns_304_without_a_body(site: Newsstand, story: Story) -> None:
    """ETag and Last-Modified match until the article changes; a wrong or older one returns the whole page."""
    status, headers, body = visit(site, story.url)
    assert status == 200
    assert body
    again = visit(site, story.url, If_None_Match=headers["ETag"])
    assert (again[0], again[1]["ETag"], again[2]) == (304, headers["ETag"], b"")
    assert visit(site, story.url, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert visit(site, story.url, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200
    assert visit(site, story.url, If_Modified_Since="Thu, 01 Jan 1998 00:00:00 GMT")[0] == 200
    assert visit(site, story.url, If_Modified_Since="yesterday")[0] == 200


@pytest.mark.parametrize("outlet", Outlet)
def test_a_correction_changes_text_etag_and_stamp(outlet: Outlet) -> None:
    """The address stays; the old validators no longer match."""
    with Newsstand() as site:
        story = site.stories(outlet)[0]
        _, before, _ = visit(site, story.url)
        site.correct(story.path, "Hingga berita ini diturunkan, panitia masih bersidang.", outlet=outlet)
        status, after, body = visit(site, story.url, If_None_Match=before["ETag"])
        assert status == 200
        assert after["ETag"] != before["ETag"]
        assert parsedate_to_datetime(after["Last-Modified"]) > parsedate_to_datetime(before["Last-Modified"])
        page = body.decode(story.charset)
        assert "panitia masih bersidang" in page
        assert "Diperbarui " in page


def test_the_log_has_every_visit_with_its_headers(site: Newsstand) -> None:
    """Host, path, status, bytes, validators and agent, in order, with both clocks."""
    before = len(site.log)
    visit(site, "http://lama.newsstand.test/?a=1", User_Agent="Kliping-test", If_None_Match='"x"')
    visit(site, "http://www.newsstand.test/tidak-ada")
    first, second = site.log[before:]
    assert (first.host, first.path, first.status) == ("lama.newsstand.test", "/?a=1", 200)
    assert (first.user_agent, first.if_none_match, first.if_modified_since) == ("Kliping-test", '"x"', None)
    assert first.sent == len(visit(site, "http://lama.newsstand.test/?a=1")[2])
    assert (second.path, second.status) == ("/tidak-ada", 404)
    assert second.monotonic >= first.monotonic
    assert first.at.utcoffset() == timedelta(0)


def test_an_unknown_host_gets_www_and_head_has_no_body(site: Newsstand) -> None:
    """For people who open 127.0.0.1 in a browser; every kind of answer keeps the connection alive."""
    assert visit(site, f"{site.base_url}/")[2] == visit(site, "http://www.newsstand.test/")[2]
    status, headers, body = visit(site, "http://www.newsstand.test/", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(visit(site, "http://www.newsstand.test/")[2])
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    for path in ("/", "/rss/terkini.xml", "/tidak-ada", "/foto/1.png"):
        connection.request("GET", path)
        kept = connection.sock
        connection.getresponse().read()
        assert connection.sock is kept
    connection.close()


def test_closing_ends_every_connection_and_leaves_no_thread_and_no_port() -> None:
    """An idle visitor, one in a slow answer and one in the middle of a giant body do not delay the close."""
    threads = set(threading.enumerate())
    faults = {"/lambat": Fault("slow", seconds=30), "/besar": Fault("giant")}
    with contextlib.ExitStack() as visits:
        with Newsstand(faults=faults) as site:
            port = site.port
            for path in ("/", "/lambat", "/besar"):
                visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                visits.callback(visitor.close)
                visitor.request("GET", path)
                if path != "/lambat":
                    response = visits.enter_context(visitor.getresponse())
                    response.read(100)
            while not any(visited.path == "/lambat" for visited in site.log):
                time.sleep(0.01)  # wait for the slow visit to start
            closing_at = time.monotonic()
        assert time.monotonic() - closing_at < 20  # the slow answer would have taken 30 s
        # threads of other tests' visits may have ended meanwhile, so only new threads count
        assert set(threading.enumerate()) <= threads
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port, timeout=20).request("GET", "/")
    with Newsstand(port=port) as again:
        assert visit(again, "http://www.newsstand.test/")[0] == 200


def test_an_error_while_serving_is_raised_at_the_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor's connection ends, and the test that runs the site gets the reason."""
    site = Newsstand().start()
    monkeypatch.setattr(site.desk, "answer", lambda host, target: 1 / 0)
    with pytest.raises(http.client.RemoteDisconnected):
        visit(site, "http://www.newsstand.test/")
    with pytest.raises(ExceptionGroup) as raised:
        site.close()
    assert raised.group_contains(ZeroDivisionError)
    with pytest.raises(RuntimeError, match="closed"):
        _ = site.port


@pytest.mark.parametrize(
    "target", ["http://lama.newsstand.test/robots.txt", "http://[/", "//[", "/%ff?page=%00&&=", "/a b"]
)
def test_odd_request_lines_get_an_answer(site: Newsstand, target: str) -> None:
    """The absolute form, as sent to a proxy, is served; an invalid one is 400 or 404, never a server error."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as line:
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n".encode("latin-1"))
        received = line.makefile("rb").read()
    assert re.match(rb"HTTP/1\.1 200 " if "robots" in target else rb"(HTTP/1\.1 40[04] |<!DOCTYPE HTML)", received)
    if "robots" in target:
        assert b"Sitemap: http://lama." in received


INCOMPLETE = 'outlet = "www"\nnumber = 1\ntitle = "A"\nsection = "B"\ndateline = "C -"\ntext = "a"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("outlet = ", "satu.toml"),
        ('outlet = "koran"', "koran"),
        (INCOMPLETE, "published"),
        (INCOMPLETE + "published = 2015-01-01", "clock"),
        (INCOMPLETE + "published = 2015-01-01T00:00:00Z", "zones"),
        (INCOMPLETE + 'published = 2015-01-01T00:00:00+07:00\nform = "lucu"', "lucu"),
    ],
)
def test_the_error_of_an_incomplete_article_names_its_file(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as refused:
        read_story(text, "satu.toml")
    assert "satu.toml" in str(refused.value)


def test_the_command_prints_its_address_and_exits_0_on_sigterm() -> None:
    """`python -m newsstand` serves until SIGTERM, and prints nothing more."""
    command = [sys.executable, "-m", "newsstand", "--fault", "/=404"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        port = urlsplit(child.stdout.readline().strip()).port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/")
        assert connection.getresponse().status == 404
        child.send_signal(signal.SIGTERM)
        _, errors = child.communicate(timeout=20)
        connection.close()
    assert (child.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    "arguments", [["--fault", "/=bored"], ["--fault", "nonsense"], ["--pages", "no-such-folder"], ["--port", "99999"]]
)
def test_wrong_arguments_print_one_sentence_and_return_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("newsstand: ")
    assert printed.err.count("\n") == 1
