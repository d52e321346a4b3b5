"""A cell of a table that never closes costs its own row, which is named, and no row behind it."""

from __future__ import annotations

import io
import time

import pytest

from archive.records import Rejected
from ingest import table_lines
from ingest.export_lines import ExportLine
from ingest.export_lines import table_lines as read_table

HEAD = b"url,title,body\n"
ROW = b"https://koran.test/%d,Judul,Isi berita\n"
OPEN = b'https://koran.test/0,Judul,"Isi tanpa akhir\n'


def rows(content: bytes) -> list[ExportLine]:
    return list(read_table(io.BufferedReader(io.BytesIO(content))))


def rejected(lines: list[ExportLine]) -> dict[int, str]:
    """The reasons of the rows that cannot be read, by line."""
    return {line.number: str(line.row) for line in lines if isinstance(line.row, Rejected)}


def test_the_rows_behind_an_open_cell_are_read() -> None:
    found = rows(HEAD + ROW % 1 + OPEN + b"".join(ROW % number for number in range(2, 500)))
    assert rejected(found) == {
        3: "bad-row: a quotation mark in line 3 is never closed: its cell goes on to the end of the file, line 501"
    }
    good = [line for line in found if not isinstance(line.row, Rejected)]
    assert [(line.number, line.last) for line in good] == [(2, 2), *((number, number) for number in range(4, 502))]


def test_an_open_cell_ends_at_the_length_of_the_longest_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_lines, "LONGEST_RECORD", 1_000)
    found = rows(HEAD + OPEN + b"".join(ROW % number for number in range(100)) + b'https://koran.test/1,Judul,"Isi"\n')
    assert list(rejected(found)) == [2]
    assert "goes on for more than 1,000 characters, to line 27" in rejected(found)[2]
    assert len(found) == 102


def test_cells_of_many_lines_are_no_open_cells() -> None:
    found = rows(HEAD + b'https://koran.test/1,Judul,"Satu\n\nDua ""kutip""\n"\n' + ROW % 2)
    assert rejected(found) == {}
    assert [(line.number, line.last) for line in found] == [(2, 5), (6, 6)]


def test_a_table_in_which_every_line_opens_a_cell_is_read_in_a_moment() -> None:
    """Each of 50,000 lines closes the cell before it and opens another. All but the first few are skipped, by name."""
    began = time.process_time()
    found = rows(HEAD + b'x","y\n' * 50_000)
    assert time.process_time() - began < 5
    assert len(found) == table_lines.MOST_REWINDS + 1
    assert f"Lines 22 to 50001 were skipped, because {table_lines.MOST_REWINDS} rows before" in str(found[-1].row)
    assert found[-1].last == 50_001


def test_a_line_that_is_too_long_is_a_row_that_is_named() -> None:
    found = rows(HEAD + b'https://koran.test/1,Judul,"' + b"x" * (17 << 20) + b'"\n' + ROW % 2)
    assert rejected(found) == {2: "too-large: line 2 is longer than 16,777,216 bytes, in the row of line 2"}
    assert [line.number for line in found] == [2, 3]
