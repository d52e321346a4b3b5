"""Overwrites records of our own WARC files, so that nothing of them is left and every other record stays where it is.

A record becomes a gzip member of the same length that says only that something was removed: empty blocks (RFC 1951,
3.2.4) and a comment of a few letters in the header (RFC 1952, 2.3) fill the rest. So no offset changes, and no row of
the database has to.
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Collection, Iterable
from itertools import groupby
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from archive.disk import sync_folder
from archive.warc.pages import StoredRecord

_HEAD = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff"
"""A gzip header without a time, with a comment."""
_EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
_LAST_BLOCK = b"\x03\x00"
_TEMPORARY = ".erasing"


def erase(folder: Path, records: Iterable[StoredRecord], in_use: Collection[str] = ()) -> None:
    """Overwrite records, and force that to disk. Killed, it has to be done again. Raises OSError.

    A file of which a backup has a link is replaced by a copy, so that the backup stays what it was. One that is
    `in_use` (by name) is not: its writer appends to it.
    """
    for name, of_file in groupby(sorted(records, key=lambda each: (each.file, each.offset)), lambda each: each.file):
        path = folder / name
        if not path.exists():
            continue
        if path.stat().st_nlink > 1 and name not in in_use:
            temporary = path.with_name(f".{name}{_TEMPORARY}")
            shutil.copyfile(path, temporary)
            _overwrite(temporary, list(of_file))
            temporary.replace(path)
        else:
            _overwrite(path, list(of_file))
        sync_folder(folder)


def remove_unfinished(folder: Path) -> None:
    """Remove the copies that an erasure left which was cut off."""
    for path in folder.glob(f".*{_TEMPORARY}"):
        path.unlink(missing_ok=True)


def _overwrite(path: Path, records: Iterable[StoredRecord]) -> None:
    with path.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        for each in records:
            if each.offset + each.length <= size:
                file.seek(each.offset)
                file.write(filler(each.length, f"{each.file}:{each.offset}"))
            elif each.offset < size:  # the file is cut off inside the record
                file.truncate(each.offset)
        file.flush()
        os.fsync(file.fileno())


def filler(length: int, place: str) -> bytes:
    """A gzip member of so many bytes with a record that says that another one was removed from this place.

    One that is too short for a record has none.
    """
    record = (
        "WARC/1.1\r\nWARC-Type: metadata\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, place)}>\r\n"
        "WARC-Date: 1970-01-01T00:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nremoved\n\r\n\r\n"
    ).encode()
    return _member(record, length) or _member(b"", length) or b"\0" * length


def _member(content: bytes, length: int) -> bytes | None:
    """A gzip member of exactly this length; None if the content needs more."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflater.compress(content) + deflater.flush(zlib.Z_FULL_FLUSH)  # ends at a whole byte
    tail = _LAST_BLOCK + zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    blocks, letters = divmod(length - len(_HEAD) - 1 - len(body) - len(tail), len(_EMPTY_BLOCK))
    if blocks < 0:
        return None
    return b"".join((_HEAD, b"-" * letters, b"\0", body, _EMPTY_BLOCK * blocks, tail))
