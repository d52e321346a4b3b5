"""The reading room's main pages on an archive in PostgreSQL: each answers, and shows what was saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient

from archive import runs
from archive.articles import save_article
from archive.database import Archive
from indexer.engines import index_of
from indexer.follow import follow
from kliping.cli.operations import holdings
from tests.conftest import WIB, an_article
from tests.support.postgresql.archives import TEMPLATE, postgres_archive
from tests.support.postgresql.server import PostgresServer
from tests.support.reading_room import settings_of
from web.app import create_app

ID = an_article(1).id
TITLE = "Gempa mengguncang Ternate"
RUN = "newsstand-1"


@pytest.fixture(scope="module")
def room(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The reading room on four articles of two sources, one with two versions and a copy, and a run."""
    home = tmp_path_factory.mktemp("room")
    settings = settings_of(home, database_url=postgres_server.url(TEMPLATE), web_api_per_minute=100_000)
    with postgres_archive(home, postgres_server) as archive:
        _fill(archive)
        index = index_of(settings)
        follow(archive, index)
        app = create_app(holdings(settings, archive, index))
        yield TestClient(app, base_url="http://127.0.0.1:8420", follow_redirects=False, raise_server_exceptions=False)


def _fill(archive: Archive) -> None:
    now = datetime.now(UTC)
    text = tuple(f"Warga{each} desa{each} melihat rumah{each} retak{each} karena gempa." for each in range(12))
    first = an_article(1, title=TITLE, body=text, section="Nasional", published_at=datetime(2024, 5, 1, 9, tzinfo=WIB))
    copy = replace(an_article(2, title=f"{TITLE} lagi", body=text[:-1], source="tempo"), section="Nasional")
    with archive.writing() as connection:
        runs.begin(connection, RUN, source="newsstand", kind="crawl", holder="h", lease=None, now=now)
        runs.finish(connection, RUN, listed=4, traffic={}, verdict=runs.Verdict("good", None), now=now)
    corrected = replace(first, body=(*text, "Gempa itu berkekuatan enam."))
    for article in (first, copy, an_article(3), an_article(4, source="tempo"), corrected):
        with archive.saving() as saving:
            save_article(saving, article, run_id=RUN, fetched_at=now, page_id=None, reader="test", now=now)
        now += timedelta(seconds=1)


PAGES = {
    "/?q=gempa": "mengguncang Ternate",
    "/?source=tempo&sort=newest": "2 artikel",
    f"/article/{ID}": TITLE,
    f"/article/{ID}/versions": "Gempa itu berkekuatan enam.",
    f"/article/{ID}/copies/{an_article(2).id}": "2 dari 13 kalimat terakhir dipotong",
    "/today": "4 artikel baru",
    "/sources": "newsstand",
    "/sources/newsstand?year=2024": 'class="calendar"',
    "/runs?source=newsstand": RUN,
    f"/runs/{RUN}": "newsstand",
    "/watches": "kliping watch",
    "/doctor": "kliping doctor",
    "/attention?q=gempa&by=day&words=gempa": "<svg",
    "/attention.csv?q=gempa": "gempa",
    "/export?q=gempa&format=jsonl": TITLE,
    "/export?format=csv": TITLE,
    "/api/v1/search?q=gempa": TITLE,
    "/api/v1/counts?q=gempa": "periods",
    f"/api/v1/articles/{ID}": TITLE,
    f"/api/v1/articles/{ID}/versions": "first_seen",
    "/api/v1/sources": "tempo",
    f"/api/v1/runs?cursor={RUN}": "runs",
    "/api/v1/feed.atom?q=gempa": TITLE,
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_on_postgresql(room: TestClient, path: str) -> None:
    """As it does on SQLite, where all other tests run."""
    answer = room.get(path)
    assert answer.status_code == 200, answer.text
    assert PAGES[path] in unescape(answer.text)


@pytest.mark.parametrize("path", ["/runs?before=x%00", "/runs/%00", "/article/%00", "/sources/%00", "/?source=%00"])
def test_what_postgresql_cannot_hold_is_no_error_of_ours(room: TestClient, path: str) -> None:
    """It stores no NUL: an address with one is refused or finds nothing."""
    assert room.get(path).status_code in (200, 400, 404)
