"""The embedded engine: tantivy in a folder, nothing to install.

    HOME/index/news.alias                              the name of the index that searches see
    HOME/index/news-v1-20151218020000-0a1b2c3d/        an index: kliping.json (what it was made for) and tantivy's files

Every change that others may see is one rename: an index appears, the alias moves, a dropped index disappears. tantivy
commits by replacing its `meta.json` after the files it names are on disk (fsync), takes a lock of the operating system
for its writer, and another while files are removed or opened, so that readers in other processes never see a gap.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from archive.disk import sync_folder
from indexer.analysis import analyzer
from indexer.contract import (
    Condition,
    Deletion,
    IndexBusyError,
    IndexWriter,
    ItemResult,
    NoIndexError,
    Outcome,
    PhysicalIndex,
    Query,
    Results,
    UnavailableError,
)
from indexer.documents import Document
from indexer.embedded import search
from indexer.embedded.documents import READY, STORED, made, ready_tokenizer, refusal, tantivy_schema
from indexer.schema import FIELDS

META = "kliping.json"
HEAP = 128_000_000
"""Bytes that tantivy may fill before it writes a segment by itself."""
COMMIT_BYTES = 40_000_000
"""Bytes of records between two commits. Each commit makes a segment, and segments are merged by eights: with commits of
5 MB every document is written once more by a merge, which takes as long as to index it."""


class EmbeddedIndex:
    """`contract.SearchIndex` on a folder. One object serves one process; any number of processes may read."""

    engine = "embedded"

    def __init__(self, folder: Path, alias: str) -> None:
        self.folder = folder
        self.alias = alias
        self._reader: _OpenIndex | None = None
        self._names = re.compile(rf"{re.escape(alias)}-v\d+-\d{{14}}-[0-9a-f]{{8}}")

    # -- indexes and alias --------------------------------------------------------------------------------------------

    def create(self, physical: PhysicalIndex) -> None:
        """See `SearchIndex.create`. The index appears whole, by one rename."""
        place = self.folder / physical.name
        if place.exists():
            if self._described(physical.name) != physical:
                raise UnavailableError(f"Another index stands at {place}.")
            return
        making = self.folder / f".{physical.name}.making"
        with _written(physical.name):
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            tantivy.Index(tantivy_schema(), path=str(making))
            _write(making / META, json.dumps(physical.as_json() | {"fields": [field.name for field in FIELDS]}))
            sync_folder(making)
            making.rename(place)
            sync_folder(self.folder)

    def current(self) -> PhysicalIndex | None:
        """See `SearchIndex.current`. Raises UnavailableError where the alias names an index that is not there."""
        while (name := self.standing()) is not None:
            physical = self._described(name)
            if physical is not None:
                return physical
            if self.standing() == name:  # not swapped and pruned between the two looks
                raise UnavailableError(f"The index {name} is missing from {self.folder}. Run `kliping reindex`.")
        return None

    def standing(self) -> str | None:
        """See `SearchIndex.standing`."""
        try:
            return (self.folder / f"{self.alias}.alias").read_text(errors="replace").strip() or None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError(f"The alias {self.alias} cannot be read: {error}.") from error

    def list(self) -> tuple[PhysicalIndex, ...]:
        """See `SearchIndex.list`."""
        if not self.folder.is_dir():
            return ()
        names = [place.name for place in self.folder.iterdir() if self._names.fullmatch(place.name)]
        found = []
        for name in names:
            with contextlib.suppress(UnavailableError):  # a folder that cannot say what it is is none of ours to remove
                physical = self._described(name)
                found += [physical] if physical is not None else []
        return tuple(sorted(found, key=lambda physical: (physical.created_at, physical.name)))

    def swap(self, name: str, *, expected: str | None) -> None:
        """See `SearchIndex.swap`."""
        if self._described(name) is None:
            raise UnavailableError(f"There is no index {name}.")
        with _written(name), (self.folder / f".{self.alias}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            standing = self.standing()
            if standing != expected:
                raise IndexBusyError(
                    f"The alias {self.alias} was moved to {standing} by another process; nothing was done."
                )
            moving = self.folder / f".{self.alias}.moving"
            _write(moving, name + "\n")
            os.replace(moving, self.folder / f"{self.alias}.alias")
            sync_folder(self.folder)

    def drop(self, name: str) -> None:
        """See `SearchIndex.drop`. The index disappears by one rename before its files are removed."""
        if not self.folder.is_dir():
            return
        if self.standing() == name:
            raise IndexBusyError(f"The alias {self.alias} stands on {name}; an index that is searched is not dropped.")
        if not self._names.fullmatch(name):
            raise UnavailableError(f"{name!r} is no index of {self.alias}.")
        with _written(name), contextlib.suppress(FileNotFoundError):
            (self.folder / name).rename(self.folder / f".{name}.dropped")
        for left in (*self.folder.glob(f".{self.alias}-v*.dropped"), self.folder / f".{name}.making"):
            shutil.rmtree(left, ignore_errors=True)

    def _described(self, name: str) -> PhysicalIndex | None:
        if not self._names.fullmatch(name):  # an alias file that somebody else wrote
            return None
        try:
            return PhysicalIndex.from_json(json.loads((self.folder / name / META).read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise UnavailableError(
                f"{self.folder / name / META} cannot be read ({error}). Run `kliping reindex`."
            ) from error

    # -- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def writer(self, name: str) -> Iterator[_Writer]:
        """See `SearchIndex.writer`."""
        index, fields = self._open(name)
        index.register_tokenizer(READY, ready_tokenizer())
        try:
            inner = index.writer(heap_size=HEAP, num_threads=1)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise IndexBusyError(f"Another process has the index {name} open for writing.") from error
            raise UnavailableError(_not_written(name, error)) from error
        try:
            yield _Writer(name, index, inner, fields)
        except BaseException:
            with contextlib.suppress(ValueError):  # what stopped the writing says more than what came of it
                inner.wait_merging_threads()
            raise
        with _written(name):
            inner.wait_merging_threads()

    def refresh(self, name: str) -> None:
        """See `SearchIndex.refresh`: what is committed is seen, so there is nothing to do but make sure it is there."""
        self._open(name)

    # -- reading ------------------------------------------------------------------------------------------------------

    def count(self, name: str) -> int:
        """See `SearchIndex.count`."""
        return int(self._open(name)[0].searcher().num_docs)

    def hashes(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """See `SearchIndex.hashes`."""
        index, _ = self._open(name)
        return {record["id"]: record["content_hash"] for record in _stored(index, ids)}

    def newest(self, name: str) -> tuple[int, str] | None:
        """See `SearchIndex.newest`."""
        searcher = self._open(name)[0].searcher()
        found = searcher.search(tantivy.Query.all_query(), limit=1, order_by_field="seq").hits
        if not found:
            return None
        record = json.loads(searcher.doc(found[0][1])[STORED][0])
        return int(record["seq"]), str(record["id"])

    def search(self, query: Query) -> Results:
        """See `SearchIndex.search`."""
        while True:
            name = self.standing()
            if name is None:
                raise NoIndexError(f"There is no index {self.alias} yet. `kliping index follow` makes one.")
            try:
                reader = self._reader
                if reader is None or reader.name != name:
                    reader = self._reader = _OpenIndex(self.folder / name, *self._open(name))
                question = search.question(reader.schema, reader.fields, query.root)
                with _read(name):
                    return search.search(reader.searcher(), question, reader.fields, query)
            except UnavailableError:
                self._reader = None
                if self.standing() == name:  # not swapped and pruned under our hands: it is really unusable
                    raise

    def terms(self, text: str) -> tuple[str, ...]:
        """See `SearchIndex.terms`. No index is asked: the analyzer is ours."""
        return tuple(analyzer.terms(text))

    def conditions(self) -> Iterator[Condition]:
        """See `SearchIndex.conditions`: files have none but those that reading them shows."""
        return iter(())

    def _open(self, name: str) -> tuple[Any, frozenset[str]]:
        """The index as tantivy has it, its newest commit loaded, and the fields it was made with."""
        place = self.folder / name
        with _read(name):
            try:
                fields = frozenset(json.loads((place / META).read_text())["fields"])
                index = tantivy.Index.open(str(place))
                index.config_reader(reload_policy="manual")
                index.reload()
            except FileNotFoundError as error:
                raise UnavailableError(
                    f"The index {name} is missing from {self.folder}. Run `kliping reindex`."
                ) from error
            except (KeyError, TypeError) as error:
                raise UnavailableError(f"{place / META} is none of ours. Run `kliping reindex`.") from error
            return index, fields


class _OpenIndex:
    """An open index; sees the newest commit whenever it is asked."""

    def __init__(self, place: Path, index: Any, fields: frozenset[str]) -> None:
        self.name = place.name
        self.fields = fields
        self.schema = index.schema
        self._index = index
        self._meta = place / "meta.json"
        self._seen = (0, 0)

    def searcher(self) -> Any:
        """A searcher on the newest commit. Raises OSError and ValueError."""
        stat = self._meta.stat()  # every commit puts a new file in its place
        now = (stat.st_ino, stat.st_mtime_ns)
        if now != self._seen:
            self._index.reload()
            self._seen = now
        return self._index.searcher()


@dataclass(frozen=True, slots=True)
class _Item:
    """An article's document as tantivy takes it, or why it does not; neither for a deletion."""

    id: str
    seq: int
    document: Any = None
    refused: str | None = None


