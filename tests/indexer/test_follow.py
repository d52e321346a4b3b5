"""Following the archive's log into an index. Every test runs with every engine."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from archive import changes, indexes
from archive.articles import mark_gone, save_article
from archive.database import Archive
from archive.leases import LeaseLostError, acquire
from archive.records import ChangeKind, Image
from archive.tables import articles, facts, versions
from indexer import schema
from indexer.contract import NeedsReindexError, SearchIndex
from indexer.follow import advance, follow, retry
from indexer.queries import Query
from indexer.query import read
from indexer.reindex import ReindexStoppedError, reindex
from indexer.status import status
from tests.conftest import DRAWN, WIB, an_article
from tests.support.indexes import Save, total
from tests.support.indexing_children import killed
from tests.support.postgresql.archives import on_both

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

Opener = Callable[[], SearchIndex]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def index(another: Opener) -> SearchIndex:
    """An engine without any index."""
    return another()


def forget(archive: Archive, article_id: str) -> None:
    """Remove an article from the archive, as a takedown does."""
    with archive.saving() as saving:
        saving.connection.execute(delete(versions).where(versions.c.article_id == article_id))
        saving.connection.execute(delete(articles).where(articles.c.id == article_id))
        saving.record_change(article_id, ChangeKind.FORGOTTEN)


# -- reading the log --------------------------------------------------------------------------------------------------


def test_the_log_is_read_in_batches_whose_cursor_never_skips_an_article(archive: Archive, save: Save) -> None:
    for number in (1, 2, 1, 3, 2):  # changes 1 to 5; articles 1 and 2 have two each
        save(an_article(number, title=f"Judul {number} {archive.last_seq()}"))
    with archive.reading() as connection:
        whole = changes.read_batch(connection, 0, count=100, size=10**9)
        small = changes.read_batch(connection, 0, count=100, size=1)
        few = changes.read_batch(connection, 1, count=2, size=10**9)
        none = changes.read_batch(connection, 5, count=100, size=10**9)
    assert [(each.first, each.last, each.seq) for each in whole.articles] == [(1, 3, 3), (2, 5, 5), (4, 4, 4)]
    assert whole.cursor == 5
    assert (len(small.articles), small.cursor) == (1, 1)
    assert ([each.seq for each in few.articles], few.cursor) == ([5, 3], 3)
    assert (none.articles, none.cursor) == ((), 5)


@pytest.mark.parametrize("seed", [DRAWN])
def test_reading_in_batches_misses_no_article(archive: Archive, save: Save, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(60):
        save(an_article(draw.randrange(20), title=f"Judul {draw.random()}"))
    seen: dict[str, int] = {}
    cursor = 0
    while cursor < archive.last_seq():
        with archive.reading() as connection:
            batch = changes.read_batch(connection, cursor, count=draw.randrange(1, 9), size=draw.randrange(1, 4000))
        assert batch.cursor > cursor
        seen |= {each.article_id: each.seq for each in batch.articles}
        cursor = batch.cursor
    with archive.reading() as connection:
        assert seen == {row.id: row.seq for row in connection.execute(articles.select())}


# -- following --------------------------------------------------------------------------------------------------------


def test_the_first_follow_creates_an_index_also_for_an_empty_archive(archive: Archive, index: SearchIndex) -> None:
    done = follow(archive, index)
    assert (done.done, done.cursor, done.held_by) == (0, 0, None)
    assert total(index) == 0
    assert status(archive, index).fine


@on_both
def test_a_follow_applies_new_changed_gone_and_forgotten_articles(
    archive: Archive, index: SearchIndex, save: Save
) -> None:
    for number in (1, 2, 3):
        save(an_article(number))
    assert follow(archive, index).done == 3
    save(an_article(1, title="Moskow"))
    save(an_article(4))
    with archive.saving() as saving:
        mark_gone(saving, an_article(2).id, NOW)
    forget(archive, an_article(3).id)
    done = follow(archive, index)
    assert (done.done, done.deleted, done.cursor) == (3, 1, archive.last_seq())
    assert total(index) == 3  # an article that is gone at its publisher stays
    assert total(index, "flag:gone") == 1
    assert total(index, "Moskow") == 1
    assert total(index, '"berita nomor 3"') == 0
    assert follow(archive, index).done == 0


def test_an_article_forgotten_before_it_was_indexed_is_deleted_without_error(
    archive: Archive, index: SearchIndex, save: Save
) -> None:
    save(an_article(1))
    forget(archive, an_article(1).id)
    assert (follow(archive, index).deleted, total(index)) == (1, 0)


def test_a_dead_letter_is_saved_with_its_reason_and_removed_when_its_article_is_indexed(
    archive: Archive, index: SearchIndex, save: Save
) -> None:
    save(an_article(1))
    save(an_article(2, tags=("x" * 40_000,)))
    save(an_article(3))
    done = follow(archive, index)
    assert (done.done, done.refused, total(index)) == (2, 1, 2)
    seen = status(archive, index)
    assert (seen.dead_letters, seen.fine, seen.lag) == (1, False, 0)
    current = index.current()
    assert current is not None
    with archive.reading() as connection:
        (letter,) = indexes.dead_letters_of(connection, current.uuid)
    assert (letter.article_id, letter.seq) == (an_article(2).id, 2)
    assert "tags" in letter.reason
    assert len(letter.reason) < 1_000
    assert retry(archive, index).refused == 1  # nothing has changed
    save(an_article(2, title="Tanpa tanda"))
    assert (follow(archive, index).refused, total(index), status(archive, index).dead_letters) == (0, 3, 0)


def test_an_unreadable_record_becomes_a_dead_letter_and_retry_indexes_it_once_it_is_repaired(
    archive: Archive, index: SearchIndex, save: Save
) -> None:
    save(an_article(1))
    save(an_article(2))
    with archive.reading() as connection:
        good = connection.execute(text("SELECT record FROM versions WHERE article_id = :id"), {"id": an_article(1).id})
        record = good.scalar_one()

    def put(value: str) -> None:
        with archive.writing() as connection:
            connection.execute(
                text("UPDATE versions SET record = :record WHERE article_id = :id"),
                {"record": value, "id": an_article(1).id},
            )

    for broken in ('{"id": ', "[]", '{"title": "x"}', json.dumps(json.loads(record) | {"published_at": "kemarin"})):
        put(broken)
        reindex(archive, index)
        assert (total(index), status(archive, index).dead_letters) == (1, 1), broken
    put(record)
    assert retry(archive, index).done == 1
    assert (total(index), status(archive, index).dead_letters) == (2, 0)


@pytest.mark.parametrize("faster", [1, 2])
def test_a_follow_ends_even_if_articles_are_saved_as_fast_as_it_indexes_or_faster(
    archive: Archive, index: SearchIndex, save: Save, faster: int
) -> None:
    """It indexes everything that was in the log when it began. The next follow indexes the rest."""
    for number in range(6):
        save(an_article(number))
    saved = 6

    def write(cursor: int, _target: int) -> None:
        nonlocal saved
        assert cursor < 60, "the follow does not end"
        for _ in range(3 * faster):
            save(an_article(saved))
            saved += 1

    done = follow(archive, index, progress=write, batch_changes=3)
    assert 6 <= done.cursor < archive.last_seq()
    assert follow(archive, index).cursor == archive.last_seq()
    assert total(index) == saved


def test_articles_saved_while_a_follow_ends_are_indexed_too(archive: Archive, index: SearchIndex, save: Save) -> None:
    """The process that saves them does not follow, because another one follows already."""
    for number in range(6):
        save(an_article(number))
    done = follow(archive, index, progress=lambda cursor, _: save(an_article(100)) if cursor == 6 else None)
    assert (done.cursor, total(index)) == (7, 7)


# -- one follower, this archive ---------------------------------------------------------------------------------------


def test_a_second_follower_names_the_first_and_does_nothing(archive: Archive, index: SearchIndex, save: Save) -> None:
    follow(archive, index)
    save(an_article(1))
    current = index.current()
    assert current is not None
    lease = acquire(archive, f"index:{current.uuid}", holder="mesin-lain", seconds=60)
    assert lease is not None
    done = follow(archive, index, wait=0.1)
    assert (done.held_by, done.done, done.cursor, total(index)) == ("mesin-lain", 0, 0, 0)
    assert status(archive, index).follower == "mesin-lain"
    lease.release()
    assert follow(archive, index).done == 1


def test_a_follower_that_slept_past_its_lease_does_not_move_the_cursor(
    archive: Archive, index: SearchIndex, save: Save
) -> None:
    follow(archive, index)
    save(an_article(1))
    current = index.current()
    assert current is not None
    name = f"index:{current.uuid}"
    expired = acquire(archive, name, seconds=0.0)
    assert expired is not None
    assert acquire(archive, name, holder="penerus", seconds=60) is not None
    with pytest.raises(LeaseLostError, match="penerus"):
        advance(archive, index, current, expired)
    assert status(archive, index).cursor == 0


@pytest.mark.parametrize(
    ("row", "value", "sentence"),
    [
        ("epoch", "another", "was made before this archive was restored"),
        ("archive_id", "another", "was made for another archive"),
    ],
)
def test_an_index_of_another_archive_or_epoch_is_refused_with_the_remedy(
    archive: Archive, index: SearchIndex, save: Save, row: str, value: str, sentence: str
) -> None:
    save(an_article(1))
    follow(archive, index)
    with archive.writing() as connection:
        connection.execute(update(facts).where(facts.c.name == row).values(value=value))
    del archive.identity
    with pytest.raises(NeedsReindexError, match=sentence) as refused:
        follow(archive, index)
    assert "kliping reindex" in str(refused.value)
    assert status(archive, index).unusable
    reindex(archive, index)
    assert follow(archive, index).done == 0
    assert status(archive, index).fine


@pytest.mark.parametrize(
    ("new_articles", "sentence"),
    [(0, "is an older copy"), (1, "is an older copy"), (5, "older copy with changes of its own")],
)
def test_a_restored_older_copy_of_the_archive_is_refused_with_the_remedy(
    archive: Archive, index: SearchIndex, save: Save, tmp_path: Path, new_articles: int, sentence: str
) -> None:
    """Both without and with new articles of its own before the next follow."""
    for number in (1, 2):
        save(an_article(number))
    follow(archive, index)
    _copy(archive, tmp_path / "copy.sqlite3")
    for number in (3, 4, 5, 6):
        save(an_article(number))
    follow(archive, index)
    archive.close()
    for left in archive.home.glob("archive.sqlite3*"):
        left.unlink()
    shutil.copy(tmp_path / "copy.sqlite3", archive.home / "archive.sqlite3")
    with Archive.open(archive.url, archive.home) as older:
        for number in range(new_articles):
            with older.saving() as saving:
                article = an_article(100 + number)
                save_article(saving, article, run_id="test", fetched_at=NOW, page_id=None, reader="test", now=NOW)
        with pytest.raises(NeedsReindexError, match=sentence) as refused:
            follow(older, index)
        assert "Run `kliping reindex`" in str(refused.value)
        assert total(index) == 6  # nothing was written, and searches work
        with pytest.raises(ReindexStoppedError, match="which is searched now, has 6"):
            reindex(older, index)
        reindex(older, index, accept_fewer=True)
        assert (total(index), status(older, index).fine) == (2 + new_articles, True)


def test_an_index_of_an_older_lexicon_is_followed_and_status_says_that_it_needs_a_reindex(
    archive: Archive, index: SearchIndex, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(archive, index)
    save(an_article(1))
    monkeypatch.setattr("indexer.registry.LEXICON_VERSION", "newer")
    assert follow(archive, index).done == 1
    seen = status(archive, index)
    assert (seen.unusable, seen.fine) == (False, False)
    assert "the present one is newer" in seen.reindex_needed[0]
    reindex(archive, index)
    assert status(archive, index).fine


def test_follow_leaves_out_fields_that_an_index_of_an_older_schema_lacks(
    archive: Archive, index: SearchIndex, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        older = tuple(field for field in schema.FIELDS if field.name not in ("captions", "place", "section"))
        for module in ("embedded.index", "elastic.mapping"):
            before.setattr(f"indexer.{module}.FIELDS", older)
        follow(archive, index)
    save(an_article(1, section="Dunia", images=(Image(None, "Pesawat Sukhoi"),)))
    assert follow(archive, index).done == 1
    assert (total(index, "judul"), total(index, "Sukhoi")) == (1, 0)
    assert "place" not in index.search(Query(read("judul", WIB), facets=tuple(schema.FACETS))).facets
    reindex(archive, index)
    assert total(index, "Sukhoi") == 1


# -- killed -----------------------------------------------------------------------------------------------------------


@pytest.mark.processes
def test_a_follower_killed_between_the_engines_commit_and_the_cursor_loses_nothing(
    archive: Archive, index: SearchIndex, engine_url: str, save: Save
) -> None:
    for number in range(20):
        save(an_article(number))
    killed("follow_killed_before_the_cursor_moves", archive.home, engine_url, 2)
    seen = status(archive, index)
    assert (seen.cursor, seen.documents) == (10, 15)
    done = follow(archive, index, wait=10)
    assert (done.done, done.cursor, total(index)) == (10, 20, 20)
    assert status(archive, index).fine


@pytest.mark.processes
@pytest.mark.parametrize("seed", [DRAWN])
def test_after_a_follower_is_killed_anywhere_searches_work_and_the_next_one_catches_up(
    archive: Archive, index: SearchIndex, engine_url: str, save: Save, seed: int
) -> None:
    draw = random.Random(seed)
    follow(archive, index)
    for round_ in range(3):
        before = total(index)
        for number in range(30):
            save(an_article(1000 * round_ + number))
        killed("killed_follow", archive.home, engine_url, draw.uniform(0.0, 0.25))
        assert total(index) >= before
        follow(archive, index, wait=10)
        assert total(index) == 30 * (round_ + 1)
    assert status(archive, index).fine


def _copy(archive: Archive, to: Path) -> None:
    source, target = sqlite3.connect(archive.home / "archive.sqlite3"), sqlite3.connect(to)
    source.backup(target)
    source.close()
    target.close()
