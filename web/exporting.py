"""Takes what a search finds out of the archive: the same files as `kliping archive export` writes, sent as they grow.

A thread writes the file in one view of the archive, as fast as the disk takes it; the answer follows it. So the first
bytes leave early, a reader with a slow line holds neither that view nor a connection, and no size takes memory. An
error before the first byte is a page; a later one cuts the connection, so that no half file looks like a whole one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from anyio import CancelScope, to_thread
from starlette.responses import StreamingResponse

from archive.export.files import FORMATS, MissingPyArrowError
from archive.export.run import EndedError, ExportReport, export
from archive.export.selection import IdsOnDisk, Selection, ids_on_disk
from archive.export.stamp import ExportStamp
from archive.versions import LostVersionError
from indexer.nodes import All, Node
from indexer.queries import Query, Sort
from indexer.status import searched_up_to
from indexer.wording import typed as in_words
from reading.version import READER
from web.holdings import Holdings
from web.problems import PageError, refused_value
from web.searching import SearchState
from web.untrusted import file_name

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

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
WHOLE_FIRST = ("warc",)
"""Formats that are sent when they are whole: how many kept pages are missing from a WARC file stands in the header of
the answer, and nobody knows it before the last one was read."""
MOST_AT_ONCE = 2
"""Exports that are written at the same time. Each holds a connection and a thread until its file is whole."""
SOON = 0.3
"""Seconds that the first bytes wait for the last ones: most exports are small, and are then sent with their length."""
_PIECE = 1 << 18
_LOOK_EACH = 0.5
"""Seconds after which a reader that has everything looks again, if nobody wakes it."""
_MOST = 1 << 31
"""More hits than any index has."""
_running = threading.BoundedSemaphore(MOST_AT_ONCE)


class ExportCutError(Exception):
    """An export failed after a part of it was sent. The connection is cut."""


class ExportInTheMaking(threading.Thread):
    """Writes the file of an export. `stop` ends it early; its folder is removed by `close`."""

    def __init__(self, holdings: Holdings, root: Node, form: str) -> None:
        super().__init__(name="export", daemon=True)
        self.typed = in_words(root)
        self.stamp: ExportStamp | None = None
        self.articles = 0
        self.report: ExportReport | None = None
        self.error: BaseException | None = None
        self._holdings, self._root, self._form = holdings, root, form
        self._moved = threading.Condition()
        self._written = 0
        self._ended = self._stopped = False
        self._kept = ExitStack()
        self.path = Path(self._kept.enter_context(TemporaryDirectory(prefix="kliping-export-"))) / f"e{ENDINGS[form]}"

    def run(self) -> None:
        """Find the articles and write them."""
        try:
            self.report = self._made()
        except BaseException as error:  # noqa: BLE001  whatever it is, the reader of the file raises it
            self.error = error
        finally:
            _running.release()
            with self._moved:
                self._ended = True
                self._moved.notify_all()

    def wait_for_first(self) -> bool:
        """Wait until there is something to send; returns whether the file is whole. Raises what went wrong."""
        with self._moved:
            self._moved.wait_for(lambda: self._ended or (self._written > 0 and self._form not in WHOLE_FIRST))
            self._moved.wait_for(lambda: self._ended, SOON)
            ended = self._ended
        if self.error is not None:
            raise self.error
        return ended

    def pieces(self) -> Iterator[bytes]:
        """The file, piece by piece, as it grows. Raises ExportCutError if it does not become whole."""
        with self._opened() as file:
            while True:
                with self._moved:
                    ended, written = self._ended, self._written
                if self.error is not None:
                    raise ExportCutError from self.error
                while piece := file.read(_PIECE):
                    yield piece
                if ended:
                    return
                self._wait_for_more(written)

    def _wait_for_more(self, than: int) -> None:
        with self._moved:
            self._moved.wait_for(lambda: self._ended or self._written > than, _LOOK_EACH)

    def close(self) -> None:
        """End it if it is still written, and remove its folder."""
        self._stopped = True
        self.join()
        self._kept.close()

    def _opened(self) -> IO[bytes]:
        """The file, under the name that it has while it is written, or already under its own."""
        try:
            return self.path.with_name(f"{self.path.name}.part").open("rb")
        except FileNotFoundError:
            return self.path.open("rb")

    def _made(self) -> ExportReport:
        holdings, selection = self._holdings, Selection(self.typed or None)
        with ExitStack() as stack:
            ids: IdsOnDisk | None = None
            searched: int | None = None
            if not isinstance(self._root, All):
                ids = stack.enter_context(ids_on_disk())
                searched = searched_up_to(holdings.archive, holdings.index)
                query = Query(self._root, sort=Sort.OLDEST, limit=_MOST, highlights=False, as_typed=True)
                ids.add(hit.id for hit in holdings.index.stream(query).hits)
            return export(
                holdings.archive,
                self.path,
                selection,
                ids,
                lambda seq: self._stamped(selection, seq, searched),
                names=holdings.titles,
                with_codebook=False,
                report_progress=self._progress,
            )

    def _stamped(self, selection: Selection, seq: int, searched: int | None) -> ExportStamp:
        here = self._holdings.archive.identity
        software = f"Kliping {metadata.version('kliping')}"
        behind = max(0, seq - searched) if searched is not None else 0
        self.stamp = ExportStamp(
            here.archive_id, here.epoch, seq, selection.as_json(), self._form, READER, software, behind
        )
        return self.stamp

    def _progress(self, written: int, articles: int) -> None:
        if self._stopped:
            raise EndedError
        with self._moved:
            self._written, self.articles = written, articles
            self._moved.notify_all()


@dataclass(frozen=True, slots=True)
class MadeExport:
    """An export to be sent: what is written, and whether it is whole already."""

    making: ExportInTheMaking
    whole: bool
    form: str

    def response(self) -> StreamingResponse:
        """The answer. A file that is whole has its length; of another the end of the transfer says that it is whole."""
        making = self.making
        stamp, report = making.stamp, making.report
        assert stamp is not None
        headers = {
            "Content-Disposition": f'attachment; filename="{file_name(f"kliping {making.typed}", ENDINGS[self.form])}"',
            "X-Kliping-Stamp": stamp.id,
            "X-Kliping-Articles": str(making.articles),
        }
        if stamp.behind:
            headers["X-Kliping-Behind"] = str(stamp.behind)
        if self.form == "warc" and report is not None:
            headers["X-Kliping-Missing-Pages"] = str(len(report.missing))
        if self.whole:
            headers["Content-Length"] = str(making.path.stat().st_size)
        return _ExportResponse(making, headers, MEDIA_TYPES[self.form])


class _ExportResponse(StreamingResponse):
    """Sends an export, and ends it whatever happens: the reader may leave in the middle."""

    def __init__(self, making: ExportInTheMaking, headers: dict[str, str], media_type: str) -> None:
        super().__init__(making.pieces(), headers=headers, media_type=media_type)
        self._making = making

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._making.close)


def make_export(holdings: Holdings, state: SearchState, form: str) -> MadeExport:
    """Begin the export of a search. Raises PageError, BadQueryError and SearchError.

    Every article has all words of the query: what the search page adds with fewer words is not exported.
    """
    if form not in FORMATS:
        raise PageError(400, "unknown_value", **refused_value("format", form, FORMATS))
    root = state.root(holdings.settings.zone)
    if not _running.acquire(blocking=False):
        raise PageError(503, "exports_busy", headers={"Retry-After": "30"})
    try:
        making = ExportInTheMaking(holdings, root, form)
        making.start()
    except BaseException:
        _running.release()
        raise
    try:
        return MadeExport(making, making.wait_for_first(), form)
    except (MissingPyArrowError, LostVersionError) as error:
        making.close()
        raise PageError(503, "export_failed", detail=str(error)) from error
    except BaseException:
        making.close()
        raise
