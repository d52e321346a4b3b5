"""Anybody's WARC files, read in spans: each record is found or its damage is named, and the next one is read.

A span is a range of bytes of the file; it holds the records that begin in it. Spans of one file can be read in
different processes, because where records begin can be seen: each is a gzip member of its own, or follows a blank line.
What looks like such a place inside a record (an archived archive) is found out by whoever joins the spans: each begins
where the one before it ended, or is read again from there.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from fastwarc.warc import ArchiveIterator, WarcRecord

LARGEST_RECORD = 24 * 1024 * 1024
"""Bytes of a record that are held in memory. A larger one is passed over; no page that we read is so large."""

_GZIP = b"\x1f\x8b\x08"
_WARC = b"WARC/"
_CHUNK = 1 << 20
_HEAD = 1 << 16
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d{1,15})\s*$", re.IGNORECASE | re.MULTILINE)
_HTTP = "application/http; msgtype=response"
_DIGESTS = {"sha1", "sha256", "sha512", "md5"}


class NotAWarcFileError(Exception):
    """A file that is not read as WARC at all; the message is a sentence that says why."""


class DamagedRecordError(Exception):
    """A record that cannot be trusted. `name` is counted; the message says more."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """An HTTP answer as a record keeps it; `content` is freed of chunks and of gzip, deflate and brotli."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


