"""The embedded engine: tantivy in a folder, with nothing to install.

    HOME/index/news.alias                              the name of the index that searches see
    HOME/index/news-v1-20151218020000-0a1b2c3d/        an index: kliping.json (its description) and tantivy's files

Every change that other processes can see is one rename: an index appears, the alias moves, a dropped index disappears.
tantivy commits by replacing its `meta.json` after the files it names are on disk (fsync). It locks the index for its
writer, and takes another lock while files are removed or opened, so that readers in other processes never see a gap.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import tantivy

from archive.disk import sync_folder
from indexer.analysis import analyzer
from indexer.answering import answer
from indexer.contract import Condition, IndexBusyError, NoIndexError, PhysicalIndex, UnavailableError
from indexer.embedded import days, search
from indexer.embedded.documents import PRETOKENIZED, tantivy_schema, whitespace_tokenizer
from indexer.embedded.errors import read_errors, write_error, write_errors
from indexer.embedded.links import LinkedFolder
from indexer.embedded.search import Matcher
from indexer.embedded.stored import STORED
from indexer.embedded.writer import TantivyWriter, stored
from indexer.nodes import Node
from indexer.queries import Hit, Query, Results, Stream
from indexer.schema import FIELDS

Answer = TypeVar("Answer")
META = "kliping.json"
HEAP = 128_000_000
"""Bytes of memory that tantivy may use before it writes a segment."""


SAMPLE_PLACES = 20
"""Places of an index from which a sample is taken."""


class EmbeddedIndex:
    """`contract.SearchIndex` on a folder. Use one object per process. Any number of processes may read."""

    engine = "embedded"

    def __init__(self, folder: Path, alias: str) -> None:
        self.folder = folder
        self.alias = alias
        self._reader: _OpenIndex | None = None
        self._links: dict[str, LinkedFolder] = {}
        self._names = re.compile(rf"{re.escape(alias)}-v\d+-\d{{14}}-[0-9a-f]{{8}}")

    # -- indexes and alias --------------------------------------------------------------------------------------------

    def create(self, physical: PhysicalIndex) -> None:
        """See `SearchIndex.create`. The complete index appears by one rename."""
        path = self.folder / physical.name
        if path.exists():
            if self._description(physical.name) != physical:
                raise UnavailableError(f"{path} is another index. Move it away, then run this again.")
            return
        temporary = self.folder / f".{physical.name}.making"
        with write_errors(physical.name):
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            tantivy.Index(tantivy_schema(), path=str(temporary))
            _write(temporary / META, json.dumps(physical.as_json() | {"fields": [field.name for field in FIELDS]}))
            sync_folder(temporary)
            temporary.rename(path)
            sync_folder(self.folder)

    def current(self) -> PhysicalIndex | None:
        """See `SearchIndex.current`. Raises UnavailableError if the alias names an index that does not exist."""
        while (name := self.alias_target()) is not None:
            physical = self._description(name)
            if physical is not None:
                return physical
            if self.alias_target() == name:  # else it was swapped and pruned in between
                raise UnavailableError(f"The index {name} is missing from {self.folder}. Run `kliping reindex`.")
        return None

    def alias_target(self) -> str | None:
        """See `SearchIndex.alias_target`."""
        file = self.folder / f"{self.alias}.alias"
        try:
            return file.read_text(errors="replace").strip() or None
        except FileNotFoundError:
            return None
        except (IsADirectoryError, NotADirectoryError) as error:
            in_the_way = f"{file} is a folder" if file.is_dir() else f"{self.folder} is a file"
            raise UnavailableError(
                f"{in_the_way}, but the index needs that name. Move it away, then run `kliping reindex`."
            ) from error
        except OSError as error:
            raise UnavailableError(f"The alias {self.alias} cannot be read: {error}.") from error

    def list(self) -> tuple[PhysicalIndex, ...]:
        """See `SearchIndex.list`."""
        if not self.folder.is_dir():
            return ()
        names = [path.name for path in self.folder.iterdir() if self._names.fullmatch(path.name)]
        found = []
        for name in names:
            with contextlib.suppress(UnavailableError):  # a folder without a readable description is not ours to remove
                physical = self._description(name)
                found += [physical] if physical is not None else []
        return tuple(sorted(found, key=lambda physical: (physical.created_at, physical.name)))

    def swap(self, name: str, *, expected: str | None) -> None:
        """See `SearchIndex.swap`."""
        if self._description(name) is None:
            raise UnavailableError(f"There is no index {name}.")
        with write_errors(name), (self.folder / f".{self.alias}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            target = self.alias_target()
            if target != expected:
                raise IndexBusyError(f"Another process moved the alias {self.alias} to {target}. Nothing was done.")
            temporary = self.folder / f".{self.alias}.moving"
            _write(temporary, name + "\n")
            os.replace(temporary, self.folder / f"{self.alias}.alias")
            sync_folder(self.folder)

    def drop(self, name: str) -> None:
        """See `SearchIndex.drop`. The index disappears by one rename before its files are removed."""
        if not self.folder.is_dir():
            return
        if self.alias_target() == name:
            raise IndexBusyError(f"{name} is the index that the alias {self.alias} points at, so it is not dropped.")
        if not self._names.fullmatch(name):
            raise UnavailableError(f"{name!r} is not an index of {self.alias}.")
        with write_errors(name), contextlib.suppress(FileNotFoundError):
            (self.folder / name).rename(self.folder / f".{name}.dropped")
        for leftover in (*self.folder.glob(f".{self.alias}-v*.dropped"), self.folder / f".{name}.making"):
            shutil.rmtree(leftover, ignore_errors=True)

    def _description(self, name: str) -> PhysicalIndex | None:
        if not self._names.fullmatch(name):  # Kliping did not write this alias file
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
    def writer(self, name: str) -> Iterator[TantivyWriter]:
        """See `SearchIndex.writer`."""
        index, fields = self._open(name)
        index.register_tokenizer(PRETOKENIZED, whitespace_tokenizer())
        try:
            inner = index.writer(heap_size=HEAP, num_threads=1)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise IndexBusyError(f"Another process has the index {name} open for writing.") from error
            raise UnavailableError(write_error(name, error)) from error
        try:
            yield TantivyWriter(name, index, inner, fields)
        except BaseException:
            with contextlib.suppress(ValueError):  # the first error says more than those that follow from it
                inner.wait_merging_threads()
            raise
        with write_errors(name):
            inner.wait_merging_threads()

    def purge(self, name: str) -> Sequence[str]:
        """See `SearchIndex.purge`. tantivy's merges cannot be asked for; a segment of deleted documents alone goes."""
        index, _ = self._open(name)
        with read_errors(name):
            segments = json.loads((self.folder / name / "meta.json").read_text())["segments"]
            searcher = index.searcher()
            if not any(each["deletes"] for each in segments) or not searcher.num_docs:
                return ()
            mixed = {number for number, each in enumerate(segments) if each["deletes"]}
            hits = searcher.search(tantivy.Query.all_query(), limit=searcher.num_docs, count=False).hits
            beside = [address for _, address in hits if address.segment_ord in mixed]
            return [json.loads(searcher.doc(address)[STORED][0])["id"] for address in beside]

    def refresh(self, name: str) -> None:
        """See `SearchIndex.refresh`. Searches see every commit, so this only checks that the index can be read."""
        self._open(name)

    # -- reading ------------------------------------------------------------------------------------------------------

    def count(self, name: str) -> int:
        """See `SearchIndex.count`."""
        return int(self._open(name)[0].searcher().num_docs)

    def hashes(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """See `SearchIndex.hashes`."""
        index, _ = self._open(name)
        return {record["id"]: record["content_hash"] for record in stored(index.searcher(), index.schema, ids)}

    def sample(self, name: str, count: int) -> tuple[str, ...]:
        """See `SearchIndex.sample`. Reads runs of neighbours at random places: documents that were saved together."""
        searcher = self._open(name)[0].searcher()
        length = max(1, count // SAMPLE_PLACES)
        last = max(0, searcher.num_docs - length)
        whole = searcher.num_docs <= count
        places = [(0, count)] if whole else [(random.randint(0, last), length) for _ in range(SAMPLE_PLACES)]
        found: dict[str, None] = {}
        with read_errors(name):
            for offset, limit in places:
                hits = searcher.search(tantivy.Query.all_query(), limit=limit, offset=offset, count=False).hits
                found |= {json.loads(searcher.doc(address)[STORED][0])["id"]: None for _, address in hits}
        return tuple(found)

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
        return self.stream(query).results()

    def stream(self, query: Query) -> Stream:
        """See `SearchIndex.stream`. The searcher of a commit keeps its files open, so later commits do no harm."""
        name, stream = self._ask(lambda reader: answer(reader.question(), query))
        stream.hits = _guarded(name, stream.hits)
        return stream

    def changed(
        self, name: str, roots: Sequence[Node], *, past: int, limit: int, until: int | None = None
    ) -> Iterator[tuple[int, ...]]:
        """See `SearchIndex.changed`."""
        index, fields = self._open(name)
        with read_errors(name):
            matcher = self._matcher(name, index.schema, fields)
            yield from search.changed(index.searcher(), matcher, index.schema, roots, past, limit, until)

    def vocabulary(self, field: str, beginning: str, limit: int) -> tuple[tuple[str, int], ...]:
        """See `SearchIndex.vocabulary`."""
        return self._ask(lambda reader: search.vocabulary(reader.searcher(), reader.fields, field, beginning, limit))[1]

    def frequencies(self, field: str, values: Sequence[str]) -> tuple[int, ...]:
        """See `SearchIndex.frequencies`."""
        return self._ask(lambda reader: search.frequencies(reader.searcher(), reader.fields, field, values))[1]

    def text(self, article_id: str) -> tuple[str, tuple[str, ...]] | None:
        """See `SearchIndex.text`."""
        found = self._ask(lambda reader: list(stored(reader.searcher(), reader.schema, [article_id])))[1]
        return (found[0]["title"], tuple(found[0]["body"])) if found else None

    def texts(self, ids: Sequence[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
        """See `SearchIndex.texts`."""
        found = self._ask(lambda reader: list(stored(reader.searcher(), reader.schema, ids)))[1]
        return {record["id"]: (record["title"], tuple(record["body"])) for record in found}

    def per_day(self, roots: Sequence[Node]) -> tuple[dict[date, int], ...]:
        """See `SearchIndex.per_day`."""

        def counted(reader: _OpenIndex) -> tuple[dict[date, int], ...]:
            return days.per_day(reader.searcher(), self._matcher(reader.name, reader.schema, reader.fields), roots)

        return self._ask(counted)[1]

    def _matcher(self, name: str, schema: Any, fields: frozenset[str]) -> Matcher:
        physical = self._description(name)
        same = physical is not None and physical.is_analysed_as_now
        return Matcher(schema, fields, same_analysis=same)

    def _ask(self, question: Callable[[_OpenIndex], Answer]) -> tuple[str, Answer]:
        """The name of the index behind the alias, and its answer."""
        while True:
            name = self.alias_target()
            if name is None:
                raise NoIndexError(f"There is no index {self.alias} yet. `kliping index follow` makes one.")
            try:
                reader = self._reader
                if reader is None or reader.name != name:
                    reader = _OpenIndex(self.folder / name, *self._open(name), self._links.get(name))
                    self._reader = reader
                with read_errors(name):
                    return name, question(reader)
            except UnavailableError:
                self._reader = None
                if self.alias_target() == name:  # else it was swapped and pruned meanwhile
                    raise

    def terms(self, text: str) -> tuple[str, ...]:
        """See `SearchIndex.terms`. Needs no index, because the analyzer is ours."""
        return tuple(analyzer.stemmed_terms(text))

    def conditions(self) -> Iterator[Condition]:
        """See `SearchIndex.conditions`. There are none: errors show when the files are read."""
        return iter(())

    def _open(self, name: str) -> tuple[Any, frozenset[str]]:
        """tantivy's index at its newest commit, and the fields and subfields it was created with."""
        path = self.folder / name
        with read_errors(name):
            try:
                known = json.loads((path / META).read_text())["fields"]
                own = (each["name"] for each in json.loads((path / "meta.json").read_text())["schema"])
                fields = frozenset(name for name in own if name.partition(".")[0] in known)
                index = tantivy.Index.open(str(self._readable(path)))
                index.config_reader(reload_policy="manual")
                index.reload()
            except FileNotFoundError as error:
                raise UnavailableError(
                    f"The index {name} is missing from {self.folder}. Run `kliping reindex`."
                ) from error
            except (KeyError, TypeError) as error:
                raise UnavailableError(f"{path / META} is not Kliping's. Run `kliping reindex`.") from error
            return index, fields

    def _readable(self, path: Path) -> Path:
        """The folder from which an index can be read: its own, or one of links to it if this process may not write."""
        if os.access(path, os.W_OK):
            return path
        if path.name not in self._links:
            self._links[path.name] = LinkedFolder(path)
        self._links[path.name].update()
        return self._links[path.name].folder


class _OpenIndex:
    """An open index, which reloads itself after every commit."""

    def __init__(self, path: Path, index: Any, fields: frozenset[str], links: LinkedFolder | None) -> None:
        self.name = path.name
        self.fields = fields
        self.schema = index.schema
        self.index = index
        self._meta = path / "meta.json"
        self._links = links
        self._loaded = (0, 0)

    def question(self) -> search.EmbeddedSearcher:
        """What searches the newest commit. Raises OSError and ValueError."""
        return search.EmbeddedSearcher(self.searcher(), self.schema, self.fields)

    def searcher(self) -> Any:
        """A searcher on the newest commit. Raises OSError and ValueError."""
        stat = self._meta.stat()  # every commit replaces this file
        present = (stat.st_ino, stat.st_mtime_ns)
        if present != self._loaded:
            if self._links:
                self._links.update()
            self.index.reload()
            self._loaded = present
        return self.index.searcher()


def _guarded(name: str, hits: Iterator[Hit]) -> Iterator[Hit]:
    with read_errors(name):
        yield from hits


def _write(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
