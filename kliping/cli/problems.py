"""What the system reports about files and disks, in one sentence with the next step."""

from __future__ import annotations

import errno
import os
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

_ADVICE = {
    errno.ENOSPC: "the disk is full. Make room, then run this command again",
    errno.EDQUOT: "your share of the disk is full. Make room, then run this command again",
    errno.EFBIG: "the file may not become larger. Raise the limit (ulimit -f), then run this command again",
    errno.EROFS: "the disk is read-only. Choose another folder, or make the disk writable",
    errno.EACCES: "this user may not do that. Give this user the right to it",
    errno.EPERM: "this user may not do that. Give this user the right to it",
    errno.EMFILE: "too many files are open. Raise the limit (ulimit -n), then run this command again",
    errno.ENFILE: "the machine has too many open files. Close some programs, then run this command again",
    errno.ENOMEM: "there is not enough memory. Close some programs, then run this command again",
    errno.EIO: "the disk cannot be read or written. Look at the system's log",
}


def in_words(error: OSError) -> str:
    """What happened, where, and what to do."""
    path = Path(str(error.filename)) if error.filename is not None else None
    if isinstance(error, FileExistsError | NotADirectoryError) and path is not None:
        file = next((each for each in (path, *path.parents) if each.is_file()), path)
        return f"{file} is a file where a folder is needed. Move it away, then run this command again."
    if isinstance(error, IsADirectoryError) and path is not None:
        return f"{path} is a folder where a file is needed. Move it away, then run this command again."
    what = _ADVICE.get(error.errno or 0, (error.strerror or str(error) or type(error).__name__).rstrip("."))
    return f"{path}: {what}." if path is not None else f"{what[:1].upper()}{what[1:]}."


def bug_in_words(error: Exception) -> str:
    """An error of our own, and the file to which its traceback was written."""
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".rstrip(": .")
    try:
        file = Path(tempfile.gettempdir()) / f"kliping-error-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
        text = "".join(traceback.format_exception(error))
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return f"An error of our own: {what}. Please report it."
    return f"An error of our own: {what}. Please report it with {file}, which says where it happened."
