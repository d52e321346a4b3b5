"""A reindex compares the new index with the one that is searched, and what it says of a rollback is true."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from archive.database import Archive
from archive.records import ChangeKind
from archive.tables import articles, facts, versions
from indexer.contract import IndexRefusesError, ItemResult, Outcome, PhysicalIndex, SearchIndex
from indexer.embedded.index import EmbeddedIndex
from indexer.follow import follow
from indexer.reindex import ReindexStoppedError, reindex
from indexer.rollback import rollback
from tests.conftest import an_article
from tests.support.commands import run_main
from tests.support.indexes import Save, current_index, total

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

Opener = Callable[[], SearchIndex]


@pytest.fixture
def index(another: Opener) -> SearchIndex:
    """An engine without any index."""
    return another()


@pytest.fixture
def ten(archive: Archive, index: SearchIndex, save: Save) -> PhysicalIndex:
    """An index of ten articles."""
    for number in range(10):
        save(an_article(number))
    follow(archive, index)
    return current_index(index)


def lose_rows(archive: Archive, article_id: str) -> None:
    """Lose an article's rows, as a damaged database does."""
    with archive.writing() as connection:
        connection.execute(delete(versions).where(versions.c.article_id == article_id))
        connection.execute(delete(articles).where(articles.c.id == article_id))


def forget(archive: Archive, article_id: str) -> None:
    """Delete an article on purpose."""
    with archive.saving() as saving:
        saving.connection.execute(delete(versions).where(versions.c.article_id == article_id))
        saving.connection.execute(delete(articles).where(articles.c.id == article_id))
        saving.record_change(article_id, ChangeKind.FORGOTTEN)


