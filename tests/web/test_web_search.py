"""The search page: every state is a URL, nothing is skipped or repeated, an empty answer is never bare."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams

from archive.articles import save_article
from archive.database import Archive
from indexer.engines import index_of
from indexer.follow import follow
from indexer.query import FIELDS, read
from indexer.query_words import QUERY_WORDS
from indexer.sentences import SENTENCES
from tests.conftest import an_article
from tests.support.reading_room import MOSCOW, run, serve, settings_of
from web.pages import search as search_page
from web.searching import SearchState
from web.timeline import timeline
from web.wording import wording

JAKARTA = ZoneInfo("Asia/Jakarta")


def ids(html: str) -> list[str]:
    """The articles of a page, in order."""
    return re.findall(r'<h2><a href="/article/([0-9a-f]{32})">', html)


def links(html: str) -> dict[str, str]:
    """The links of a page by their text."""
    found = re.findall(r'<a[^>]* href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return {re.sub(r"<[^>]+>", "", text).strip(): unescape(href) for href, text in found}


def state(query: str) -> SearchState:
    return SearchState.of(QueryParams(query))


@pytest.mark.parametrize(
    "query",
    [
        "q=ISIS+Moskow",
        "q=gempa&source=newsstand&photo=Reuters&photo=AFP&sort=newest",
        "after=2015-12&before=2016",
        "family=abc&copies=1",
        "",
    ],
)
def test_a_state_survives_its_own_address(query: str) -> None:
    assert state(state(query).url().partition("?")[2]) == state(query)


def test_a_filter_is_added_and_taken_out_and_begins_the_first_page() -> None:
    begun = state("q=gempa&cursor=abc")
    narrowed = begun.toggled("photo", "Reuters")
    assert narrowed.url() == "/?q=gempa&photo=Reuters"
    assert narrowed.toggled("photo", "Reuters").url() == "/?q=gempa"


def test_a_state_is_written_in_the_words_of_the_command() -> None:
    typed = state('q="pasar beras"&photo=Reuters&source=antara&source=tempo&after=2015-12&before=2016').as_typed(
        JAKARTA
    )
    assert typed == '"pasar beras" (source:antara OR source:tempo) photo:Reuters after:2015-12-01 before:2016-01-01'
    assert read(typed, JAKARTA) == state(QueryParams({"q": typed}).__str__()).root(JAKARTA)


def test_what_is_found_is_marked_and_counted(browser: TestClient) -> None:
    html = browser.get("/", params={"q": "ISIS Moskow"}).text
    assert "<mark>Moskow</mark>" in html
    assert "1 artikel" in html
    assert "18 Des 2015 10:05 WIB" in html
    assert links(html)["Reuters"] == "/?q=ISIS+Moskow&photo=Reuters"


def test_pages_neither_skip_nor_repeat_while_articles_come_in(demo_home: Path, tmp_path: Path) -> None:
    import shutil

    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    client = serve(home)
    for sort in ("newest", "relevance"):
        first = client.get("/", params={"q": "OR".join((" di ", " ke ", " dan ")), "sort": sort}).text
        seen = ids(first)
        assert len(seen) == 20
        with Archive.open(settings_of(home).archive_url, home) as archive:
            with archive.saving() as saving:
                now = datetime.now(UTC)
                fresh = an_article(900 + len(sort), body=("Kabar di pasar dan ke pelabuhan.",), published_at=now)
                save_article(saving, fresh, run_id="t", fetched_at=now, page_id=None, reader="t", now=now)
            follow(archive, index_of(settings_of(home)))
        html = first
        while "Halaman berikutnya →" in links(html):
            html = client.get(links(html)["Halaman berikutnya →"]).text
            seen += ids(html)
        assert len(seen) == len(set(seen))
        everything = client.get("/", params={"q": " di OR ke OR dan ", "sort": sort}).text
        total = int(re.findall(r"(\d+) artikel", everything)[0])
        assert total - 2 <= len(set(seen)) <= total  # the one that came in may stand before the first page; copies fold


def test_copies_are_folded_under_one_and_unfolded_by_a_link(browser: TestClient) -> None:
    html = browser.get("/", params={"q": "benih padi"}).text
    assert len(ids(html)) == 1
    unfolded = browser.get(links(html)["1 salinan di media lain"]).text
    assert len(ids(unfolded)) == 2


def test_the_timeline_narrows_from_years_to_months_to_days(browser: TestClient) -> None:
    html = browser.get("/").text
    year = re.findall(r'<a href="(/\?after=2015&amp;before=2016)"', html)
    assert year
    html = browser.get(unescape(year[0])).text
    assert "Artikel per bulan" in html
    month = re.findall(r'<a href="(/\?after=2015-1[0-2]&amp;before=[0-9-]+)" aria', html)
    assert month
    assert browser.get(unescape(month[0])).status_code == 200


def test_months_without_a_hit_are_shown_and_december_ends_with_the_year() -> None:
    line = timeline(SearchState(), {"year": {"2015": 2, "2016": 1}, "month": {"2015-11": 2, "2016-01": 1}})
    assert line is not None
    assert [(bar.year, bar.month, bar.count) for bar in line.bars] == [(2015, 11, 2), (2015, 12, 0), (2016, 1, 1)]
    assert line.bars[1].state.url() == "/?after=2015-12&before=2016-01"


@pytest.mark.parametrize(
    ("query", "says", "offers"),
    [
        ("Muskow", "", ""),
        ("zzqqxx", "Coba kata lain", "/"),
        ("gempa source:newstand", "Mungkin maksudnya", "gempa source:newsstand"),
        ("gempa after:2020 before:2010", "Rentang tanggalnya kosong", "gempa after:2010-01-01 before:2020-01-01"),
        ("gempa photo:Reuters", "ditemukan", "gempa"),
        ("gempa and Ternate", "", ""),
    ],
)
def test_an_empty_answer_says_why_and_offers_what_to_try(
    browser: TestClient, query: str, says: str, offers: str
) -> None:
    answer = browser.get("/", params={"q": query})
    assert answer.status_code == 200
    html = unescape(answer.text)
    assert ids(html) or "notice" in html
    assert says in html
    if offers:
        assert any(
            SearchState.of(QueryParams(href.partition("?")[2])).words == offers.strip("/")
            for href in links(answer.text).values()
        ), links(answer.text)


@pytest.mark.parametrize("query", ['gempa "Palu', "gempa)", "OR", "foo:bar", "after:kemarin", "gempa ab*", "?"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_query_that_cannot_be_read_is_explained_and_pointed_at(
    browser: TestClient, query: str, language: str
) -> None:
    answer = browser.get("/", params={"q": query, "bahasa": language})
    browser.cookies.clear()
    assert answer.status_code == 400
    assert '<pre class="place">' in answer.text
    assert "notice" in answer.text


def test_every_sentence_of_a_query_is_in_the_wording_with_fields_that_it_has() -> None:
    for language in ("id", "en"):
        words = {
            key.partition(".")[2]: text for key, text in wording(language).words.items() if key.startswith("sentences.")
        }
        assert words.keys() == SENTENCES.keys()
        for kind, text in words.items():
            assert set(re.findall(r"{(\w+)}", text)) <= set(re.findall(r"{(\w+)}", SENTENCES[kind])), (language, kind)


def test_the_help_has_every_field_and_every_example_can_be_read(browser: TestClient) -> None:
    html = unescape(browser.get("/").text)
    for each in QUERY_WORDS:
        read(each.example, JAKARTA)
        assert f"<code>{each.example}</code>" in html
    named = {each.example.partition(":")[0] for each in QUERY_WORDS if ":" in each.example}
    assert set(FIELDS) - named <= {"family"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"q": "a" * 3_000},
        {"q": " ".join(f"kata{n}" for n in range(150))},
        {"source": [f"s{n}" for n in range(30)]},
        {"source": "s" * 400},
        {"sort": "popular"},
        {"cursor": "A" * 40_000},
        {"cursor": "bukan-penunjuk"},
        {"after": "kemarin"},
        {"after": "2015-13"},
    ],
)
def test_what_is_too_much_or_unreadable_gets_400_with_a_sentence(
    browser: TestClient, parameters: dict[str, object]
) -> None:
    answer = browser.get("/", params=parameters)  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert "notice" in answer.text


def test_suggestions_are_of_the_index(browser: TestClient) -> None:
    found = browser.get("/suggest", params={"q": "mosk"}).json()
    assert any("moskow" in each["query"].lower() for each in found)
    assert browser.get("/suggest", params={"q": ""}).json() == []


def test_an_address_or_id_in_the_box_opens_its_article(browser: TestClient, demo_home: Path) -> None:
    html = browser.get("/", params={"q": "4338dff9"}).text
    assert MOSCOW in unescape(html)
    assert "/article/4338dff9d37788081c0636e4c3c5f6d9" in html


def test_with_the_search_down_the_page_says_so_and_articles_still_open(demo_home: Path) -> None:
    down = serve(demo_home, index_url="http://127.0.0.1:9")
    answer = down.get("/", params={"q": "gempa"})
    assert answer.status_code == 503
    assert "Pencarian sedang tidak tersedia" in answer.text
    assert "Traceback" not in answer.text
    listed = ids(answer.text)
    assert listed
    page = down.get(f"/article/{listed[0]}")
    assert page.status_code == 200
    assert "Pencarian sedang tidak tersedia" in page.text
    assert down.get("/suggest", params={"q": "mosk"}).status_code == 503
    assert down.get("/export", params={"q": "gempa"}).status_code == 503


def test_without_an_index_the_page_names_the_command(demo_home: Path) -> None:
    answer = serve(demo_home, index_alias="other").get("/")
    assert answer.status_code == 503
    assert "kliping index follow" in answer.text


def test_while_a_reindex_swaps_and_prunes_no_search_fails(demo_home: Path, tmp_path: Path) -> None:
    import shutil
    import threading

    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    client = serve(home)
    over = threading.Event()
    statuses: list[int] = []

    def ask() -> None:
        while not over.is_set():
            statuses.append(client.get("/", params={"q": "gempa"}).status_code)

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    run(home, "reindex")
    run(home, "index", "prune", "--keep", "0")
    over.set()
    for reader in readers:
        reader.join()
    assert set(statuses) == {200}
    assert len(statuses) > 10


def test_where_pages_by_relevance_end_others_begin(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says so, and leads to the same search by date and to its export."""
    monkeypatch.setattr(search_page, "LONGEST_CURSOR", 10)
    page = browser.get("/?q=di&copies=1").text
    assert "halaman berakhir di sini" in page
    assert "Halaman berikutnya" not in page
    by_date = links(page)["urutkan dari yang terbaru"]
    assert by_date == "/?q=di&sort=newest&copies=1"
    assert links(page)["Ambil hasil ini"] == "#take"
    assert 'id="take"' in page
    monkeypatch.undo()
    assert "Halaman berikutnya" in browser.get(by_date).text
