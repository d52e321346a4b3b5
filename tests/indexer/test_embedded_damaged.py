"""The embedded engine with damaged files: the message names the remedy, and nothing is lost."""

from __future__ import annotations

import errno
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.database import Archive
from indexer.contract import SearchIndex, UnavailableError
from indexer.embedded.index import EmbeddedIndex
from indexer.follow import follow
from indexer.reindex import reindex
from indexer.rollback import rollback
from indexer.status import listing, status
from tests.conftest import an_article
from tests.support.indexes import Save, a_document, current_index, total


@pytest.fixture
def index(archive: Archive, save: Save) -> SearchIndex:
    """An index of ten articles."""
    for number in range(10):
        save(an_article(number))
    engine = EmbeddedIndex(archive.home / "index", "news")
    follow(archive, engine)
    return engine


def test_a_reindex_repairs_an_alias_whose_index_is_missing(archive: Archive, index: SearchIndex) -> None:
    (archive.home / "index" / current_index(index).name).rename(archive.home / "moved away")
    with pytest.raises(UnavailableError, match="kliping reindex"):
        follow(archive, index)
    with pytest.raises(UnavailableError):
        total(index)
    reindex(archive, index)
    assert (total(index), follow(archive, index).done) == (10, 0)


def in_folder(pattern: str, content: bytes | None) -> Callable[[Path], None]:
    """Damages files of every index: replaces their content, or deletes them if it is None."""

    def damage(folder: Path) -> None:
        files = list(folder.glob(f"news-v*-*/{pattern}"))
        assert files
        for file in files:
            file.unlink() if content is None else file.write_bytes(content)

    return damage


def alias(content: bytes) -> Callable[[Path], None]:
    """Replaces the content of the alias file."""
    return lambda folder: (folder / "news.alias").write_bytes(content) and None


DAMAGES = {
    "an alias of random bytes": alias(b"\xff\xfe\x00\x85\n"),
    "an alias to another folder": alias(b"../../elsewhere\n"),
    "an alias to a missing index": alias(b"news-v1-20200101000000-00000000\n"),
    "a description that is not JSON": in_folder("kliping.json", b"x"),
    "a description of another kind": in_folder("kliping.json", b"[]"),
    "a commit that is not JSON": in_folder("meta.json", b"x"),
    "a missing file of terms": in_folder("*.term", None),
    "an empty file of documents": in_folder("*.store", b""),
}


@pytest.mark.large
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_reported_with_a_remedy_that_works(
    archive: Archive, index: SearchIndex, save: Save, damage: str
) -> None:
    DAMAGES[damage](archive.home / "index")
    save(an_article(99))
    engine = EmbeddedIndex(archive.home / "index", "news")
    for attempt in (lambda: total(engine), lambda: follow(archive, engine), lambda: status(archive, engine)):
        with pytest.raises(UnavailableError) as error:
            attempt()
        assert str(error.value).endswith("Run `kliping reindex`.")
    assert len(listing(archive, engine)) == 1
    reindex(archive, engine)
    assert (total(engine), status(archive, engine).fine) == (11, True)


def test_a_folder_without_write_permission_is_reported_without_advice_to_reindex(
    archive: Archive, index: SearchIndex
) -> None:
    """tantivy locks a file to open an index. A folder in its place makes that fail even for root."""
    lock = archive.home / "index" / current_index(index).name / ".tantivy-meta.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    engine = EmbeddedIndex(archive.home / "index", "news")
    with pytest.raises(UnavailableError, match=r"make the folder writable, on a disk with free space\.$"):
        total(engine)
    lock.rmdir()
    assert total(engine) == 10


def test_an_empty_alias_file_counts_as_no_alias(archive: Archive, index: SearchIndex) -> None:
    (archive.home / "index" / "news.alias").write_text("")
    follow(archive, index)
    assert total(index) == 10


def test_the_list_shows_an_unreadable_index(archive: Archive, index: SearchIndex) -> None:
    intact = reindex(archive, index).index
    (damaged,) = (each.name for each in index.list() if each.name != intact)
    (archive.home / "index" / damaged / "meta.json").write_text("x")
    states = {each.name: (each.state, each.documents) for each in listing(archive, index)}
    assert states == {damaged: ("ready, unreadable", None), intact: ("ready", 10)}


@contextmanager
def a_full_disk() -> Iterator[None]:
    """No file of this process can grow beyond 4 KB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_up_while_an_index_is_written_loses_nothing(
    archive: Archive, index: SearchIndex, save: Save
) -> None:
    name = current_index(index).name
    long = " ".join(f"kata{number}" for number in range(20_000))
    with (
        pytest.raises(UnavailableError, match=r"cannot be written \(.*\)\. Nothing is lost: make sure that the disk"),
        index.writer(name) as writer,
        a_full_disk(),
    ):
        writer.apply([a_document(99, seq=11, body=(long,))])
    assert total(index) == 10
    save(an_article(99, body=(long,)))
    assert (follow(archive, index).done, total(index)) == (1, 11)


def test_a_full_disk_leaves_the_alias_where_it_is(
    archive: Archive, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = reindex(archive, index).index

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        # patched, because the alias file is too small for a limit of file sizes
        patched.setattr("indexer.embedded.index._write", full)
        for attempt in (rollback, reindex):
            with pytest.raises(UnavailableError, match=r"No space left on device\)\. Nothing is lost"):
                attempt(archive, index)
    assert (current_index(index).name, total(index)) == (new, 10)
    assert rollback(archive, index).previous == new