def test_a_sample_is_of_documents_of_the_index_and_all_of_a_small_one(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {an_article(number).id for number in range(10)}
    assert set(index.sample(ten.name, 200)) == ids
    monkeypatch.setattr("indexer.embedded.index.SAMPLE_PLACES", 3)
    some = index.sample(ten.name, 6)
    assert 1 <= len(some) <= 6
    assert set(some) < ids


def test_an_archive_of_other_articles_does_not_replace_the_index_that_is_searched(
    index: SearchIndex, ten: PhysicalIndex, tmp_path: Path
) -> None:
    """A new archive beside an index of the lost one: nothing is swapped in, unless somebody says that it is right."""
    home = tmp_path / "empty"
    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as empty:
        with pytest.raises(ReindexStoppedError) as stopped:
            reindex(empty, index)
        said = str(stopped.value)
        assert f"it has 0 documents, and {ten.name}, which is searched now, has 10, for example " in said
        assert "The alias news was not moved, and searches work as before." in said
        assert said.endswith("If fewer articles are right, run `kliping reindex --accept-fewer`.")
        assert (current_index(index), total(index)) == (ten, 10)
        done = reindex(empty, index, accept_fewer=True)
        assert (done.documents, done.rollback_to, total(index)) == (0, None, 0)


def test_articles_that_the_archive_lost_stop_a_swap_even_if_there_are_as_many_new_ones(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    lose_rows(archive, an_article(3).id)
    save(an_article(50))
    with pytest.raises(ReindexStoppedError, match=f"has 10, for example {an_article(3).id}"):
        reindex(archive, index)
    assert (current_index(index), total(index)) == (ten, 10)


def test_articles_that_the_archive_deleted_do_not_stop_a_swap(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex
) -> None:
    """Whether or not the old index has heard of it."""
    forget(archive, an_article(3).id)
    assert (reindex(archive, index).documents, total(index)) == (9, 9)
    forget(archive, an_article(4).id)
    follow(archive, index)
    assert (reindex(archive, index).documents, total(index)) == (8, 8)


class PickyIndex(EmbeddedIndex):
    """Refuses documents in every index but the first, as one that a foreign template has changed does."""

    refused: frozenset[str] = frozenset()
    """The ids of the refused documents; empty: all."""
    sent = 0
    broken: str | None = None

    @contextmanager
    def writer(self, name: str) -> Iterator[Any]:
        first = self.alias_target() in (None, name)
        with super().writer(name) as inner:
            send = inner.send

            def picky(batch: Sequence[Any]) -> list[ItemResult]:
                if self.broken:
                    raise IndexRefusesError(self.broken)
                self.sent += len(batch)
                bad = {item.id for item in batch if not self.refused or item.id in self.refused}
                good = send([item for item in batch if item.id not in bad])
                accepted = {result.id: result for result in good}
                return [
                    accepted.get(item.id, ItemResult(item.id, Outcome.REFUSED, "a pipeline is missing"))
                    for item in batch
                ]

            if not first:
                inner.send = picky
            yield inner


@pytest.fixture
def picky(archive: Archive, save: Save) -> PickyIndex:
    """An engine with an index of ten articles; its next ones refuse."""
    for number in range(10):
        save(an_article(number))
    index = PickyIndex(archive.home / "index", "news")
    follow(archive, index)
    return index


@pytest.mark.parametrize("keep", [0, 1])
def test_a_refusal_of_every_document_stops_at_once_and_says_why(archive: Archive, picky: PickyIndex, keep: int) -> None:
    with pytest.raises(ReindexStoppedError) as stopped:
        reindex(archive, picky, keep=keep, batch_changes=2)
    said = str(stopped.value)
    assert "it refused all 2 documents sent to it, for example: a pipeline is missing. The alias news was not" in said
    assert picky.sent == 2
    assert total(picky) == 10


def test_an_index_that_would_refuse_every_document_is_not_resumed(archive: Archive, picky: PickyIndex) -> None:
    picky.broken = "There is no pipeline x. Create it."
    with pytest.raises(ReindexStoppedError, match=r"it would refuse every document\. There is no pipeline x"):
        reindex(archive, picky)
    assert total(picky) == 10
    picky.broken, picky.refused = None, frozenset({"none"})
    done = reindex(archive, picky)
    assert (done.resumed, done.documents) == (False, 10)


def test_a_document_that_only_the_new_index_refuses_stops_the_swap_and_the_reason_is_said(
    archive: Archive, picky: PickyIndex
) -> None:
    picky.refused = frozenset({an_article(7).id})
    with pytest.raises(ReindexStoppedError) as stopped:
        reindex(archive, picky)
    assert f"has 10, for example {an_article(7).id}. It refused 1, the first because: a pipeline is missing" in str(
        stopped.value
    )
    assert total(picky) == 10
    assert reindex(archive, picky, accept_fewer=True).documents == 9


# -- what is said of a rollback ---------------------------------------------------------------------------------------


def says(archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `kliping` prints on the embedded index of the archive's home."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))
    done = run_main(monkeypatch, capsys, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_reindex_says_that_an_index_is_kept_only_if_a_rollback_goes_back_to_it(
    archive: Archive, save: Save, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """After a plain reindex, with `--keep 0`, and after a restore."""
    index = EmbeddedIndex(archive.home / "index", "news")
    for number in range(3):
        save(an_article(number))
    follow(archive, index)
    first = current_index(index).name
    assert f"{first} is kept; `kliping index rollback` goes back to it." in says(
        archive, monkeypatch, capsys, "reindex"
    )
    second = current_index(index).name
    assert f"Searches now use {first} again" in says(archive, monkeypatch, capsys, "index", "rollback")
    printed = says(archive, monkeypatch, capsys, "reindex", "--keep", "0")
    assert "is kept" not in printed
    assert f"Dropped {first}." in printed
    assert f"Dropped {second}." in printed

    with archive.writing() as connection:  # as a restore does
        connection.execute(update(facts).where(facts.c.name == "epoch").values(value="restored"))
    del archive.identity
    before = current_index(index).name
    printed = says(archive, monkeypatch, capsys, "reindex")
    assert "is kept" not in printed
    assert f"{before} was searched before. It is damaged or does not match this archive, so there is no roll" in printed
    current = current_index(index).name
    printed = says(archive, monkeypatch, capsys, "reindex")
    assert f"{current} is kept; `kliping index rollback` goes back to it." in printed
    assert f"Dropped {before}." in printed
    assert rollback(archive, index).index == current


def test_after_an_older_copy_was_put_back_nothing_false_is_said(
    archive: Archive, save: Save, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The archive does not know the index that is searched: it is dropped, and that is what is said."""
    index = EmbeddedIndex(archive.home / "index", "news")
    save(an_article(1))
    archive.close()
    shutil.copy(archive.home / "archive.sqlite3", tmp_path / "copy")
    follow(archive, index)
    first = current_index(index).name
    archive.close()
    shutil.copy(tmp_path / "copy", archive.home / "archive.sqlite3")
    for _ in range(2):
        before = current_index(index).name
        printed = says(archive, monkeypatch, capsys, "reindex")
        kept = f"{before} is kept; `kliping index rollback` goes back to it." in printed
        assert kept == (before in [each.name for each in index.list()])
        assert kept != (f"Dropped {before}." in printed)
    assert first not in [each.name for each in index.list()]
