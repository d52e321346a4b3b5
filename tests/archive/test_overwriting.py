"""What is never overwritten: articles of other sources, later fetches, other stories of the same source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from archive.articles import SaveResult, mark_gone, mark_seen
from archive.database import Archive
from archive.finding import find
from archive.identity import article_id
from archive.records import GENERIC, Article
from archive.same_story import same_story, settle_identity
from archive.tables import changes
from reading import article as border
from tests.conftest import an_article

Saver = Callable[..., SaveResult]
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def title_of(archive: Archive, article: Article) -> str:
    with archive.reading() as connection:
        return find(connection, article.id).article.title


def test_an_article_of_another_source_is_never_overwritten(archive: Archive, save: Saver) -> None:
    article = an_article()
    save(article)
    assert save(replace(article, source="antara", title="Lain")).outcome == "skipped:another-source"
    assert title_of(archive, article) == article.title


def test_an_article_read_without_a_source_file_passes_to_the_source_that_has_it(archive: Archive, save: Saver) -> None:
    article = an_article(source=GENERIC)
    save(article)
    assert save(replace(article, source="newsstand", title="Dibaca lebih baik")).outcome == "updated"
    assert title_of(archive, article) == "Dibaca lebih baik"
    assert border.GENERIC == GENERIC


def test_a_page_of_unknown_fetch_time_does_not_replace_one_of_known_time(archive: Archive, save: Saver) -> None:
    article = an_article()
    save(article, fetched_at=NOW)
    assert save(replace(article, title="Entah kapan"), fetched_at=None) == SaveResult("skipped:undated", 1)
    assert title_of(archive, article) == article.title


def test_of_two_pages_of_unknown_fetch_time_the_later_import_is_current(archive: Archive, save: Saver) -> None:
    article = an_article()
    save(article, fetched_at=None)
    assert save(replace(article, title="Impor kedua"), fetched_at=None) == SaveResult("updated", 2)


def test_a_fetch_time_in_the_future_does_not_block_corrections(archive: Archive, save: Saver) -> None:
    article = an_article()
    save(article, fetched_at=NOW + 365 * DAY, now=NOW + 365 * DAY)
    later = save(replace(article, title="Ralat"), fetched_at=NOW + DAY, now=NOW + DAY + timedelta(seconds=2))
    assert later == SaveResult("updated", 2)


@pytest.mark.parametrize(("fetched_at", "status"), [(None, "gone"), (NOW + DAY, "gone"), (NOW + 3 * DAY, "live")])
def test_only_a_fetch_after_it_was_gone_makes_an_article_live_again(
    archive: Archive, save: Saver, fetched_at: datetime | None, status: str
) -> None:
    article = an_article()
    save(article, fetched_at=NOW)
    with archive.saving() as saving:
        mark_gone(saving, article.id, NOW + 2 * DAY)
    assert save(article, fetched_at=fetched_at).outcome == "unchanged"
    with archive.reading() as connection:
        assert find(connection, article.id).status == status


def test_a_304_makes_a_gone_article_live_and_logs_a_change(archive: Archive, save: Saver) -> None:
    article = an_article()
    save(article, fetched_at=NOW)
    with archive.saving() as saving:
        mark_gone(saving, article.id, NOW)
    with archive.saving() as saving:
        assert mark_seen(saving, article.id, NOW + DAY)
        assert not mark_seen(saving, "0" * 32, NOW + DAY)
    with archive.reading() as connection:
        stored = find(connection, article.id)
        kinds = connection.execute(select(changes.c.kind).order_by(changes.c.seq)).scalars().all()
    assert (stored.status, stored.last_seen) == ("live", NOW + DAY)
    assert kinds == ["version", "gone", "reread"]


# --- the article that a page shows

ONE, OTHER = an_article(1, body=("satu", "dua", "tiga")), an_article(2, body=("lain", "sekali", "ini"))
AT_ONE, AT_OTHER, ELSEWHERE = ONE.url or "", OTHER.url or "", "http://www.newsstand.test/berita/9/sembilan"
CORRECTED = replace(ONE, title="Ralat", body=("satu", "dua", "diralat"))
UNDER_OTHER = replace(ONE, id=OTHER.id, url=OTHER.url)
"""The story of ONE on a page whose canonical link names OTHER."""


@pytest.mark.parametrize(
    ("promise", "article", "final", "previous", "existing", "has_own_address", "saved_as"),
    [
        ("a new story gets its own id", ONE, AT_ONE, None, None, False, ONE.id),
        ("a correction at its own address is its next version", CORRECTED, AT_ONE, ONE, ONE, False, ONE.id),
        ("completely rewritten at its own address, it keeps its id", replace(OTHER, id=ONE.id, url=ONE.url), AT_ONE,
         ONE, ONE, False, ONE.id),
        ("moved to a new address it keeps its id", UNDER_OTHER, AT_OTHER, ONE, None, False, ONE.id),
        ("a redirect to another article leaves the first alone", OTHER, AT_OTHER, ONE, OTHER, True, OTHER.id),
        ("a redirect to a new article leaves the first alone", OTHER, AT_OTHER, ONE, None, False, OTHER.id),
        ("a link that names another story on every page is ignored", UNDER_OTHER, ELSEWHERE, None, OTHER, True,
         article_id(ELSEWHERE)),
        ("also if the other's address is not in the queue", UNDER_OTHER, ELSEWHERE, None, OTHER, False,
         article_id(ELSEWHERE)),
        ("a second address makes no versions", CORRECTED, ELSEWHERE, None, ONE, True, None),
        ("a second address with the same content is unchanged", ONE, ELSEWHERE, None, ONE, True, ONE.id),
        ("the only address that we know of makes versions", CORRECTED, ELSEWHERE, ONE, ONE, False, ONE.id),
    ],
)  # fmt: skip
def test_a_page_is_saved_under_the_id_of_the_story_it_shows(
    promise: str, article: Article, final: str, previous: Article | None, existing: Article | None,
    has_own_address: bool,
    saved_as: str | None,
) -> None:  # fmt: skip
    settled = settle_identity(
        article, final=final, previous=previous, existing=existing, has_own_address=has_own_address
    )
    assert (settled.id if settled else None) == saved_as, promise
    if settled and settled.id == article_id(final):
        assert settled.url == final


def test_two_articles_are_one_story_if_they_share_the_title_or_most_paragraphs() -> None:
    assert same_story(ONE, CORRECTED)
    assert same_story(ONE, replace(ONE, body=("sama sekali lain",)))
    assert not same_story(ONE, replace(OTHER, body=("satu", "lain", "ini")))
    assert not same_story(replace(ONE, body=()), replace(OTHER, body=()))  # two galleries
