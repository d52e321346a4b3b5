"""Standard streams that can be written to, however the process was started.

A name or an ellipsis must end no crawl because the locale's encoding lacks it, and a stream that is closed must not
become the number of a file that is opened later: what is printed would be written into the archive.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from typing import Any

PLAIN = {
    "…": "...",
    "–": "-",
    "—": "-",
    "‑": "-",
    "→": "->",
    "·": "-",
    "•": "-",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "‘": "'",
    "’": "'",
    "\N{NO-BREAK SPACE}": " ",
}
"""What is printed for a sign that the encoding lacks; "?" for every other."""
_HANDLER = "kliping.plain"


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def prepare() -> None:
    """Open the streams that are closed, and let the others print a plain sign for one that their encoding lacks."""
    codecs.register_error(_HANDLER, _plain)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number else os.O_RDONLY)  # gets the lowest free number: this one
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  open as long as the process
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    _reconfigure(sys.stdin, errors="replace")
    for stream in (sys.stdout, sys.stderr):
        _reconfigure(stream, errors=_HANDLER)


def print_in_utf8() -> None:
    """Let standard output be UTF-8, whatever the locale: for what programs read."""
    _reconfigure(sys.stdout, encoding="utf-8", errors="surrogateescape")


def _reconfigure(stream: Any, **changes: str) -> None:
    if reconfigure := getattr(stream, "reconfigure", None):  # a test's stream may be of another kind
        reconfigure(**changes)


class _LastingFile(io.FileIO):
    """A standard stream that takes what nobody reads any more, or what no longer fits on the disk."""

    lost: OSError | None = None
    """The first error of any stream that was not a reader who had read enough."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EPIPE:
                _LastingFile.lost = _LastingFile.lost or error
            _to_nowhere(self.fileno())
            return len(data)


def outlast_readers() -> None:
    """Let work go on when what it prints cannot be written: `kliping crawl | head` indexes what it has crawled."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        if not isinstance(stream, io.TextIOWrapper) or isinstance(getattr(stream.buffer, "raw", None), _LastingFile):
            continue
        try:
            if stream.fileno() != number:
                continue  # a test's
            stream.flush()
        except (OSError, ValueError):
            continue
        lasting = io.TextIOWrapper(
            io.BufferedWriter(_LastingFile(number, "w", closefd=False)),
            encoding=stream.encoding,
            errors=stream.errors,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
        setattr(sys, name, lasting)


def lost_output() -> OSError | None:
    """Why something that was printed could not be written, since `outlast_readers`; None if only nobody read it."""
    return _LastingFile.lost


def abandon_stdout() -> None:
    """Let nothing more be written to standard output: the interpreter flushes it once more at its end."""
    _to_nowhere(1)


def _to_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