class ForeignRecord:
    """One record: its heads at once, what it holds only when asked."""

    def __init__(self, offset: int, number: int, record: WarcRecord | None, damage: DamagedRecordError | None) -> None:
        self.offset = offset
        self.number = number
        self.damage = damage
        self._record = record

    @property
    def place(self) -> str:
        """Where it is in its file: the offset of its gzip member, and its number there unless it stands alone."""
        return f"{self.offset}.{self.number}" if self.number else str(self.offset)

    @property
    def type(self) -> str:
        """The WARC-Type in lower case; "unknown" for one that the format does not know."""
        return str(self._record.record_type) if self._record else "unknown"

    @property
    def url(self) -> str | None:
        """WARC-Target-URI; the angle brackets that wget and WARC 1.0's grammar put around it are no part of it."""
        return (self.head("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">") or None

    @property
    def date(self) -> datetime | None:
        """WARC-Date, aware; null where it is missing or none."""
        return self._record.record_date if self._record else None

    def head(self, name: str) -> str | None:
        """One of the record's own headers."""
        return self._record.headers.get(name) if self._record else None

    def block(self) -> bytes:
        """All that the record holds, its digest verified. Raises Damaged."""
        if self.damage or not self._record:
            raise self.damage or DamagedRecordError("torn-record", "the record has no head")
        block = self._record.reader.read()
        if len(block) < self._record.content_length:
            raise DamagedRecordError(
                "torn-record", f"{len(block):,} of {self._record.content_length:,} bytes are there"
            )
        declared = self.head("WARC-Block-Digest")
        if declared and not digest_matches(declared, block):
            raise DamagedRecordError("wrong-digest", f"the content does not match {declared}")
        return block

    def answer(self, limit: int) -> RecordedResponse:
        """The HTTP answer of a response record; no more than `limit` bytes and one of its content. Raises Damaged."""
        block = self.block()
        plain = _parsed(block, "none")
        status = plain.http_headers.status_code if plain.http_headers is not None else None
        if status is None:
            raise DamagedRecordError("no-http-head", "the record does not begin with the head of an HTTP answer")
        headers = tuple((str(name), str(value)) for name, value in plain.http_headers.to_tuples())
        if not self.head("WARC-Block-Digest") and (declared := self.head("WARC-Payload-Digest")):
            _verify_payload(declared, block)
        return RecordedResponse(status, headers, _decoded(block, limit))


def _parsed(block: bytes, decode: Literal["none", "transfer", "all"]) -> WarcRecord:
    head = f"WARC/1.1\r\nWARC-Type: response\r\nContent-Type: {_HTTP}\r\nContent-Length: {len(block)}\r\n\r\n"
    stream = io.BytesIO(head.encode() + block + b"\r\n\r\n")
    return next(iter(ArchiveIterator(stream, parse_http=True, auto_decode=decode)))


def _verify_payload(declared: str, block: bytes) -> None:
    # The standard means the payload as sent; several writers digest it without its chunks
    if digest_matches(declared, _parsed(block, "none").reader.read()):
        return
    try:
        joined = _parsed(block, "transfer").reader.read()
    except OSError:
        joined = b""
    if not joined or not digest_matches(declared, joined):
        raise DamagedRecordError("wrong-digest", f"the payload does not match {declared}")


def _decoded(block: bytes, limit: int) -> bytes:
    try:
        return _parsed(block, "all").reader.read(limit + 1)
    except OSError as error:
        content = _parsed(block, "none").reader.read()
        if content.lstrip()[:1] == b"<":  # the tool that kept it had decoded it already, and left the header
            return content[: limit + 1]
        raise DamagedRecordError("undecodable", f"its coding cannot be undone: {error}") from error


def digest_matches(declared: str, content: bytes) -> bool:
    """Whether "sha1:…" (base32 or hex) is the digest of the content; an algorithm that we lack proves nothing."""
    algorithm, _, value = declared.strip().partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in _DIGESTS:
        return True
    digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
    wanted = value.strip().rstrip("=").lower()
    return wanted in (digest.hex(), base64.b32encode(digest).decode().rstrip("=").lower())


class WarcFile:
    """An open WARC file, plain or with a gzip member for each record."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size
        beginning = self._file.read(len(_WARC))
        self._gzipped = beginning.startswith(_GZIP)
        if self.size and not self._begins_at(0):
            self._file.close()
            raise NotAWarcFileError("the file does not begin with a WARC record")

    def __enter__(self) -> WarcFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def boundary(self, at: int) -> int:
        """The first place from `at` on where a record seems to begin; the file's size where none does."""
        mark = _GZIP if self._gzipped else b"\r\n\r\n" + _WARC
        ahead = 0 if self._gzipped else 4
        at = max(0, at - ahead)
        while at < self.size:
            self._file.seek(at)
            chunk = self._file.read(_CHUNK)
            found = chunk.find(mark)
            while found >= 0:
                if self._begins_at(at + found + ahead):
                    return at + found + ahead
                found = chunk.find(mark, found + 1)
            if len(chunk) <= len(mark):
                break
            at += len(chunk) - len(mark) + 1
        return self.size

    def records_at(self, offset: int) -> tuple[list[ForeignRecord], int]:
        """The records that begin at a place, and where the next one begins.

        One record, as the format advises; several where somebody has put several into one gzip member. Raises
        NotAWarcFileError for a file that was compressed as a whole and is too large to be held.
        """
        content, end, damage = self._member(offset) if self._gzipped else self._plain(offset)
        found: list[ForeignRecord] = []
        try:
            for record in ArchiveIterator(io.BytesIO(content), parse_http=False):
                if found and damage and damage.name == "too-large":
                    raise NotAWarcFileError("the file is compressed as a whole; compress each record by itself")
                record.freeze()
                found.append(ForeignRecord(offset, len(found), record, damage))
                if damage:
                    break
        except OSError as error:
            if not found or not damage:
                found.append(
                    ForeignRecord(offset, len(found), None, damage or DamagedRecordError("torn-record", str(error)))
                )
        return found or [
            ForeignRecord(offset, 0, None, damage or DamagedRecordError("torn-record", "no record is there"))
        ], end

    def _begins_at(self, offset: int) -> bool:
        self._file.seek(offset)
        beginning = self._file.read(1024)
        if not self._gzipped:
            return beginning.startswith(_WARC)
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(beginning, len(_WARC)) == _WARC
        except zlib.error:
            return False

    def _member(self, offset: int) -> tuple[bytes, int, DamagedRecordError | None]:
        """What a gzip member holds (at most LARGEST_RECORD of it), and where the next begins."""
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        content = bytearray()
        size = 0
        self._file.seek(offset)
        end = offset
        try:
            while not inflater.eof:
                chunk = inflater.unconsumed_tail or self._file.read(_HEAD)
                piece = inflater.decompress(chunk, _CHUNK)
                if not chunk and not piece and not inflater.eof:
                    return (
                        bytes(content),
                        self.size,
                        DamagedRecordError("torn-record", "the file ends inside the record"),
                    )
                size += len(piece)
                if len(content) <= LARGEST_RECORD:
                    content += piece
            end = self._file.tell() - len(inflater.unused_data)
        except zlib.error as error:
            damage = DamagedRecordError("torn-record", f"its compression is broken: {error}")
            return bytes(content), self.boundary(offset + 1), damage
        large = size > LARGEST_RECORD
        if end < self.size and not self._begins_at(end):  # what stands between two records is nobody's
            end = self.boundary(end)
        return bytes(content), end, DamagedRecordError("too-large", f"{size:,} bytes") if large else None

    def _plain(self, offset: int) -> tuple[bytes, int, DamagedRecordError | None]:
        self._file.seek(offset)
        head, blank, _ = self._file.read(_HEAD).partition(b"\r\n\r\n")
        length = _LENGTH.search(head.replace(b"\r\n", b"\n"))
        if not blank or not length:
            return (
                head,
                self.boundary(offset + 1),
                DamagedRecordError("torn-record", "its head has no end or no Content-Length"),
            )
        end = offset + len(head) + 4 + int(length[1]) + 4
        if end > self.size + 4:
            return (
                head + blank,
                self.boundary(offset + 1),
                DamagedRecordError("torn-record", "the file ends inside the record"),
            )
        if end < self.size and not self._begins_at(end):
            return (
                head + blank,
                self.boundary(offset + 1),
                DamagedRecordError("torn-record", "its Content-Length is wrong"),
            )
        self._file.seek(offset)
        content = self._file.read(min(end - offset, LARGEST_RECORD))
        large = end - offset > LARGEST_RECORD
        return (
            content,
            min(end, self.size),
            DamagedRecordError("too-large", f"{end - offset:,} bytes") if large else None,
        )


def spans(start: int, size: int, length: int) -> Iterator[tuple[int, int]]:
    """Ranges of `length` bytes from `start` to the file's end."""
    for begin in range(start, size, length):
        yield begin, min(begin + length, size)
