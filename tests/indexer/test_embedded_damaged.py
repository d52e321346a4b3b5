"""The embedded engine when its files are not what they should be: a sentence, the remedy, and nothing lost."""

from __future__ import annotations

import errno
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.articles import SaveResult
from archive.database import Archive
from indexer.contract import (
    PhysicalIndex,
    Query,
    SearchIndex,
    UnavailableError,
)
from indexer.embedded.index import EmbeddedIndex
from indexer.follow import follow
from indexer.query import read
from indexer.reindex import reindex
from indexer.rollback import rollback
from indexer.status import listing, status
from tests.conftest import WIB, an_article
from tests.indexer.test_contract import a_document

Save = Callable[..., SaveResult]


@pytest.fixture
def index(archive: Archive, save: Save) -> SearchIndex:
    """An index of ten articles."""
    for number in range(10):
        save(an_article(number))
    engine = EmbeddedIndex(archive.home / "index", "news")
    follow(archive, engine)
    return engine


def physical_of(index: SearchIndex) -> PhysicalIndex:
    """The index behind the alias."""
    physical = index.current()
    assert physical is not None
    return physical


def total(index: SearchIndex) -> int:
    """How many articles are found."""
    return index.search(Query(read("", WIB))).total


def test_a_reindex_repairs_an_alias_whose_index_is_gone(archive: Archive, index: SearchIndex) -> None:
    (archive.home / "index" / physical_of(index).name).rename(archive.home / "moved away")
    with pytest.raises(UnavailableError, match="kliping reindex"):
        follow(archive, index)
    with pytest.raises(UnavailableError):
        total(index)
    reindex(archive, index)
    assert (total(index), follow(archive, index).done) == (10, 0)


def in_folder(pattern: str, content: bytes | None) -> Callable[[Path], None]:
    """Damages the files of every index: other content, or none at all."""

    def damage(folder: Path) -> None:
        files = list(folder.glob(f"news-v1-*/{pattern}"))
        assert files
        for file in files:
            file.unlink() if content is None else file.write_bytes(content)

    return damage


def alias(content: bytes) -> Callable[[Path], None]:
    """Writes something else into the alias file."""
    return lambda folder: (folder / "news.alias").write_bytes(content) and None


DAMAGES = {
    "an alias of random bytes": alias(b"\xff\xfe\x00\x85\n"),
    "an alias to elsewhere": alias(b"../../elsewhere\n"),
    "an alias to an index that is gone": alias(b"news-v1-20200101000000-00000000\n"),
    "a description that is no JSON": in_folder("kliping.json", b"x"),
    "a description of something else": in_folder("kliping.json", b"[]"),
    "a commit that is no JSON": in_folder("meta.json", b"x"),
    "a file of terms is gone": in_folder("*.term", None),
    "a file of documents is empty": in_folder("*.store", b""),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_index_is_named_with_the_remedy_and_the_remedy_helps(
    archive: Archive, index: SearchIndex, save: Save, what: str
) -> None:
    DAMAGES[what](archive.home / "index")
    save(an_article(99))
    engine = EmbeddedIndex(archive.home / "index", "news")
    for attempt in (lambda: total(engine), lambda: follow(archive, engine), lambda: status(archive, engine)):
        with pytest.raises(UnavailableError) as said:
            attempt()
        assert str(said.value).endswith("Run `kliping reindex`.")
    assert len(listing(archive, engine)) == 1
    reindex(archive, engine)
    assert (total(engine), status(archive, engine).fine) == (11, True)


def test_a_folder_that_may_not_be_written_is_named_and_no_reindex_is_asked_for(
    archive: Archive, index: SearchIndex
) -> None:
    """tantivy locks a file to open an index; a folder in its place is refused to the administrator as well."""
    lock = archive.home / "index" / physical_of(index).name / ".tantivy-meta.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    engine = EmbeddedIndex(archive.home / "index", "news")
    with pytest.raises(UnavailableError, match=r"make the folder writable, on a disk with free space\.$"):
        total(engine)
    lock.rmdir()
    assert total(engine) == 10


def test_an_empty_alias_file_is_no_alias(archive: Archive, index: SearchIndex) -> None:
    (archive.home / "index" / "news.alias").write_text("")
    follow(archive, index)
    assert total(index) == 10


def test_the_list_shows_an_index_that_cannot_be_read(archive: Archive, index: SearchIndex) -> None:
    whole = reindex(archive, index).index
    (damaged,) = (each.name for each in index.list() if each.name != whole)
    (archive.home / "index" / damaged / "meta.json").write_text("x")
    states = {each.name: (each.state, each.documents) for each in listing(archive, index)}
    assert states == {damaged: ("ready, unreadable", None), whole: ("ready", 10)}


@contextmanager
def a_full_disk() -> Iterator[None]:
    """No file of this process grows beyond a few kilobytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_while_an_index_is_written_loses_nothing(
    archive: Archive, index: SearchIndex, save: Save
) -> None:
    name = physical_of(index).name
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


def test_a_disk_that_is_full_when_the_alias_should_move_leaves_it_where_it_is(
    archive: Archive, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = reindex(archive, index).index

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(
            "indexer.embedded.index._write", full
        )  # an alias is so short that no limit of file sizes meets it
        for attempt in (rollback, reindex):
            with pytest.raises(UnavailableError, match=r"No space left on device\)\. Nothing is lost"):
                attempt(archive, index)
    assert (physical_of(index).name, total(index)) == (new, 10)
    assert rollback(archive, index).previous == new