class _Writer(IndexWriter[_Item]):
    """`contract.IndexWriter` on tantivy."""

    def __init__(self, name: str, index: Any, inner: Any, fields: frozenset[str]) -> None:
        self._name = name
        self._index = index
        self._inner = inner
        self._fields = fields
        self._deleted: dict[str, int] = {}
        self._uncommitted: dict[str, int] = {}
        self.commit_bytes = COMMIT_BYTES

    def prepare(self, item: Document | Deletion) -> _Item:
        """See `IndexWriter.prepare`."""
        if isinstance(item, Deletion):
            return _Item(item.id, item.seq)
        refused = refusal(item)
        return _Item(item.id, item.seq, None if refused else made(item, self._fields), refused)

    def send(self, batch: Sequence[_Item]) -> list[ItemResult]:
        """See `IndexWriter.send`."""
        with self._all_or_nothing():
            held = {record["id"]: record["seq"] for record in _stored(self._index, [item.id for item in batch])}
            return [self._take(item, held) for item in batch]

    def commit(self) -> None:
        """See `IndexWriter.commit`."""
        if not self._uncommitted:
            return
        with self._all_or_nothing():
            self._inner.commit()
            self._index.reload()
        self._uncommitted.clear()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Take back all that is not committed where the block fails."""
        with _written(self._name):
            try:
                yield
            except BaseException:
                self._uncommitted.clear()
                with contextlib.suppress(ValueError):  # a writer that died of a full disk cannot roll back either
                    self._inner.rollback()
                raise

    def _take(self, item: _Item, held: dict[str, int]) -> ItemResult:
        known = max(seqs.get(item.id, 0) for seqs in (held, self._uncommitted, self._deleted))
        if item.seq < known:
            return ItemResult(item.id, Outcome.STALE)
        if item.refused is not None:
            return ItemResult(item.id, Outcome.REFUSED, item.refused)
        if item.id in held or item.id in self._uncommitted:
            self._inner.delete_documents_by_term("id", item.id)
        if item.document is not None:
            self._inner.add_document(item.document)
        else:
            self._deleted[item.id] = item.seq
        self._uncommitted[item.id] = item.seq
        return ItemResult(item.id, Outcome.DONE)


def _stored(index: Any, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the index keeps of those of these articles that it holds."""
    searcher = index.searcher()
    if not searcher.num_docs or not ids:
        return
    wanted = [search.keyword("id", each) for each in dict.fromkeys(ids)]
    query = tantivy.Query.term_set_query(index.schema, "id", wanted)
    for _, address in searcher.search(query, limit=len(wanted), count=False).hits:
        yield json.loads(searcher.doc(address)[STORED][0])


@contextmanager
def _read(name: str) -> Iterator[None]:
    """tantivy's binding raises ValueError for whatever goes wrong; what may go wrong here is files and disks."""
    try:
        yield
    except (ValueError, OSError) as error:
        remedy = "Run `kliping reindex`."
        if "Failed to acquire Lockfile" in str(error):
            remedy = "Even to read it a lock is taken in its folder: let that be written, on a disk with room."
        raise UnavailableError(f"The index {name} cannot be read ({error}). {remedy}") from error


@contextmanager
def _written(name: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:
        raise UnavailableError(_not_written(name, error)) from error


def _not_written(name: str, error: Exception) -> str:
    return (
        f"The index {name} cannot be written ({error}). Nothing is lost: when the disk has room and may be written, "
        "run this again; an index that is damaged is built anew by `kliping reindex`."
    )


def _write(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
