"""Files of exports: torn, empty, in unusual encodings, with endless lines."""

from __future__ import annotations

import gzip
import json
import random
import re
from functools import partial
from pathlib import Path

import pytest

from archive.database import Archive
from ingest import export_lines as rows_module
from ingest.export_file import columns_of
from ingest.export_lines import NotAnExportError
from tests.support.importing import COLUMNS, ROW, Importer, import_one, jsonl, table


@pytest.fixture
def importing(archive: Archive) -> Importer:
    """Import one file under a run of its own."""
    return partial(import_one, archive)


def test_the_whole_rows_of_a_torn_export_are_read_and_the_report_says_where_it_is_torn(
    importing: Importer,
    tmp_path: Path,
) -> None:
    path = jsonl(tmp_path / "x.jsonl.gz", [ROW | {"url": f"{ROW['url']}-{n}", "note": str(n) * 50} for n in range(400)])
    columns = columns_of(path, {})
    path.write_bytes(path.read_bytes()[:-200])
    report = importing(path, columns=columns)
    assert report.state == "failed"
    torn = re.search(r"torn or damaged after line (\d+)", report.needs_attention or "")
    assert torn
    assert report.counts["stored"] == int(torn[1]) >= 300


def test_an_export_torn_among_its_first_rows_gives_the_rows_before(importing: Importer, tmp_path: Path) -> None:
    rows = [ROW | {"url": f"{ROW['url']}-{n}", "note": str(random.Random(n).random()) * 9} for n in range(20)]
    path = jsonl(tmp_path / "x.jsonl.gz", rows)
    path.write_bytes(path.read_bytes()[:-200])
    report = importing(path, columns=columns_of(path, {}))
    assert (report.state, report.counts["stored"] > 5) == ("failed", True)


def test_a_line_of_a_hundred_megabytes_is_skipped(
    importing: Importer,
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(json.dumps(ROW).encode() + b"\n" + b'{"title": "')
        for _ in range(100):
            file.write(bytes(1 << 20))
        file.write(b'"}\n' + json.dumps(ROW | {"url": ROW["url"] + "-2"}).encode())
    assert importing(path, columns=COLUMNS).counts == {"stored": 2, "rejected:too-large": 1}


def test_a_file_without_a_row_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("bukan\n")
    with pytest.raises(NotAnExportError, match="none of its first rows is a JSON object"):
        columns_of(path, {})
    path = tmp_path / "x.csv"
    path.touch()
    with pytest.raises(NotAnExportError, match="no header"):
        columns_of(path, {})


@pytest.mark.parametrize("name", ["X.CSV", "X.CSV.GZ", "X.JSONL.GZ", "x.csv.jsonl"])
def test_the_ending_of_the_name_decides_the_format_in_any_case(name: str, importing: Importer, tmp_path: Path) -> None:
    path = tmp_path / name
    content = (table([ROW]) if name.startswith("X.CSV") else json.dumps(ROW)).encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".GZ") else content)
    assert importing(path, columns=columns_of(path, {})).counts == {"stored": 1}


def test_the_report_names_the_first_rows_without_article_in_order(importing: Importer, tmp_path: Path) -> None:
    """Twenty at most, so that an export can be corrected."""
    path = jsonl(tmp_path / "x.jsonl", [ROW, *(["bukan"] * 30)])
    report = importing(path, columns=COLUMNS)
    assert [each.address for each in report.problems] == [f"x.jsonl, line {number}" for number in range(2, 22)]
    assert "it is not JSON" in (report.problems[0].detail or "")


def test_a_row_that_swallows_others_by_an_open_quotation_mark_says_so(importing: Importer, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('url,title,body\nhttps://a.example/1,"Judul,isi\nhttps://a.example/2,Judul",isi,lagi\n')
    (problem,) = importing(path, columns=columns_of(path, {})).problems
    assert problem.outcome == "rejected:uneven-row"
    assert problem.detail == "it has 4 values for 3 columns, and goes on to line 3: a quotation mark may be missing"


def test_a_row_with_a_quotation_mark_that_is_never_closed_is_named_and_the_next_is_read(
    importing: Importer, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text('url,title,body\nhttps://a.example/1,"Judul,isi\nhttps://a.example/2,Judul,isi\n')
    first, second = importing(path, columns=columns_of(path, {})).problems
    assert (first.address, first.outcome) == ("x.csv, line 2", "rejected:bad-row")
    assert "a quotation mark in line 2 is never closed" in (first.detail or "")
    assert (second.address, second.outcome) == ("x.csv, line 3", "rejected:no-date")


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.warc", "x.warc.gz"])
def test_a_file_without_any_record_needs_attention(name: str, importing: Importer, tmp_path: Path) -> None:
    """A failed download leaves an empty file, and a successful import of nothing would hide that."""
    path = tmp_path / name
    path.write_text("title,body\n" if name == "x.csv" else "")
    assert importing(path, columns=COLUMNS).needs_attention == f"{path}: there is no record in it."
    assert importing(path, columns=COLUMNS).needs_attention == f"{path}: there is no record in it."


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.jsonl.gz", "x.csv.gz"])
def test_an_export_in_utf_16_is_read_and_a_torn_one_is_reported(name: str, importing: Importer, tmp_path: Path) -> None:
    """Windows shells redirect output in UTF-16, and spreadsheets save "Unicode text" in it."""
    rows = [ROW | {"url": f"{ROW['url']}-{n}", "note": str(random.Random(n).random())} for n in range(9)]
    text = table(rows) if ".csv" in name else "".join(json.dumps(row) + "\r\n" for row in rows)
    content = text.encode("utf-16")
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert importing(path, columns=columns_of(path, {})).counts == {"stored": 9}
    if name.endswith(".gz"):
        path.write_bytes(path.read_bytes()[:-200])
        assert "torn or damaged" in (importing(path, columns=COLUMNS).needs_attention or "")


def test_an_endless_line_of_utf_16_is_skipped_and_the_others_are_read(
    importing: Importer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "LONGEST_ROW", 1_000_000)
    path = tmp_path / "x.jsonl"
    lines = [json.dumps(ROW), "x" * 3_000_000, json.dumps(ROW | {"url": f"{ROW['url']}-2"}), "y" * 1_500_000]
    path.write_bytes("\n".join(lines).encode("utf-16"))
    assert importing(path, columns=COLUMNS).counts == {"stored": 2, "rejected:too-large": 2}
