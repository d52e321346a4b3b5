"""Each fault of the newsstand does what its name says, seen in the raw answer."""

from __future__ import annotations

import http.client
import re
import time
from datetime import date

import pytest

from newsstand import Fault, FaultKind, Newsstand
from newsstand.faults import misbehaving_stories
from newsstand.stories import Outlet
from tests.support.visits import MONTHS, PRINTED, WEEKDAYS, locations, visit

pytestmark = pytest.mark.processes

WWW = "http://www.newsstand.test"
ARTICLE = next(story for story in Newsstand().stories(Outlet.WWW) if len(story.pages) == 1)
STAMP = re.compile(r'<time class="article-date">([^<]*)<')


def answer(fault: Fault, url: str = ARTICLE.url, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """The answer to one visit at a faulty address."""
    with Newsstand(faults={url.removeprefix("http://"): fault}) as site:
        return visit(site, url, **headers)


@pytest.mark.parametrize("kind", ["404", "410", "429", "500"])
def test_a_fault_named_by_a_status_sends_it(kind: str) -> None:
    """429 comes with Retry-After."""
    status, headers, body = answer(Fault(kind, seconds=7))
    assert status == int(kind)
    assert body
    assert headers["ETag"] is None
    assert headers.get("Retry-After") == ("7" if kind == "429" else None)


@pytest.mark.parametrize("kind", ["429", "500", "404", "cut", "captcha"])
def test_a_fault_with_times_ends_and_a_new_one_starts_a_new_count(kind: str) -> None:
    """Two visits get the fault, the third the article; a new fault at the same address counts from the start."""
    with Newsstand() as site:
        normal = visit(site, ARTICLE.url)[2]
        for _ in range(2):
            site.faults[ARTICLE.path] = Fault(kind, times=2)
            faulty = [site.answer("www.newsstand.test", ARTICLE.path) for _ in range(2)]
            assert all(each.status != 200 or each.sends or each.body != normal for each in faulty)
            assert visit(site, ARTICLE.url)[2] == normal
        del site.faults[ARTICLE.path]
        assert visit(site, ARTICLE.url)[2] == normal


def test_a_slow_answer_is_delayed_and_complete() -> None:
    """After the delay it is the normal answer, with its validators."""
    started_at = time.monotonic()
    status, headers, body = answer(Fault("slow", seconds=0.4))
    assert time.monotonic() - started_at >= 0.4
    assert (status, len(body)) == (200, int(headers["Content-Length"]))
    assert headers["ETag"]


def test_a_cut_body_ends_before_its_declared_length() -> None:
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer(Fault("cut"))
    assert len(cut.value.partial) > 1000
    assert cut.value.expected is not None
    assert cut.value.expected > 1000


@pytest.mark.parametrize(
    ("outlet", "actual", "declared"),
    [("www", "utf-8", "iso-8859-1"), ("lama", "iso-8859-1", "utf-8")],
    ids=["www", "lama"],
)
def test_a_wrong_charset_is_declared_in_header_and_page(outlet: str, actual: str, declared: str) -> None:
    """The bytes do not change."""
    story = next(
        story
        for story in [*Newsstand().stories(), *(story for story, _ in misbehaving_stories())]
        if story.outlet == outlet and story.charset == actual and "é" in story.paragraphs[0]
    )
    _, headers, body = answer(Fault("wrong-charset"), story.url)
    assert headers["Content-Type"] == f"text/html; charset={declared}"
    assert f"charset={declared}" in body.decode(actual).replace('"', "")
    assert story.paragraphs[0] in body.decode(actual)


def test_a_redirect_loop_returns_to_its_start() -> None:
    """Two addresses redirect to each other without end."""
    with Newsstand(faults={ARTICLE.path: Fault("redirect-loop")}) as site:
        address, seen = ARTICLE.path, []
        for _ in range(4):
            status, headers, _ = visit(site, WWW + address)
            assert status == 302
            seen.append(address)
            address = headers["Location"]
    assert seen[:2] == seen[2:]
    assert seen[0] != seen[1]


def test_redirects_lead_to_a_private_address_or_to_a_given_one() -> None:
    """The first is a 302 to an address of RFC 1918, the second a 301."""
    status, headers, _ = answer(Fault("redirect-private"))
    assert (status, headers["Location"].partition("/berita")[0]) == (302, "http://192.168.0.1")
    status, headers, _ = answer(Fault("moved", to=f"{WWW}/"))
    assert (status, headers["Location"]) == (301, f"{WWW}/")


@pytest.mark.parametrize(
    ("kind", "words"), [("blocked", "Access denied"), ("captcha", "bukan robot"), ("no-article", "Tentang kami")]
)
def test_a_page_without_an_article_has_status_200(kind: str, words: str) -> None:
    """It contains nothing of the article."""
    status, headers, body = answer(Fault(kind))
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert words in body.decode()
    assert ARTICLE.title not in body.decode()


def test_empty_and_binary_bodies_are_declared_as_html() -> None:
    """No bytes, or bytes that are not text."""
    status, headers, body = answer(Fault("empty"))
    assert (status, headers["Content-Length"], body) == (200, "0", b"")
    status, headers, body = answer(Fault("binary"))
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"\0" in body
    with pytest.raises(UnicodeDecodeError):
        body.decode()


@pytest.mark.parametrize("declared", [True, False])
def test_a_giant_body_is_streamed_with_or_without_a_length(declared: bool) -> None:
    """All bytes arrive, and the log counts them."""
    with Newsstand(faults={"/besar": Fault("giant", size=3_000_001, declared=declared)}) as site:
        status, headers, body = visit(site, f"{WWW}/besar")
        assert site.log[-1].sent == 3_000_001
    assert (status, len(body)) == (200, 3_000_001)
    assert headers["Content-Length"] == ("3000001" if declared else None)
    assert Fault("giant").size >= 50_000_000


@pytest.mark.parametrize("outlet", Outlet)
@pytest.mark.parametrize("kind", ["impossible-date", "weekday-contradicts", "no-date"])
def test_a_page_with_a_wrong_date_has_no_metadata_with_the_right_one(outlet: Outlet, kind: str) -> None:
    """Neither JSON-LD, nor OpenGraph, nor microdata."""
    story = next(story for story in Newsstand().stories(outlet) if story.published.year > 2004)
    page = answer(Fault(kind), story.url)[2].decode(story.charset)
    assert story.paragraphs[0] in page
    assert not re.search(r"datePublished\":|published_time|datetime=|<meta itemprop=\"date", page)
    stamp = PRINTED.search(re.sub(r"(?s)<(h3|aside|li|small).*?</\1>", "", page))
    if kind == "no-date":
        assert stamp is None
    elif kind == "impossible-date":
        assert stamp
        assert stamp[0] == "Sabtu, 31 Februari 2015"
    else:
        assert stamp
        day = date(int(stamp[5]), int(stamp[3] or MONTHS[stamp[4]]), int(stamp[2]))
        assert f"{day}" == f"{story.published:%Y-%m-%d}"
        assert WEEKDAYS[day.weekday()] != stamp[1]


def test_the_fault_with_the_most_specific_key_applies() -> None:
    """Host and path before path, with query before without, a star last."""
    faults = {
        "/indeks*": Fault("500"),
        "/indeks/2025-06-12": Fault("410"),
        "/indeks/2025-06-12?page=2": Fault("404"),
        "lama.newsstand.test/indeks/2025-06-12": Fault("429"),
        "arsip.newsstand.test/*": Fault("empty"),
    }
    with Newsstand(faults=faults) as site:
        requests = ["www", "/indeks/2025-06-01"], ["www", "/indeks/2025-06-12"], ["www", "/indeks/2025-06-12?page=2"]
        statuses = [visit(site, f"http://{label}.newsstand.test{path}")[0] for label, path in requests]
        assert statuses == [500, 410, 404]
        assert visit(site, "http://lama.newsstand.test/indeks/2025-06-12")[0] == 429
        assert visit(site, "http://arsip.newsstand.test/robots.txt")[2] == b""
        assert visit(site, f"{WWW}/robots.txt")[2]


def test_one_feed_lists_every_fault_and_two_good_articles() -> None:
    """Every kind but "moved", which needs a target; no other list has those addresses."""
    with Newsstand(misbehave=True) as site:
        listed = locations(visit(site, f"{WWW}/rss/misbehave.xml")[2])
        elsewhere = {story.url for story in site.stories()}
        assert len([url for url in listed if url in elsewhere]) == 2
        assert {fault.kind for fault in site.faults.values()} == set(FaultKind) - {FaultKind.MOVED}
        assert {url.removeprefix("http://") for url in listed} - set(site.faults) == {
            url.removeprefix("http://") for url in listed if url in elsewhere
        }
    with Newsstand() as site:
        assert visit(site, f"{WWW}/rss/misbehave.xml")[0] == 404
        assert {visit(site, url)[0] for url in listed} == {200}  # without faults their stories are served


@pytest.mark.parametrize(("kind", "seconds"), [("bored", 1), ("slow", 31), ("slow", -1)])
def test_an_unknown_fault_or_a_delay_out_of_bounds_is_refused(kind: str, seconds: float) -> None:
    """No delay is longer than half a minute."""
    with pytest.raises(ValueError, match=r"no such fault|seconds"):
        Fault(kind, seconds=seconds)


def test_a_template_without_bylines_names_no_author_anywhere() -> None:
    """Everything else is as before, so only the missing field shows the change."""
    for outlet in (Outlet.WWW, Outlet.ARSIP):
        story = next(each for each in Newsstand().stories(outlet) if each.authors)
        status, _, body = answer(Fault("no-byline"), story.url)
        page = body.decode(story.charset)
        assert status == 200
        assert story.title in page
        assert not [name for name in (*story.authors, *story.editors) if name in page]
