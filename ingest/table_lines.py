"""The lines of a table, given to the CSV reader one record at a time, so that a cell that never closes is found.

A quotation mark that is opened and not closed would take in all rows behind it: the reader would be busy for minutes,
and a file of less than LONGEST_RECORD would end in one row. Such a record ends at its first line, and the lines behind
it are read again as rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from archive.records import Rejected

LONGEST_RECORD = 16 << 20
"""Characters of one record, all its lines together. A longer row is no article."""
MOST_REWINDS = 20
"""Records that never close and whose lines are read again. In a file with more, such a record takes its lines with
it: reading a megabyte again behind each of a million lines would take days."""


class RecordNeverEndsError(Exception):
    """The record that the reader is reading goes on without an end. `rejected` says why, in a sentence."""

    def __init__(self, rejected: Rejected) -> None:
        super().__init__(str(rejected))
        self.rejected = rejected


class TableLines:
    """An iterator over lines for `csv.reader`. `lines` has None for a line that is too long to be read.

    Call `begin_record` before each record. Iterating raises RecordNeverEndsError within a record that does not end, and
    StopIteration before one that does not begin.
    """

    def __init__(self, lines: Iterator[str | None], consumed: int) -> None:
        self._lines = lines
        self._again: deque[str | None] = deque()
        self._record: list[str | None] = []
        self._size = 0
        self._rewinds = 0
        self.number = consumed
        """The number of the last line that was given, counted from 1."""

    def __iter__(self) -> Iterator[str]:
        return self

    def begin_record(self) -> None:
        """The reader has finished a record."""
        self._record, self._size = [], 0

    def __next__(self) -> str:
        try:
            line = self._again.popleft() if self._again else next(self._lines)
        except StopIteration:
            if self._record:
                self._give_up(f"to the end of the file, line {self.number}")
            raise
        self.number += 1
        self._record.append(line)
        if line is None:
            first = self.number - len(self._record) + 1
            detail = f"line {self.number} is longer than {LONGEST_RECORD:,} bytes, in the row of line {first}"
            raise RecordNeverEndsError(Rejected("too-large", detail))
        self._size += len(line)
        if self._size > LONGEST_RECORD:
            self._give_up(f"for more than {LONGEST_RECORD:,} characters, to line {self.number}")
        return line

    def _give_up(self, how_far: str) -> None:
        """Take back all lines of the record but its first one. Raises RecordNeverEndsError."""
        first = self.number - len(self._record) + 1
        self._rewinds += 1
        detail = f"a quotation mark in line {first} is never closed: its cell goes on {how_far}"
        if self._rewinds <= MOST_REWINDS:
            self._again.extendleft(reversed(self._record[1:]))
            self.number = first
        else:
            detail += f". Lines {first} to {self.number} were skipped, because {MOST_REWINDS} rows before were like it"
        raise RecordNeverEndsError(Rejected("bad-row", detail))
