"""Each misbehaviour does what it says, to a visitor who looks at the raw answer."""

from __future__ import annotations

import http.client
import re
import time
from datetime import date

import pytest

from newsstand import Fault, FaultKind, Newsstand
from newsstand.faults import misbehaving_stories
from newsstand.stories import Outlet
from tests.newsstand.test_newsstand import MONTHS, PRINTED, WEEKDAYS, locations, visit

WWW = "http://www.newsstand.test"
ARTICLE = next(story for story in Newsstand().stories(Outlet.WWW) if len(story.pages) == 1)
STAMP = re.compile(r'<time class="article-date">([^<]*)<')


def answer(fault: Fault, url: str = ARTICLE.url, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """What one visit to a misbehaving address gets."""
    with Newsstand(faults={url.removeprefix("http://"): fault}) as site:
        return visit(site, url, **headers)


@pytest.mark.parametrize("kind", ["404", "410", "429", "500"])
def test_a_status_is_sent_as_asked(kind: str) -> None:
    """429 says when to come back."""
    status, headers, body = answer(Fault(kind, seconds=7))
    assert status == int(kind)
    assert body
    assert headers["ETag"] is None
    assert headers.get("Retry-After") == ("7" if kind == "429" else None)


@pytest.mark.parametrize("kind", ["429", "500", "404", "cut", "captcha"])
def test_a_bounded_fault_passes_and_a_new_one_counts_anew(kind: str) -> None:
    """Two visits meet it, the third gets the article; put in place again, it counts from the start."""
    with Newsstand() as site:
        normal = visit(site, ARTICLE.url)[2]
        for _ in range(2):
            site.faults[ARTICLE.path] = Fault(kind, times=2)
            spoilt = [site.answer("www.newsstand.test", ARTICLE.path) for _ in range(2)]
            assert all(each.status != 200 or each.sends or each.body != normal for each in spoilt)
            assert visit(site, ARTICLE.url)[2] == normal
        del site.faults[ARTICLE.path]
        assert visit(site, ARTICLE.url)[2] == normal


def test_a_slow_answer_comes_late_and_whole() -> None:
    """It takes its seconds, then is as ever, validators included."""
    begun = time.monotonic()
    status, headers, body = answer(Fault("slow", seconds=0.4))
    assert time.monotonic() - begun >= 0.4
    assert (status, len(body)) == (200, int(headers["Content-Length"]))
    assert headers["ETag"]


def test_a_cut_body_ends_before_its_declared_length() -> None:
    """The connection closes in the middle."""
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer(Fault("cut"))
    assert len(cut.value.partial) > 1000
    assert cut.value.expected is not None
    assert cut.value.expected > 1000


@pytest.mark.parametrize(
    ("outlet", "true", "false"), [("www", "utf-8", "iso-8859-1"), ("lama", "iso-8859-1", "utf-8")], ids=["www", "lama"]
)
def test_a_wrong_charset_is_declared_in_header_and_page(outlet: str, true: str, false: str) -> None:
    """The bytes stay what they were."""
    story = next(
        story
        for story in [*Newsstand().stories(), *(story for story, _ in misbehaving_stories())]
        if story.outlet == outlet and story.charset == true and "é" in story.paragraphs[0]
    )
    _, headers, body = answer(Fault("wrong-charset"), story.url)
    assert headers["Content-Type"] == f"text/html; charset={false}"
    assert f"charset={false}" in body.decode(true).replace('"', "")
    assert story.paragraphs[0] in body.decode(true)


def test_a_redirect_loop_comes_back_to_where_it_began() -> None:
    """Two addresses point to each other for ever."""
    with Newsstand(faults={ARTICLE.path: Fault("redirect-loop")}) as site:
        address, seen = ARTICLE.path, []
        for _ in range(4):
            status, headers, _ = visit(site, WWW + address)
            assert status == 302
            seen.append(address)
            address = headers["Location"]
    assert seen[:2] == seen[2:]
    assert seen[0] != seen[1]


def test_redirects_lead_to_a_private_address_or_where_they_are_told() -> None:
    """The first is 302 into RFC 1918's space, the second 301."""
    status, headers, _ = answer(Fault("redirect-private"))
    assert (status, headers["Location"].partition("/berita")[0]) == (302, "http://192.168.0.1")
    status, headers, _ = answer(Fault("moved", to=f"{WWW}/"))
    assert (status, headers["Location"]) == (301, f"{WWW}/")


@pytest.mark.parametrize(
    ("kind", "words"), [("blocked", "Access denied"), ("captcha", "bukan robot"), ("no-article", "Tentang kami")]
)
def test_a_page_that_is_no_article_comes_with_200(kind: str, words: str) -> None:
    """Nothing of the article is in it."""
    status, headers, body = answer(Fault(kind))
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert words in body.decode()
    assert ARTICLE.title not in body.decode()


def test_empty_and_binary_bodies_call_themselves_html() -> None:
    """No byte at all; or bytes that are no text."""
    status, headers, body = answer(Fault("empty"))
    assert (status, headers["Content-Length"], body) == (200, "0", b"")
    status, headers, body = answer(Fault("binary"))
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"\0" in body
    with pytest.raises(UnicodeDecodeError):
        body.decode()


@pytest.mark.parametrize("declared", [True, False])
def test_a_giant_body_is_streamed_with_or_without_a_length(declared: bool) -> None:
    """All its bytes arrive, and the log counts them."""
    with Newsstand(faults={"/besar": Fault("giant", size=3_000_001, declared=declared)}) as site:
        status, headers, body = visit(site, f"{WWW}/besar")
        assert site.log[-1].sent == 3_000_001
    assert (status, len(body)) == (200, 3_000_001)
    assert headers["Content-Length"] == ("3000001" if declared else None)
    assert Fault("giant").size >= 50_000_000


@pytest.mark.parametrize("outlet", Outlet)
@pytest.mark.parametrize("kind", ["impossible-date", "weekday-contradicts", "no-date"])
def test_a_spoilt_date_stands_alone_on_its_page(outlet: Outlet, kind: str) -> None:
    """No metadata lends a true one: neither JSON-LD, nor OpenGraph, nor microdata."""
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


def test_a_fault_is_found_by_the_most_particular_of_its_names() -> None:
    """Host and path before path, with query before without, a star last."""
    faults = {
        "/indeks*": Fault("500"),
        "/indeks/2025-06-12": Fault("410"),
        "/indeks/2025-06-12?page=2": Fault("404"),
        "lama.newsstand.test/indeks/2025-06-12": Fault("429"),
        "arsip.newsstand.test/*": Fault("empty"),
    }
    with Newsstand(faults=faults) as site:
        asked = ["www", "/indeks/2025-06-01"], ["www", "/indeks/2025-06-12"], ["www", "/indeks/2025-06-12?page=2"]
        got = [visit(site, f"http://{label}.newsstand.test{path}")[0] for label, path in asked]
        assert got == [500, 410, 404]
        assert visit(site, "http://lama.newsstand.test/indeks/2025-06-12")[0] == 429
        assert visit(site, "http://arsip.newsstand.test/robots.txt")[2] == b""
        assert visit(site, f"{WWW}/robots.txt")[2]


def test_one_feed_leads_to_every_fault_beside_two_good_articles() -> None:
    """Every kind but "moved", which needs a goal; none of those addresses stands in any other list."""
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
        assert {visit(site, url)[0] for url in listed} == {200}  # the stories themselves are well


@pytest.mark.parametrize(("kind", "seconds"), [("bored", 1), ("slow", 31), ("slow", -1)])
def test_an_unknown_or_unbounded_fault_is_refused(kind: str, seconds: float) -> None:
    """Nothing hangs for longer than half a minute."""
    with pytest.raises(ValueError, match=r"no such fault|seconds"):
        Fault(kind, seconds=seconds)


def test_a_template_without_bylines_tells_neither_people_nor_machines_who_wrote_a_story() -> None:
    """All else stands as before, so nothing but a missing field can give it away."""
    for outlet in (Outlet.WWW, Outlet.ARSIP):
        story = next(each for each in Newsstand().stories(outlet) if each.authors)
        status, _, body = answer(Fault("no-byline"), story.url)
        page = body.decode(story.charset)
        assert status == 200
        assert story.title in page
        assert not [name for name in (*story.authors, *story.editors) if name in page]
