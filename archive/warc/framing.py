"""Where a WARC record begins and ends, in files of any make. The records are given on in the standard's own form.

Tolerated: no blank lines between records, or more than two; lines that end in LF alone; a record without
Content-Length, which ends where the next one begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

LARGEST_RECORD = 24 * 1024 * 1024
"""The most bytes of a record that are held in memory. A larger one is skipped; no page that we read is so large."""

_HEAD = 1 << 16
_CHUNK = 1 << 20
_MARK = re.compile(rb"WARC/\d\.\d{1,2}[ \t]{0,8}\r?\n(?=WARC-|Content-)", re.IGNORECASE)
_LONGEST_MARK = 32
_BETWEEN = 64
"""Bytes of line ends between two records; the standard has four."""
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d{1,15})\s*$", re.IGNORECASE | re.MULTILINE)


class DamagedRecordError(Exception):
    """A record is damaged. `name` is the counted reason; the message gives the detail."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


@dataclass(frozen=True, slots=True)
class Framed:
    """A record in the standard's form, the offset of the next one, and what is wrong with it."""

    content: bytes
    end: int
    damage: DamagedRecordError | None = None


def begins_here(beginning: bytes) -> bool:
    """Whether these bytes are the beginning of a record."""
    return _MARK.match(beginning) is not None


def next_record(file: BinaryIO, at: int, size: int) -> int:
    """The first offset from `at` on where a record seems to begin; `size` if there is none."""
    while at < size:
        file.seek(at)
        chunk = file.read(_CHUNK)
        if found := _MARK.search(chunk):
            return at + found.start()
        if len(chunk) < _CHUNK:
            break
        at += len(chunk) - _LONGEST_MARK
    return size


def record_at(file: BinaryIO, offset: int, size: int) -> Framed:
    """The record that begins at an offset of an uncompressed file of `size` bytes."""
    file.seek(offset)
    beginning = file.read(_HEAD)
    blank = _BLANK_LINE.search(beginning)
    if not blank:
        return _torn(file, offset, size, beginning, "its header has no end")
    head = beginning[: blank.start()].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    begin = offset + blank.end()
    declared = _LENGTH.search(head.replace(b"\r\n", b"\n"))
    if declared is None:
        end = next_record(file, begin, size)
        return _framed(file, head, begin, end, end)
    length = int(declared[1])
    if begin + length > size:
        present = f"{size - begin:,} of {length:,} bytes are there"
        return _torn(file, offset, size, head + b"\r\n\r\n", f"the file ends inside the record: {present}")
    file.seek(begin + length)
    after = file.read(_BETWEEN + _LONGEST_MARK)
    following = after.lstrip(b"\r\n")
    next_at = begin + length + len(after) - len(following)
    if following and not begins_here(following):
        end = next_record(file, begin, size)
        wrong = (
            f"its Content-Length is wrong: it says {length:,} bytes, and the next record begins after {end - begin:,}"
        )
        return _torn(file, offset, size, head + b"\r\n\r\n", wrong)
    return _framed(file, head, begin, begin + length, next_at)


def _framed(file: BinaryIO, head: bytes, begin: int, end: int, next_at: int) -> Framed:
    size = end - begin
    file.seek(begin)
    block = file.read(min(size, LARGEST_RECORD))
    if not _LENGTH.search(head.replace(b"\r\n", b"\n")):
        block = block.removesuffix(b"\r\n\r\n")
        head += b"\r\nContent-Length: %d" % len(block)
    damage = DamagedRecordError("too-large", f"{size:,} bytes") if size > LARGEST_RECORD else None
    return Framed(head + b"\r\n\r\n" + block + b"\r\n\r\n", next_at, damage)


def _torn(file: BinaryIO, offset: int, size: int, content: bytes, detail: str) -> Framed:
    end = next_record(file, offset + 1, size)
    return Framed(content, end, DamagedRecordError("torn-record", detail))
