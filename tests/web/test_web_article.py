"""An article's pages: what is known and from where, versions, copies, the kept page, citations."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from archive.articles import mark_gone, save_article
from archive.database import Archive
from archive.families.differences import Differences
from archive.records import MentionedDate, Precision
from tests.conftest import an_article
from tests.support.reading_room import CORRECTED, MOSCOW, run, serve, settings_of
from web.articles import differences_in_words, search_of_day, side_by_side
from web.wording import wording

MOSCOW_ID = "4338dff9d37788081c0636e4c3c5f6d9"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def text_of(html: str) -> str:
    """A page's text, its blanks single."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_an_article_is_shown_with_time_zone_dateline_agency_and_origins(browser: TestClient) -> None:
    answer = browser.get(f"/article/{MOSCOW_ID}")
    text = text_of(answer.text)
    assert answer.status_code == 200
    assert MOSCOW in text
    assert "Jumat, 18 Desember 2015 10:05 WIB" in text
    assert "Paris (ANTARA News/AFP) -" in text
    assert "REUTERS/Ministry of Defence" in text
    assert "microdata sama" in text
    assert "<img" not in answer.text
    assert len(answer.content) < 60_000


def test_in_english_the_same_page_has_english_words(browser: TestClient) -> None:
    text = text_of(browser.get(f"/article/{MOSCOW_ID}?bahasa=en").text)
    browser.cookies.clear()
    assert "Friday, 18 December 2015 10:05 WIB" in text
    assert "What is known of this article" in text


def test_a_short_id_leads_to_the_whole_one_and_an_unknown_one_gets_404(browser: TestClient) -> None:
    answer = browser.get("/article/4338dff9")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/article/{MOSCOW_ID}")
    for unknown in ("ffffffff", "x", "../../etc/passwd", "%00", "'"):
        assert browser.get(f"/article/{unknown}").status_code == 404, unknown


def test_versions_are_compared_word_by_word(browser: TestClient) -> None:
    html = browser.get(f"/article/{MOSCOW_ID}/versions").text
    assert f"<ins>{CORRECTED}</ins>" in re.sub(r"<ins>\s+", "<ins>", html)
    assert browser.get(f"/article/{MOSCOW_ID}/versions?a=1&b=2").status_code == 200
    assert browser.get(f"/article/{MOSCOW_ID}/versions?a=1&b=9").status_code == 400
    assert browser.get(f"/article/{MOSCOW_ID}/versions?a=x").status_code == 400


def test_copies_stand_side_by_side_with_what_is_their_own_marked(browser: TestClient) -> None:
    from tests.web.test_web_search import ids

    (hit,) = ids(browser.get("/", params={"q": "benih padi"}).text)
    html = browser.get(f"/article/{hit}").text
    (path,) = re.findall(r'href="(/article/[0-9a-f]+/copies/[0-9a-f]+)"', html)
    both = browser.get(path).text
    assert '<del class="own">' in both
    assert '<ins class="own">' in both
    assert re.search(r"kedua \([^)]+\) dibandingkan dengan yang pertama \([^)]+\): 1 dari 8 kalimat dihilangkan", both)


def test_how_copies_differ_is_said_in_a_sentence() -> None:
    """What a desk cut, wrote anew and added, and the credit that it dropped."""
    found = Differences(cut=3, cut_at_end=2, of=9, own_lede=True, added=2, added_quotations=1, credit_dropped="AFP")
    assert differences_in_words(found, wording("id")) == (
        "2 dari 9 kalimat terakhir dipotong, 1 dari 9 kalimat dihilangkan atau diubah, teras sendiri, "
        "2 kalimat ditambahkan, 1 di antaranya kutipan, kredit AFP dihilangkan"
    )
    assert differences_in_words(Differences(), wording("en")) == "word for word"


def test_side_by_side_each_side_has_its_own_text_whole() -> None:
    one = an_article(1, body=("Satu dua tiga.", "Empat lima."))
    other = an_article(2, body=("Satu dua empat.", "Empat lima.", "Enam."))
    left, right = side_by_side(one, other)
    assert ["".join(piece.text for piece in each) for each in left] == list(one.body)
    assert ["".join(piece.text for piece in each) for each in right] == list(other.body)


