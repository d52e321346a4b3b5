"""Reads other tools' WARC files in spans: each record is returned or its damage named, and reading goes on after it.

A span is a range of bytes and covers the records that begin in it. Different processes can read spans of one file,
because the start of a record is recognisable: it is a gzip member of its own, or follows a blank line. An archive that
is stored inside a record can look like such a start. The process that joins the spans detects this: a span that does
not begin where the previous one ended is read again from there.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord

from archive.warc.framing import LARGEST_RECORD, DamagedRecordError, begins_here, next_record, record_at
from archive.warc.http import RecordedResponse, has_head, payloads, read_response

_GZIP = b"\x1f\x8b\x08"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 20
_HEAD = 1 << 16
_WARC = b"WARC/"
_DIGESTS = {"sha1", "sha256", "sha512", "md5"}
_PAGE_KINDS = ("text/html", "application/xhtml+xml")


class NotAWarcFileError(Exception):
    """The file is not a WARC file; the message is a sentence that says why."""


class ForeignRecord:
    """One record: its headers are read at once, its content only on demand."""

    def __init__(self, offset: int, number: int, record: WarcRecord | None, damage: DamagedRecordError | None) -> None:
        self.offset = offset
        self.number = number
        self.damage = damage
        self._record = record

    @property
    def place(self) -> str:
        """Its position: the offset of its gzip member, and its number in the member unless it is the first."""
        return f"{self.offset}.{self.number}" if self.number else str(self.offset)

    @property
    def type(self) -> str:
        """The WARC-Type in lower case; "unknown" for one that the format does not define."""
        return str(self._record.record_type) if self._record else "unknown"

    @property
    def url(self) -> str | None:
        """WARC-Target-URI, without the angle brackets that wget and WARC 1.0's grammar put around it."""
        return (self.header("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">") or None

    @property
    def date(self) -> datetime | None:
        """WARC-Date, aware; None if it is missing or not a date. The standard means UTC where no zone is written."""
        if self._record is None or self._record.record_date:
            return self._record.record_date if self._record else None
        text = (self.header("WARC-Date") or "").strip()
        try:
            form = "%Y%m%d%H%M%S" if text.isdecimal() else None
            moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007  UTC below
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def header(self, name: str) -> str | None:
        """One of the WARC headers of the record, or None."""
        return self._record.headers.get(name) if self._record else None

    def block(self) -> bytes:
        """The content block, with its digest verified. Raises DamagedRecordError."""
        if self.damage or not self._record:
            raise self.damage or DamagedRecordError("torn-record", "the record has no header")
        block = self._record.reader.read()
        if len(block) < self._record.content_length:
            raise DamagedRecordError(
                "torn-record", f"{len(block):,} of {self._record.content_length:,} bytes are present"
            )
        declared = self.header("WARC-Block-Digest")
        if declared and not digest_matches(declared, block):
            raise DamagedRecordError("wrong-digest", f"the content does not match {declared}")
        return block

    def response(self, limit: int) -> RecordedResponse:
        """The HTTP response, with at most `limit` + 1 bytes of its content. Raises DamagedRecordError.

        A resource record has no HTTP response, and some tools write responses without their head: then it is the block
        with the record's own Content-Type, as if it had been answered with 200.
        """
        block = self.block()
        kind = (self.header("Content-Type") or "").strip()
        if not has_head(block) and (self.type == "resource" or kind.lower().startswith(_PAGE_KINDS)):
            return RecordedResponse(200, (("Content-Type", kind),) if kind else (), block[: limit + 1])
        response = read_response(block, limit)
        declared = None if self.header("WARC-Block-Digest") else self.header("WARC-Payload-Digest")
        if declared and not any(digest_matches(declared, payload) for payload in payloads(block)):
            raise DamagedRecordError("wrong-digest", f"the payload does not match {declared}")
        return response

    @property
    def is_page(self) -> bool:
        """Whether it may hold a page: a response, or a resource that is not of another kind."""
        kind = (self.header("Content-Type") or "").partition(";")[0].strip().lower()
        return self.type == "response" or (self.type == "resource" and kind in ("", "application/http", *_PAGE_KINDS))


def digest_matches(declared: str, content: bytes) -> bool:
    """Whether "sha1:…" (base32 or hex) is the digest of the content. True for an algorithm that we do not support."""
    algorithm, _, value = declared.strip().partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in _DIGESTS:
        return True
    digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
    expected = value.strip().rstrip("=").lower()
    return expected in (digest.hex(), base64.b32encode(digest).decode().rstrip("=").lower())


class WarcFile:
    """An open WARC file, uncompressed or with one gzip member per record."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size
        beginning = self._file.read(len(_ZSTANDARD))
        self._gzipped = beginning.startswith(_GZIP)
        if self.size and not self._begins_at(0):
            self._file.close()
            why = "the file does not begin with a WARC record"
            raise NotAWarcFileError("it is compressed by zstd; unpack it" if beginning == _ZSTANDARD else why)

    def __enter__(self) -> WarcFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def boundary(self, at: int) -> int:
        """The first offset from `at` on where a record seems to begin; the file's size if there is none."""
        if not self._gzipped:
            return next_record(self._file, at, self.size)
        while at < self.size:
            self._file.seek(at)
            chunk = self._file.read(_CHUNK)
            found = chunk.find(_GZIP)
            while found >= 0:
                if self._begins_at(at + found):
                    return at + found
                found = chunk.find(_GZIP, found + 1)
            if len(chunk) <= len(_GZIP):
                break
            at += len(chunk) - len(_GZIP) + 1
        return self.size

    def records_at(self, offset: int) -> tuple[list[ForeignRecord], int]:
        """The records at an offset, and the offset of the next one.

        Usually one record, as the format advises; several if one gzip member contains several. Raises
        NotAWarcFileError for a file that was compressed as a whole and is too large for memory.
        """
        if not self._gzipped:
            framed = record_at(self._file, offset, self.size)
            return [_record(framed.content, offset, 0, framed.damage)], framed.end
        content, end, damage = self._gzip_member(offset)
        found: list[ForeignRecord] = []
        member, at = io.BytesIO(content), 0
        while at < len(content):
            framed = record_at(member, at, len(content))
            if found and damage and damage.name == "too-large":
                raise NotAWarcFileError(
                    "the file is compressed as a whole; unpack it (gunzip), and import the .warc file"
                )
            found.append(_record(framed.content, offset, len(found), damage or framed.damage))
            if damage:
                break
            at = framed.end
        return found or [
            _record(b"", offset, 0, damage or DamagedRecordError("torn-record", "there is no record"))
        ], end

    def _begins_at(self, offset: int) -> bool:
        self._file.seek(offset)
        beginning = self._file.read(1024)
        if not self._gzipped:
            return begins_here(beginning)
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(beginning, len(_WARC)) == _WARC
        except zlib.error:
            return False

    def _gzip_member(self, offset: int) -> tuple[bytes, int, DamagedRecordError | None]:
        """The content of a gzip member (about LARGEST_RECORD bytes at most), and the offset of the next."""
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        content = bytearray()
        size = 0
        self._file.seek(offset)
        end = offset
        try:
            while not inflater.eof:
                chunk = inflater.unconsumed_tail or self._file.read(_HEAD)
                part = inflater.decompress(chunk, _CHUNK)
                if not chunk and not part and not inflater.eof:
                    torn = DamagedRecordError("torn-record", "the file ends inside the record")
                    return bytes(content), self.size, torn
                size += len(part)
                if len(content) <= LARGEST_RECORD:
                    content += part
            end = self._file.tell() - len(inflater.unused_data)
        except zlib.error as error:
            return self._torn(bytes(content), offset, f"its compression is broken: {error}")
        if end < self.size and not self._begins_at(end):  # bytes between two records belong to neither
            end = self.boundary(end)
        damage = DamagedRecordError("too-large", f"{size:,} bytes") if size > LARGEST_RECORD else None
        return bytes(content), end, damage

    def _torn(self, content: bytes, offset: int, detail: str) -> tuple[bytes, int, DamagedRecordError]:
        return content, self.boundary(offset + 1), DamagedRecordError("torn-record", detail)


def _record(content: bytes, offset: int, number: int, damage: DamagedRecordError | None) -> ForeignRecord:
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(content), parse_http=False)), None)
    except OSError as error:
        return ForeignRecord(offset, number, None, damage or DamagedRecordError("torn-record", str(error)))
    if record is None:
        return ForeignRecord(offset, number, None, damage or DamagedRecordError("torn-record", "there is no record"))
    record.freeze()
    return ForeignRecord(offset, number, record, damage)


def spans(start: int, size: int, length: int) -> Iterator[tuple[int, int]]:
    """Split `start`…`size` into ranges of `length` bytes."""
    for begin in range(start, size, length):
        yield begin, min(begin + length, size)
