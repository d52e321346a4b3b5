"""Writes every fetched page, unchanged, to WARC 1.1 files (ISO 28500): own files per run, one gzip member per record.

A record is on disk (fsync) before the commit that points to it. A process that dies while writing can leave a torn
record only at the end of its own file. `repair` cuts it off, and only for runs whose lease has expired.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType
from sqlalchemy.exc import OperationalError

from archive.dialects import was_rolled_back
from archive.disk import sync_folder
from archive.warc.pages import EXPORT_ROW, FetchedPage, StoredRecord

FILE_LIMIT = 1 << 30
"""Bytes after which the next file is begun. The guidelines of the format advise about a gigabyte."""


LARGEST_HEAD = 30_000
"""Bytes of an HTTP head in a record. FastWARC reads no head beyond 32 kB, and other tools have limits of that order."""
LONGEST_URL = 8_000
"""Characters of a URL in a record."""
LEFT_OUT = "X-Kliping-Headers-Left-Out"
"""The header of a record that names the HTTP headers left out of it (the format allows headers of one's own)."""


def gzip_member(page: FetchedPage) -> bytes:
    """A page's record as a gzip member: a response record, or a metadata record for an export row.

    If the HTTP head is larger than LARGEST_HEAD, its longest headers are left out, and the record names them. Raises
    ValueError for a URL longer than LONGEST_URL.
    """
    if len(page.url) > LONGEST_URL:
        raise ValueError(
            f"{page.url[:100]!r}… has {len(page.url):,} characters, and no record keeps more than {LONGEST_URL:,}"
        )
    record = WarcRecord()
    row = page.content_type == EXPORT_ROW
    record.init_headers(WarcRecordType.metadata if row else WarcRecordType.response)
    record.headers["WARC-Target-URI"] = page.url
    record.record_date = page.fetched_at
    if row:
        record.headers["Content-Type"] = EXPORT_ROW
        record.set_bytes_content(page.content)
    else:
        record.is_http = True
        lines, left_out = _head(page)
        if left_out:
            record.headers[LEFT_OUT] = ", ".join(sorted(left_out))[:1_000]
        record.set_bytes_content("\r\n".join([*lines, "", ""]).encode("latin-1", "backslashreplace") + page.content)
    return _encode(record)


class WarcWriter:
    """Writes the WARC files of one run. Not thread-safe."""

    def __init__(self, folder: Path, run_id: str, software: str) -> None:
        self._folder = folder
        self._run_id = run_id
        self._software = software
        self._number = 0
        self._file: FileIO | None = None
        self._name = ""

    def write(self, page: FetchedPage) -> StoredRecord:
        """Append one record and force it to disk. An OSError (a full disk) leaves no partial record."""
        return self.write_all([page])[0]

    def write_all(self, pages: Sequence[FetchedPage]) -> Sequence[StoredRecord]:
        """Append records, all to one file, and force them to disk together. An OSError leaves none of them."""
        return self.write_members([gzip_member(page) for page in pages])

    def discard_from(self, stored: StoredRecord) -> None:
        """Cut off a record of the last write, and those after it. No row may point to them."""
        if self._file and stored.file == self._name:
            self._file.truncate(stored.offset)
            self._file.seek(stored.offset)
            os.fsync(self._file.fileno())

    @contextmanager
    def discard_on_failure(self, stored: Sequence[StoredRecord]) -> Iterator[None]:
        """Wraps the transaction that points to records just written, and discards them if it certainly failed.

        After an OSError or an error of the database the commit may have succeeded nevertheless, so the records stay.
        """
        try:
            yield
        except BaseException as error:
            uncertain = isinstance(error, OSError | OperationalError) and not was_rolled_back(error)
            if stored and not uncertain:
                self.discard_from(stored[0])
            raise

    def close(self) -> None:
        """Close the file in use, if any."""
        if self._file:
            self._file.close()
            self._file = None

    def write_members(self, members: Sequence[bytes]) -> Sequence[StoredRecord]:
        """`write_all` for records that `gzip_member` has encoded, perhaps in another process."""
        if not members:
            return []
        file = self._open()
        begin = offset = file.tell()
        stored = []
        for member in members:
            stored.append(StoredRecord(self._name, offset, len(member)))
            offset += len(member)
        try:
            rest = memoryview(b"".join(members))
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(begin)
            file.seek(begin)
            raise
        return stored

    def _open(self) -> FileIO:
        if self._file and self._file.tell() < FILE_LIMIT:
            return self._file
        self.close()
        self._number += 1
        self._name = f"{self._run_id}-{self._number:05d}.warc.gz"
        path = self._folder / self._name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: otherwise the rest of a record that failed would be written with the next one.
        self._file = path.open("xb", buffering=0)
        sync_folder(path.parent)
        info = WarcRecord()
        info.init_headers(WarcRecordType.warcinfo)
        info.headers["WARC-Filename"] = self._name
        info.headers["Content-Type"] = "application/warc-fields"
        info.record_date = datetime.now(UTC)
        info.set_bytes_content(f"software: {self._software}\r\nisPartOf: {self._run_id}\r\n".encode())
        self.write_members([_encode(info)])
        return self._file


def repair(folder: Path, run_id: str) -> Sequence[tuple[str, int]]:
    """Cut a torn last record off the files of a run whose process is dead. Returns (file, bytes cut) per cut."""
    cuts = []
    for path in sorted(folder.glob(f"{run_id}-*.warc.gz")):
        good = _end_of_last_whole_member(path)
        size = path.stat().st_size
        if good < size:
            with path.open("r+b") as file:
                file.truncate(good)
                os.fsync(file.fileno())
            cuts.append((path.name, size - good))
    return cuts


def cut_unreferenced(folder: Path, run_id: str, ends: Mapping[str, int]) -> None:
    """Cut off the records of a dead run that no row points to.

    `ends` maps each file to the end of its last referenced record; a file that it lacks is removed.
    """
    for path in sorted(folder.glob(f"{run_id}-*.warc.gz")):
        if path.name not in ends:
            path.unlink()
            sync_folder(folder)
        elif ends[path.name] < path.stat().st_size:
            with path.open("r+b") as file:
                file.truncate(ends[path.name])
                os.fsync(file.fileno())


def _end_of_last_whole_member(path: Path) -> int:
    end = 0
    with path.open("rb") as file:
        while True:
            file.seek(end)
            inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            consumed = 0
            try:
                while not inflater.eof:
                    chunk = file.read(1 << 16)
                    if not chunk:
                        return end
                    inflater.decompress(chunk)
                    consumed += len(chunk)
            except zlib.error:
                return end
            end += consumed - len(inflater.unused_data)


def _head(page: FetchedPage) -> tuple[list[str], set[str]]:
    """The lines of the HTTP head, at most LARGEST_HEAD bytes, and the names of the headers that had no room."""
    # The stored content is decoded, so headers about its coding and length on the wire would be false.
    dropped = {"content-encoding", "transfer-encoding", "content-length"}
    headers = [(_one_line(name), _one_line(value)) for name, value in page.headers if name.lower() not in dropped]
    sizes = [len(f"{name}: {value}\r\n".encode("latin-1", "backslashreplace")) for name, value in headers]
    left_out: set[int] = set()
    excess = sum(sizes) - LARGEST_HEAD
    for number in sorted(range(len(headers)), key=lambda number: -sizes[number]):
        if excess <= 0:
            break
        left_out.add(number)
        excess -= sizes[number]
    # HTTP encodes header bytes as latin-1; a character outside it cannot have been received.
    lines = [f"{name}: {value}" for number, (name, value) in enumerate(headers) if number not in left_out]
    names = {headers[number][0][:100] for number in left_out}
    return [f"HTTP/1.1 {page.status} ", *lines, f"Content-Length: {len(page.content)}"], names


def _encode(record: WarcRecord) -> bytes:
    buffer = io.BytesIO()
    writer = GzipWriter(buffer, compression_level=6)
    record.write(writer, checksum_data=True)
    writer.finish()
    return buffer.getvalue()


def _one_line(text: str) -> str:
    return " ".join(text.split())
