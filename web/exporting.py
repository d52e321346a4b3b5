"""Takes what a search finds out of the archive: the same files as `kliping archive export` writes.

A file is written whole before its first byte is sent, so a download is complete or an error page; it is then read from
disk piece by piece, so its size takes no memory.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.export.files import FORMATS, MissingPyArrowError
from archive.export.run import export
from archive.export.selection import IdsOnDisk, Selection, ids_on_disk
from archive.export.stamp import ExportStamp
from archive.versions import LostVersionError
from indexer.nodes import All, Node
from indexer.queries import Query, Sort
from indexer.query import BadQueryError
from indexer.wording import typed as in_words
from reading.version import READER
from web.holdings import Holdings
from web.problems import PageError
from web.searching import SearchState
from web.untrusted import file_name

MEDIA_TYPES = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "bibtex": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "csl-json": "application/vnd.citationstyles.csl+json",
    "warc": "application/warc",
}
ENDINGS = {"jsonl": ".jsonl", "csv": ".csv", "parquet": ".parquet", "bibtex": ".bib", "ris": ".ris",
           "csl-json": ".json", "warc": ".warc.gz"}  # fmt: skip
MOST_AT_ONCE = 2
"""Exports that are made at the same time. Each holds a connection and a thread until its file is whole."""
_PIECE = 1 << 18
_MOST = 1 << 31
"""More hits than any index has."""
_running = threading.BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True, slots=True)
class MadeExport:
    """An export that is whole: its pieces, its size in bytes, its name, type and stamp."""

    pieces: Iterator[bytes]
    size: int
    name: str
    media_type: str
    stamp: str
    articles: int
    missing: int


def make_export(holdings: Holdings, state: SearchState, form: str) -> MadeExport:
    """Write the export of a search. Its files are removed after the last piece. Raises PageError and SearchError.

    Every article has all words of the query: what the search page adds with fewer words is not exported.
    """
    if form not in FORMATS:
        raise PageError(400, "no_format", formats=", ".join(FORMATS))
    if not _running.acquire(blocking=False):
        raise PageError(503, "exports_busy", headers={"Retry-After": "30"})
    try:
        return _made(holdings, state, form)
    finally:
        _running.release()


def _made(holdings: Holdings, state: SearchState, form: str) -> MadeExport:
    try:
        root = state.root(holdings.settings.zone)
    except BadQueryError as error:
        raise PageError(400, "bad_request", detail=error.sentence) from error
    typed = in_words(root)
    selection = Selection(typed or None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="kliping-export-")))
        ids = stack.enter_context(ids_on_disk()) if not isinstance(root, All) else None
        if ids is not None:
            _find(holdings, root, ids)
        path = folder / f"export{ENDINGS[form]}"
        try:
            report = export(
                holdings.archive,
                path,
                selection,
                ids,
                lambda seq: _stamp(holdings, selection, form, seq),
                names=holdings.titles,
                with_codebook=False,
                report_progress=lambda *_: None,
            )
        except (MissingPyArrowError, LostVersionError) as error:
            raise PageError(503, "export_failed", detail=str(error)) from error
        name = file_name(f"kliping {typed}", ENDINGS[form])
        size = path.stat().st_size
        kept = stack.pop_all()
    return MadeExport(
        _pieces(path, kept), size, name, MEDIA_TYPES[form], report.stamp.id, report.articles, len(report.missing)
    )


def _find(holdings: Holdings, root: Node, ids: IdsOnDisk) -> None:
    query = Query(root, sort=Sort.OLDEST, limit=_MOST, highlights=False, as_typed=True)
    ids.add(hit.id for hit in holdings.index.stream(query).hits)


def _stamp(holdings: Holdings, selection: Selection, form: str, seq: int) -> ExportStamp:
    here = holdings.archive.identity
    software = f"Kliping {metadata.version('kliping')}"
    return ExportStamp(here.archive_id, here.epoch, seq, selection.as_json(), form, READER, software)


def _pieces(path: Path, kept: ExitStack) -> Iterator[bytes]:
    with kept, path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
