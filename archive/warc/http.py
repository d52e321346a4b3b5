"""The HTTP response in a WARC record's block, as any tool writes it: HTTP/1 to 3, chunked or not, coded or not.

Tools decode a page and leave the headers that say how it was coded, or drop those headers and leave it coded. So the
bytes decide: a coding is undone where they have it.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass

from fastwarc.warc import ArchiveIterator

from archive.warc.framing import DamagedRecordError

_STATUS = re.compile(rb"(?:HTTP/\d(?:\.\d)?|ICY)[ \t]{1,9}(\d{3})(?!\d)")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LARGEST_HEAD = 1 << 18
_CHUNK_SIZE = re.compile(rb"[ \t]{0,8}([0-9a-fA-F]{1,8})[ \t]{0,8}(?:;[^\r\n]{0,300})?\r?\n")
_GZIP = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """The HTTP response in a record; `content` is decoded from chunks, gzip, deflate and brotli."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class _Message:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def values(self, name: str) -> list[str]:
        """The comma-separated values of a header, in lower case."""
        lines = (value for each, value in self.headers if each.lower() == name)
        return [value.strip().lower() for line in lines for value in line.split(",") if value.strip()]


def has_head(block: bytes) -> bool:
    """Whether a block begins with the head of an HTTP response."""
    return _STATUS.match(block) is not None


def read_response(block: bytes, limit: int) -> RecordedResponse:
    """The response, with at most `limit` + 1 bytes of its content. Raises DamagedRecordError."""
    message = _message(block)
    body = _without_chunks(message)
    for coding in reversed(message.values("content-encoding")):
        body = _without_coding(body, coding, limit)
    if body.startswith(_GZIP) and not message.values("content-encoding"):
        body = _inflated(body, limit)
    return RecordedResponse(message.status, message.headers, body[: limit + 1])


def payloads(block: bytes) -> tuple[bytes, ...]:
    """What a payload digest may be of: the standard means the payload as sent, several writers leave out its chunks."""
    message = _message(block)
    try:
        return (message.body, _without_chunks(message))
    except DamagedRecordError:
        return (message.body,)


def _message(block: bytes) -> _Message:
    status = _STATUS.match(block)
    if status is None:
        raise DamagedRecordError("no-http-head", "the record does not begin with the headers of an HTTP response")
    blank = _BLANK_LINE.search(block, 0, _LARGEST_HEAD)
    head, body = (block[: blank.start()], block[blank.end() :]) if blank else (block, b"")
    pairs = (line.partition(":") for line in head.decode("latin-1").splitlines()[1:])
    headers = tuple((name.strip(), value.strip()) for name, sign, value in pairs if sign)
    return _Message(int(status[1]), headers, body)


def _without_chunks(message: _Message) -> bytes:
    """The body without its chunks; as it is if the tool has removed them already."""
    body = message.body
    if "chunked" not in message.values("transfer-encoding") or not _CHUNK_SIZE.match(body):
        return body
    pieces = []
    at = 0
    while size := _CHUNK_SIZE.match(body, at):
        length = int(size[1], 16)
        piece = body[size.end() : size.end() + length]
        pieces.append(piece)
        if not length:
            return b"".join(pieces)
        at = size.end() + length
        at += len(b"\r\n") if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
        if len(piece) < length or (at < len(body) and not _CHUNK_SIZE.match(body, at)):
            raise DamagedRecordError("undecodable", f"its chunks are torn after {sum(map(len, pieces)):,} bytes")
    raise DamagedRecordError("undecodable", f"its last chunk is missing, after {sum(map(len, pieces)):,} bytes")


def _without_coding(body: bytes, coding: str, limit: int) -> bytes:
    if coding in ("gzip", "x-gzip", "deflate") and not _is_text(body):
        return _inflated(body, limit)
    if coding not in ("br", "zstd") or _is_text(body):  # "identity", "utf-8" and other mistakes
        return body
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    decoded = _decoded_by_fastwarc(head + body, limit)
    if not decoded or decoded == body:
        raise DamagedRecordError("undecodable", f"its Content-Encoding {coding} cannot be decoded")
    return decoded


def _is_text(body: bytes) -> bool:
    """Whether a body is HTML or XML that the tool has decoded already."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _decoded_by_fastwarc(block: bytes, limit: int) -> bytes:
    head = "WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
    stream = io.BytesIO(f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n")
    try:
        return next(iter(ArchiveIterator(stream, parse_http=True, auto_decode="all"))).reader.read(limit + 1)
    except OSError as error:
        raise DamagedRecordError("undecodable", f"its Content-Encoding cannot be decoded: {error}") from error


def _inflated(body: bytes, limit: int) -> bytes:
    """The bytes of gzip or deflate, with zlib's header or without, and of several gzip members."""
    window = zlib.MAX_WBITS | 16 if body.startswith(_GZIP[:2]) else zlib.MAX_WBITS
    try:
        return _inflated_by(window, body, limit)
    except zlib.error as error:
        if window == zlib.MAX_WBITS:
            try:
                return _inflated_by(-zlib.MAX_WBITS, body, limit)
            except zlib.error:
                pass
        raise DamagedRecordError("undecodable", f"its Content-Encoding cannot be decoded: {error}") from error


def _inflated_by(window: int, body: bytes, limit: int) -> bytes:
    content = b""
    while body:
        inflater = zlib.decompressobj(window)
        content += inflater.decompress(body, limit + 1 - len(content))
        if len(content) > limit:
            return content
        if not inflater.eof and not content.rstrip().lower().endswith(b"</html>"):
            raise DamagedRecordError("undecodable", f"its compressed content is torn after {len(content):,} bytes")
        body = inflater.unused_data if inflater.unused_data.startswith(_GZIP) else b""
    return content
