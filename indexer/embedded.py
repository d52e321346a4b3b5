"""The embedded engine: tantivy in a folder, nothing to install.

    HOME/index/news.alias                              the name of the index that searches see
    HOME/index/news-v1-20151218020000-0a1b2c3d/        an index: kliping.json (what it was made for) and tantivy's files

Every change that others may see is one rename: an index appears, the alias moves, a dropped index disappears. tantivy
commits by replacing its `meta.json` after the files it names are on disk (fsync), takes a lock of the operating system
for its writer, and another while files are removed or opened, so that readers in other processes never see a gap.

Terms reach tantivy ready-made, as `analysis.ready_made` gives them: text between blanks, which its own threads split.
(`add_pre_tokenized_text` makes a Python object of every token: 1,300 articles a second where this way made 2,400.)
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
from pathlib import Path
from typing import Any

import tantivy

from indexer import embedded_query
from indexer.analysis import GAP, ready_made
from indexer.contract import (
    Deletion,
    IndexBusy,
    ItemResult,
    NoIndex,
    Outcome,
    Physical,
    Query,
    Results,
    Unavailable,
)
from indexer.documents import Document
from indexer.schema import FIELDS, KEYWORD_BYTES, Kind

META = "kliping.json"
READY = "ready"
"""The name of the tokenizer that takes ready-made terms."""
STORED = "stored"
"""The field that keeps what a hit shows."""
HEAP = 128_000_000
"""Bytes that tantivy may fill before it writes a segment by itself."""


class EmbeddedIndex:
    """`contract.SearchIndex` on a folder. One object serves one process; any number of processes may read."""

    engine = "embedded"

    def __init__(self, folder: Path, alias: str) -> None:
        self.folder = folder
        self.alias = alias
        self._reader: _Reader | None = None
        self._names = re.compile(rf"{re.escape(alias)}-v\d+-\d{{14}}-[0-9a-f]{{8}}")

    # -- indexes and alias --------------------------------------------------------------------------------------------

    def create(self, physical: Physical) -> None:
        """See `SearchIndex.create`. The index appears whole, by one rename."""
        place = self.folder / physical.name
        if place.exists():
            if self._described(physical.name) != physical:
                raise Unavailable(f"Another index stands at {place}.")
            return
        making = self.folder / f".{physical.name}.making"
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        tantivy.Index(_tantivy_schema(), path=str(making))
        _write(making / META, json.dumps(physical.as_json() | {"fields": [field.name for field in FIELDS]}))
        _sync(making)
        making.rename(place)
        _sync(self.folder)

    def current(self) -> Physical | None:
        """See `SearchIndex.current`. Raises Unavailable where the alias names an index that is not there."""
        while (name := self.standing()) is not None:
            physical = self._described(name)
            if physical is not None:
                return physical
            if self.standing() == name:  # not swapped and pruned between the two looks
                raise Unavailable(f"The index {name} is missing from {self.folder}. Run `kliping reindex`.")
        return None

    def standing(self) -> str | None:
        """See `SearchIndex.standing`."""
        try:
            return (self.folder / f"{self.alias}.alias").read_text().strip() or None
        except FileNotFoundError:
            return None

    def list(self) -> tuple[Physical, ...]:
        """See `SearchIndex.list`."""
        if not self.folder.is_dir():
            return ()
        names = [place.name for place in self.folder.iterdir() if self._names.fullmatch(place.name)]
        found = []
        for name in names:
            with contextlib.suppress(Unavailable):  # a folder that cannot say what it is is none of ours to remove
                physical = self._described(name)
                found += [physical] if physical is not None else []
        return tuple(sorted(found, key=lambda physical: (physical.created_at, physical.name)))

    def swap(self, name: str, *, expected: str | None) -> None:
        """See `SearchIndex.swap`."""
        if self._described(name) is None:
            raise Unavailable(f"There is no index {name}.")
        with (self.folder / f".{self.alias}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            standing = self.standing()
            if standing != expected:
                raise IndexBusy(f"The alias {self.alias} was moved to {standing} by another process; nothing was done.")
            moving = self.folder / f".{self.alias}.moving"
            _write(moving, name + "\n")
            os.replace(moving, self.folder / f"{self.alias}.alias")
            _sync(self.folder)

    def drop(self, name: str) -> None:
        """See `SearchIndex.drop`. The index disappears by one rename before its files are removed."""
        if not self.folder.is_dir():
            return
        if self.standing() == name:
            raise IndexBusy(f"The alias {self.alias} stands on {name}; an index that is searched is not dropped.")
        if not self._names.fullmatch(name):
            raise Unavailable(f"{name!r} is no index of {self.alias}.")
        with contextlib.suppress(FileNotFoundError):
            (self.folder / name).rename(self.folder / f".{name}.dropped")
        for left in (*self.folder.glob(f".{self.alias}-v*.dropped"), self.folder / f".{name}.making"):
            shutil.rmtree(left, ignore_errors=True)

    def _described(self, name: str) -> Physical | None:
        try:
            return Physical.from_json(json.loads((self.folder / name / META).read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise Unavailable(f"{self.folder / name / META} cannot be read: {error!r}.") from error

    # -- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def writer(self, name: str) -> Iterator[_Writer]:
        """See `SearchIndex.writer`."""
        index, fields = self._open(name)
        index.register_tokenizer(READY, _ready_tokenizer())
        try:
            inner = index.writer(heap_size=HEAP, num_threads=1)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise IndexBusy(f"Another process has the index {name} open for writing.") from error
            raise Unavailable(f"The index {name} cannot be written: {error}.") from error
        try:
            yield _Writer(index, inner, fields)
        finally:
            with _tantivy_errors(name):
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
                raise NoIndex(f"There is no index {self.alias} yet. `kliping index follow` makes one.")
            try:
                reader = self._reader
                if reader is None or reader.name != name:
                    reader = self._reader = _Reader(self.folder / name, *self._open(name))
                return embedded_query.search(reader.searcher(), reader.schema, reader.fields, query)
            except (Unavailable, OSError) as error:
                self._reader = None
                if self.standing() == name:  # not swapped and pruned under our hands: it is really unusable
                    raise Unavailable(f"The index {name} cannot be searched: {error} Run `kliping reindex`.") from error

    def _open(self, name: str) -> tuple[Any, frozenset[str]]:
        """The index as tantivy has it, its newest commit loaded, and the fields it was made with."""
        place = self.folder / name
        with _tantivy_errors(name):
            try:
                fields = frozenset(json.loads((place / META).read_text())["fields"])
                index = tantivy.Index.open(str(place))
                index.config_reader(reload_policy="manual")
                index.reload()
            except FileNotFoundError as error:
                raise Unavailable(f"The index {name} is missing from {self.folder}.") from error
            return index, fields


class _Reader:
    """An open index; sees the newest commit whenever it is asked."""

    def __init__(self, place: Path, index: Any, fields: frozenset[str]) -> None:
        self.name = place.name
        self.fields = fields
        self.schema = index.schema
        self._index = index
        self._meta = place / "meta.json"
        self._seen = (0, 0)

    def searcher(self) -> Any:
        """A searcher on the newest commit."""
        stat = self._meta.stat()  # every commit puts a new file in its place
        now = (stat.st_ino, stat.st_mtime_ns)
        if now != self._seen:
            with _tantivy_errors(self.name):
                self._index.reload()
            self._seen = now
        return self._index.searcher()


class _Writer:
    """`contract.IndexWriter` on tantivy."""

    def __init__(self, index: Any, inner: Any, fields: frozenset[str]) -> None:
        self._index = index
        self._inner = inner
        self._fields = fields
        self._deleted: dict[str, int] = {}

    def apply(self, batch: Sequence[Document | Deletion]) -> list[ItemResult]:
        """See `IndexWriter.apply`: one commit a batch."""
        with _tantivy_errors("the index"):
            self._index.reload()
            held = {record["id"]: record["seq"] for record in _stored(self._index, [item.id for item in batch])}
            results = []
            try:
                for item in batch:
                    results.append(self._take(item, held))
                self._inner.commit()
            except BaseException:
                self._inner.rollback()
                raise
        for item, result in zip(batch, results, strict=True):
            if isinstance(item, Deletion) and result.outcome is Outcome.DONE:
                self._deleted[item.id] = item.seq
        return results

    def _take(self, item: Document | Deletion, held: dict[str, int]) -> ItemResult:
        known = max(held.get(item.id, 0), self._deleted.get(item.id, 0))
        if item.seq < known:
            return ItemResult(item.id, Outcome.STALE)
        document = None
        if isinstance(item, Document):
            reason = refusal(item)
            if reason is not None:
                return ItemResult(item.id, Outcome.REFUSED, reason)
            document = _tantivy_document(item, self._fields)
        if item.id in held:
            self._inner.delete_documents_by_term("id", item.id)
        if document is not None:
            self._inner.add_document(document)
        held[item.id] = item.seq
        return ItemResult(item.id, Outcome.DONE)


def refusal(document: Document) -> str | None:
    """Why this engine does not take a document as it is; null where it does."""
    for field in FIELDS:
        if field.kind is Kind.KEYWORD:
            for value in _values(document, field.name):
                size = len(str(value).encode())
                if size > KEYWORD_BYTES:
                    return f"{field.name} has {size} bytes; a keyword has {KEYWORD_BYTES} at most"
    if not tantivy.MIN_DATETIME <= document.published_on <= tantivy.MAX_DATETIME:
        return f"published_on {document.published_on.isoformat()} is beyond the years that the engine knows"
    return None


def _tantivy_schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        match field.kind:
            case Kind.TEXT:  # phrases run on the exact twin alone, so the stemmed one needs no positions
                builder.add_text_field(field.name, tokenizer_name=READY, index_option="freq")
                builder.add_text_field(f"{field.name}.exact", tokenizer_name=READY, index_option="position")
            case Kind.NAME:
                builder.add_text_field(field.name, tokenizer_name=READY, index_option="position")
            case Kind.KEYWORD:
                builder.add_text_field(field.name, tokenizer_name="raw", index_option="basic")
                if field.facet:  # the values as printed, beside the folded ones that are searched
                    builder.add_text_field(f"{field.name}.facet", fast=True, tokenizer_name="raw", index_option="basic")
            case Kind.INSTANT:
                builder.add_date_field(field.name, indexed=True, fast=True)
            case Kind.NUMBER:
                builder.add_integer_field(field.name, indexed=True, fast=True)
    builder.add_bytes_field(STORED, stored=True)
    return builder.build()


def _tantivy_document(document: Document, fields: frozenset[str]) -> Any:
    made = tantivy.Document()
    for field in FIELDS:
        if field.name not in fields:
            continue  # an index of an earlier schema leaves out what it lacks
        values = _values(document, field.name)
        match field.kind:
            case Kind.TEXT if values:
                stemmed, exact = ready_made(values)
                made.add_text(field.name, stemmed)
                made.add_text(f"{field.name}.exact", exact)
            case Kind.NAME if values:
                made.add_text(field.name, ready_made(values)[1])
            case Kind.KEYWORD:
                for value in values:
                    made.add_text(field.name, embedded_query.keyword(field.name, value))
                    if field.facet:
                        made.add_text(f"{field.name}.facet", value)
            case Kind.INSTANT:
                made.add_date(field.name, values[0])
            case Kind.NUMBER:
                made.add_integer(field.name, values[0])
    shown = {name: getattr(document, name) for name in embedded_query.SHOWN}
    made.add_bytes(STORED, json.dumps(shown, ensure_ascii=False).encode())
    return made


def _values(document: Document, name: str) -> tuple[Any, ...]:
    value = getattr(document, name)
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def _ready_tokenizer() -> Any:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.custom_stopword([GAP])).build()


def _stored(index: Any, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the index keeps of those of these articles that it holds."""
    searcher = index.searcher()
    if not searcher.num_docs or not ids:
        return
    wanted = [embedded_query.keyword("id", each) for each in dict.fromkeys(ids)]
    query = tantivy.Query.term_set_query(index.schema, "id", wanted)
    for _, address in searcher.search(query, limit=len(wanted), count=False).hits:
        yield json.loads(searcher.doc(address)[STORED][0])


@contextmanager
def _tantivy_errors(name: str) -> Iterator[None]:
    """tantivy's binding raises ValueError for whatever goes wrong; what may go wrong here is files and disks."""
    try:
        yield
    except ValueError as error:
        raise Unavailable(f"tantivy could not use {name}: {error}.") from error


def _write(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
