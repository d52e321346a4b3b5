"""The reading room on both engines: the same pages, the same facets, pages that neither skip nor repeat."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from archive.articles import save_article
from archive.database import Archive
from archive.records import Dateline, Image, PhotoCredit
from indexer.contract import SearchIndex
from indexer.follow import follow
from kliping.cli.operations import holdings
from tests.conftest import WIB, an_article
from tests.support.reading_room import settings_of
from web.app import create_app

pytest_plugins = ["tests.support.contract_fixtures"]

COUNT = 45
PARIS = Dateline("Paris", "ANTARA", "Paris (ANTARA) -", "Paris", None, "Prancis")


@pytest.fixture
def room(another: Callable[[], SearchIndex], tmp_path: Path) -> TestClient:
    """The reading room on an archive of COUNT articles and an index of one of the engines."""
    home = tmp_path / "home"
    archive = Archive.open(settings_of(home).archive_url, home)
    now = datetime(2026, 1, 2, tzinfo=UTC)
    with archive.saving() as saving:
        for number in range(COUNT):
            made = an_article(
                number,
                title=f"Pasar beras nomor {number}",
                published_at=datetime(2015 + number % 3, 12, 1, 9, tzinfo=WIB) + timedelta(days=number // 3),
                dateline=PARIS if number % 2 else None,
                agency="AFP" if number % 5 == 0 else "ANTARA",
                images=(Image(None, "Foto pasar", PhotoCredit("Reuters", None, "Reuters")),) if number % 9 == 0 else (),
            )
            save_article(saving, made, run_id="t", fetched_at=now, page_id=None, reader="t", now=now)
    index = another()
    follow(archive, index)
    return TestClient(
        create_app(holdings(settings_of(home), archive, index)),
        base_url="http://127.0.0.1:8420",
        raise_server_exceptions=False,
    )


def test_search_facets_pages_articles_and_suggestions_work_on_both_engines(room: TestClient) -> None:
    html = unescape(room.get("/", params={"q": "pasar beras"}).text)
    assert f"{COUNT} artikel" in html
    assert "<mark>Pasar</mark> <mark>beras</mark>" in html
    assert 'href="/?q=pasar+beras&photo=Reuters"' in html
    assert 'href="/?q=pasar+beras&after=2015&before=2016"' in html or "2015-12" in html
    narrowed = room.get("/", params={"q": "pasar beras", "photo": "Reuters", "place": "Paris"}).text
    assert "2 artikel" in narrowed
    for sort in ("relevance", "newest", "oldest"):
        seen: list[str] = []
        following = f"/?q=pasar+beras&copies=1&sort={sort}"
        while following:
            text = room.get(following).text
            seen += re.findall(r'<h2><a href="/article/(\w+)">', text)
            found = re.search(r'<a href="([^"]+)" rel="next"', text)
            following = unescape(found[1]) if found else ""
        assert len(seen) == len(set(seen)) == COUNT
    article = room.get(f"/article/{seen[0]}")
    assert article.status_code == 200
    assert "Artikel terkait" in article.text
    assert any(each["text"] for each in room.get("/suggest", params={"q": "bera"}).json())
    nothing = room.get("/", params={"q": "zzqqxx"})
    assert (nothing.status_code, "notice" in nothing.text) == (200, True)
    assert room.get("/", params={"after": "2015-12", "before": "2016-01"}).status_code == 200
    assert len(room.get("/export", params={"photo": "Reuters", "format": "jsonl"}).text.splitlines()) == 5
