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
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from fastwarc.warc import ArchiveIterator, WarcRecord

LARGEST_RECORD = 24 * 1024 * 1024
"""The most bytes of a record that are held in memory. A larger one is skipped; no page that we read is so large."""

_GZIP = b"\x1f\x8b\x08"
_WARC = b"WARC/"
_CHUNK = 1 << 20
_HEAD = 1 << 16
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d{1,15})\s*$", re.IGNORECASE | re.MULTILINE)
_HTTP = "application/http; msgtype=response"
_DIGESTS = {"sha1", "sha256", "sha512", "md5"}


class NotAWarcFileError(Exception):
    """The file is not a WARC file; the message is a sentence that says why."""


class DamagedRecordError(Exception):
    """A record is damaged. `name` is the counted reason; the message gives the detail."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """The HTTP response in a record; `content` is decoded from chunks, gzip, deflate and brotli."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


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
        """WARC-Date, aware; None if it is missing or not a date."""
        return self._record.record_date if self._record else None

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
        """The HTTP response, with at most `limit` + 1 bytes of its content. Raises DamagedRecordError."""
        block = self.block()
        plain = _parsed(block, "none")
        status = plain.http_headers.status_code if plain.http_headers is not None else None
        if status is None:
            raise DamagedRecordError("no-http-head", "the record does not begin with the headers of an HTTP response")
        headers = tuple((str(name), str(value)) for name, value in plain.http_headers.to_tuples())
        if not self.header("WARC-Block-Digest") and (declared := self.header("WARC-Payload-Digest")):
            _verify_payload(declared, block)
        return RecordedResponse(status, headers, _decoded(block, limit))


def _parsed(block: bytes, decode: Literal["none", "transfer", "all"]) -> WarcRecord:
    head = f"WARC/1.1\r\nWARC-Type: response\r\nContent-Type: {_HTTP}\r\nContent-Length: {len(block)}\r\n\r\n"
    stream = io.BytesIO(head.encode() + block + b"\r\n\r\n")
    return next(iter(ArchiveIterator(stream, parse_http=True, auto_decode=decode)))


def _verify_payload(declared: str, block: bytes) -> None:
    # The standard means the payload as sent; several writers compute the digest without its chunks
    if digest_matches(declared, _parsed(block, "none").reader.read()):
        return
    try:
        unchunked = _parsed(block, "transfer").reader.read()
    except OSError:
        unchunked = b""
    if not unchunked or not digest_matches(declared, unchunked):
        raise DamagedRecordError("wrong-digest", f"the payload does not match {declared}")


def _decoded(block: bytes, limit: int) -> bytes:
    try:
        return _parsed(block, "all").reader.read(limit + 1)
    except OSError as error:
        content = _parsed(block, "none").reader.read()
        if content.lstrip()[:1] == b"<":  # the tool had decoded it already, but left the header
            return content[: limit + 1]
        raise DamagedRecordError("undecodable", f"its Content-Encoding cannot be decoded: {error}") from error


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
        """The first offset from `at` on where a record seems to begin; the file's size if there is none."""
        mark = _GZIP if self._gzipped else b"\r\n\r\n" + _WARC
        offset_in_mark = 0 if self._gzipped else 4
        at = max(0, at - offset_in_mark)
        while at < self.size:
            self._file.seek(at)
            chunk = self._file.read(_CHUNK)
            found = chunk.find(mark)
            while found >= 0:
                if self._begins_at(at + found + offset_in_mark):
                    return at + found + offset_in_mark
                found = chunk.find(mark, found + 1)
            if len(chunk) <= len(mark):
                break
            at += len(chunk) - len(mark) + 1
        return self.size

    def records_at(self, offset: int) -> tuple[list[ForeignRecord], int]:
        """The records at an offset, and the offset of the next one.

        Usually one record, as the format advises; several if one gzip member contains several. Raises
        NotAWarcFileError for a file that was compressed as a whole and is too large for memory.
        """
        content, end, damage = self._gzip_member(offset) if self._gzipped else self._uncompressed(offset)
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
            ForeignRecord(offset, 0, None, damage or DamagedRecordError("torn-record", "there is no record"))
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

    def _uncompressed(self, offset: int) -> tuple[bytes, int, DamagedRecordError | None]:
        """The bytes of a record in a file without compression, and the offset of the next."""
        self._file.seek(offset)
        head, blank, _ = self._file.read(_HEAD).partition(b"\r\n\r\n")
        length = _LENGTH.search(head.replace(b"\r\n", b"\n"))
        if not blank or not length:
            return self._torn(head, offset, "its header has no end or no Content-Length")
        end = offset + len(head) + 4 + int(length[1]) + 4
        if end > self.size + 4:
            return self._torn(head + blank, offset, "the file ends inside the record")
        if end < self.size and not self._begins_at(end):
            return self._torn(head + blank, offset, "its Content-Length is wrong")
        self._file.seek(offset)
        content = self._file.read(min(end - offset, LARGEST_RECORD))
        damage = DamagedRecordError("too-large", f"{end - offset:,} bytes") if end - offset > LARGEST_RECORD else None
        return content, min(end, self.size), damage

    def _torn(self, content: bytes, offset: int, detail: str) -> tuple[bytes, int, DamagedRecordError]:
        return content, self.boundary(offset + 1), DamagedRecordError("torn-record", detail)


def spans(start: int, size: int, length: int) -> Iterator[tuple[int, int]]:
    """Split `start`…`size` into ranges of `length` bytes."""
    for begin in range(start, size, length):
        yield begin, min(begin + length, size)
