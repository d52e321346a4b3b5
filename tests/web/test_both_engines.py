"""The reading room on each engine: the same pages and answers. Without one it says so, and articles still open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from archive.articles import SaveResult
from archive.database import Archive
from indexer.contract import PhysicalIndex, SearchIndex
from indexer.engines import open_index
from indexer.follow import follow
from indexer.reindex import reindex
from kliping.cli.operations import holdings
from tests.conftest import WIB, an_article
from tests.support.reading_room import settings_of
from web.app import create_app

pytest_plugins = ["tests.support.contract_fixtures"]

Save = Callable[..., SaveResult]
STORIES: tuple[dict[str, Any], ...] = tuple(
    {
        "title": f"Gempa mengguncang Ternate {number}" if number % 3 == 0 else f"Harga beras naik {number}",
        "body": (f"Berita nomor {number} dari Ternate, panjang dan unik seperti kata nomor {number * 7}.",),
        "source": "antara" if number % 2 else "tempo",
        "section": "Nasional",
        "published_at": datetime(2015, 12, 1, 9, tzinfo=WIB) + timedelta(days=number),
    }
    for number in range(12)
)


def room(archive: Archive, index: SearchIndex, home: Path) -> TestClient:
    """A client of the reading room on an archive and an engine."""
    app = create_app(holdings(settings_of(home, web_api_per_minute=100_000), archive, index))
    return TestClient(app, base_url="http://127.0.0.1:8420", raise_server_exceptions=False)


@pytest.fixture
def twelve(archive: Archive, save: Save, index: SearchIndex, tmp_path: Path) -> TestClient:
    """The reading room on twelve articles in an index of each engine."""
    for number, story in enumerate(STORIES, start=1):
        save(an_article(number, **story))
    follow(archive, index)
    return room(archive, index, tmp_path)


def test_pages_and_api_answer_alike_on_both_engines(twelve: TestClient) -> None:
    """Search, its filters and pages, counts over time, suggestions, feeds and an article."""
    found = twelve.get("/api/v1/search", params={"q": "gempa", "facets": True}).json()
    assert (found["total"], found["facets"]["source"]) == (4, {"antara": 2, "tempo": 2})
    page = twelve.get("/", params={"q": "gempa", "source": "antara"})
    assert page.status_code == 200
    assert page.text.count("<h2><a href=") == 2
    first = twelve.get("/api/v1/search", params={"sort": "newest", "limit": 5}).json()
    second = twelve.get("/api/v1/search", params={"sort": "newest", "limit": 50, "cursor": first["next"]}).json()
    assert len({hit["id"] for hit in first["hits"] + second["hits"]}) == 12
    counts = twelve.get("/api/v1/counts", params={"q": ["gempa", "beras"], "interval": "week"}).json()
    assert [curve["counts"] for curve in counts["curves"]] == [[2, 2], [4, 4]]
    assert [period["articles"] for period in counts["periods"]] == [6, 6]
    assert twelve.get("/attention", params={"q": "gempa", "words": "gempa"}).status_code == 200
    suggested = twelve.get("/api/v1/suggestions", params={"q": "gem"}).json()["suggestions"]
    assert any(each["text"] == "gempa" for each in suggested)
    assert len(twelve.get("/api/v1/feed.json", params={"q": "gempa"}).json()["items"]) == 4
    assert twelve.get(f"/article/{found['hits'][0]['id']}").status_code == 200


def test_no_request_fails_while_a_reindex_swaps(
    archive: Archive, index: SearchIndex, twelve: TestClient, save: Save
) -> None:
    """The room looks at the alias for each request: it answers from the old index, and then from the new one."""
    before = index.current()
    save(an_article(99, title="Gempa susulan", published_at=datetime(2016, 1, 1, tzinfo=WIB)))
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            for path in ("/api/v1/search?q=gempa", "/?q=gempa", "/api/v1/counts?q=gempa"):
                statuses.append(twelve.get(path).status_code)

    reader = threading.Thread(target=ask)
    reader.start()
    try:
        reindex(archive, index, keep=0)
        swapped = len(statuses)
    finally:
        over.set()
        reader.join()
    assert isinstance(before, PhysicalIndex)
    assert index.current() != before
    assert set(statuses) == {200}
    assert swapped > 0
    assert twelve.get("/api/v1/search", params={"q": "gempa"}).json()["total"] == 5


def test_without_the_engine_a_page_says_so_and_articles_still_open(
    archive: Archive, save: Save, tmp_path: Path
) -> None:
    """Elasticsearch cannot be reached: the search says it, the API has problem details, the archive's pages work."""
    save(an_article(1, title="Gempa mengguncang Ternate"))
    away = room(archive, open_index("http://127.0.0.1:9", tmp_path, "news"), tmp_path)
    page = away.get("/", params={"q": "gempa"})
    assert page.status_code == 503
    assert "Pencarian sedang tidak tersedia" in page.text
    assert "127.0.0.1:9" in page.text
    counts = away.get("/attention", params={"q": "gempa"})
    assert counts.status_code == 503
    assert "Pencarian sedang tidak tersedia" in counts.text
    answer = away.get("/api/v1/search", params={"q": "gempa"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    article = away.get(f"/article/{an_article(1).id}")
    assert article.status_code == 200
    assert "Gempa mengguncang Ternate" in article.text
    for path in ("/today", "/sources", "/runs", "/watches", "/doctor", "/api/v1/sources", "/attention"):
        assert away.get(path).status_code == 200, path