def test_the_kept_page_is_plain_text(browser: TestClient) -> None:
    answer = browser.get(f"/article/{MOSCOW_ID}/page?version=1")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<h1" in answer.text
    assert CORRECTED not in answer.text
    assert CORRECTED in browser.get(f"/article/{MOSCOW_ID}/page").text


@pytest.mark.parametrize(("form", "begins"), [("bib", "@misc{"), ("ris", "TY  - NEWS"), ("json", "[")])
def test_an_article_is_cited_in_the_forms_of_bibliographies(browser: TestClient, form: str, begins: str) -> None:
    answer = browser.get(f"/article/{MOSCOW_ID}/cite.{form}")
    assert answer.text.startswith(begins)
    assert answer.headers["content-disposition"].startswith('attachment; filename="menhan-prancis')
    if form == "json":
        assert json.loads(answer.text)[0]["title"] == MOSCOW
    assert browser.get(f"/article/{MOSCOW_ID}/cite.exe").status_code == 404


def test_a_gone_article_is_marked_and_its_text_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    article = an_article(1)
    with Archive.open(settings_of(home).archive_url, home) as archive, archive.saving() as saving:
        save_article(saving, article, run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW)
        mark_gone(saving, article.id, NOW + timedelta(days=1))
    text = text_of(serve(home).get(f"/article/{article.id}").text)
    assert "Penerbit sudah menghapus halaman ini; pertama kali tidak ditemukan pada 3 Januari 2026" in text
    assert article.body[0] in text


def test_a_forgotten_article_answers_410(tmp_path: Path) -> None:
    """After `kliping archive forget` its page and all behind it, and the API, say that it was removed on request."""
    home = tmp_path / "home"
    article = an_article(1)
    with Archive.open(settings_of(home).archive_url, home) as archive, archive.saving() as saving:
        save_article(saving, article, run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW)
    run(home, "archive", "forget", article.id, "--reason", "a court order", "--by", "legal desk", "--yes")
    room = serve(home)
    for path in ("", "/versions", "/page", "/cite.bib", f"/copies/{article.id}"):
        answer = room.get(f"/article/{article.id}{path}")
        assert answer.status_code == 410, path
        assert "dihapus dari arsip atas permintaan" in answer.text
        assert "court" not in answer.text
    for path in ("", "/versions"):
        problem = room.get(f"/api/v1/articles/{article.id}{path}")
        assert (problem.status_code, problem.headers["content-type"]) == (410, "application/problem+json"), path
        assert "removed from the archive on request" in problem.json()["detail"]


def test_a_day_without_a_clock_is_shown_as_a_day_and_a_strange_zone_by_its_offset() -> None:
    words = wording("id")
    assert words.stamp("2015-12-18") == "18 Des 2015"
    assert words.stamp("2015-12-18T10:05:00+05:30") == "18 Des 2015 10:05 UTC+0530"
    assert words.stamp("2015-12-18T10:05:00+09:00") == "18 Des 2015 10:05 WIT"


@pytest.mark.parametrize(
    ("date", "end", "query"),
    [
        ("2015-12-17", None, "/?after=2015-12-17&before=2015-12-18"),
        ("2015-12-17T10:00:00+07:00", None, "/?after=2015-12-17&before=2015-12-18"),
        ("2015-10", None, None),
        ("2015-W50", None, None),
        ("2015-12-20", "2015-12-21", None),
    ],
)
def test_a_mentioned_day_leads_to_what_was_published_on_it(date: str, end: str | None, query: str | None) -> None:
    found = search_of_day(MentionedDate("pada hari itu", date, end))
    assert (found and found.url()) == query


def test_an_article_that_has_nothing_but_a_title_is_shown(tmp_path: Path) -> None:
    home = tmp_path / "home"
    bare = an_article(
        1, url=None, body=(), published_at=NOW.date(), published_precision=Precision.DAY, id="urn:sha256:" + "a" * 64
    )
    with Archive.open(settings_of(home).archive_url, home) as archive, archive.saving() as saving:
        save_article(saving, bare, run_id="t", fetched_at=None, page_id=None, reader="t", now=NOW)
    client = serve(home)
    text = text_of(client.get(f"/article/{bare.id}").text)
    assert "Artikel ini tidak punya teks." in text
    assert client.get(f"/article/{bare.id}/page").status_code == 404
    assert client.get(f"/article/{bare.id}/versions").status_code == 404
