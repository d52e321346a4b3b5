"""Tables, JSON, JSON Lines and CSV as the commands print them."""

from __future__ import annotations

import csv
import json

import pytest
import typer

from kliping.cli import output
from kliping.cli.output import Column, OutputFormat

RECORDS = [
    {"source": "antara", "on": True, "verdict": None, "tags": ["a", "b"], "title": 'Kata "Antara", kita'},
    {"source": "tempo", "on": False, "verdict": "good", "tags": [], "title": "Tempo\nbaru"},
]


def test_a_table_in_a_pipe_keeps_each_row_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns are as wide as their widest cell, however long; None is empty; lines end without blanks."""
    output.print_table(
        ("source", Column("articles", right=True), "why"), [("antara", 5, None), ("tempo", 1234, "w" * 200)]
    )
    assert capsys.readouterr().out.splitlines() == [
        "source  articles  why",
        "antara         5",
        "tempo       1234  " + "w" * 200,
    ]


def test_the_lines_of_a_cell_stay_in_its_column(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("", ""), [("index", "3 changes behind\n→ kliping index follow"), ("disk", "ok")], header=False)
    assert capsys.readouterr().out == "index  3 changes behind\n       → kliping index follow\ndisk   ok\n"


def test_fields_leave_out_what_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_fields({"alias": "news", "index": None, "documents": 0})
    assert capsys.readouterr().out == "alias      news\ndocuments  0\n"


def test_json_and_jsonl_print_the_same_records(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_records(OutputFormat.JSON, RECORDS)
    assert json.loads(capsys.readouterr().out) == RECORDS
    output.print_records(OutputFormat.JSONL, RECORDS)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == RECORDS


def test_csv_has_a_header_and_nested_values_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_records(OutputFormat.CSV, RECORDS)
    first, second = csv.DictReader(capsys.readouterr().out.splitlines(keepends=True))
    assert (first["on"], first["verdict"], json.loads(first["tags"])) == ("true", "", ["a", "b"])
    assert (first["title"], second["title"]) == ('Kata "Antara", kita', "Tempo\nbaru")


def test_no_records_are_an_empty_list_or_no_lines(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_records(OutputFormat.JSON, [])
    assert json.loads(capsys.readouterr().out) == []
    for form in (OutputFormat.JSONL, OutputFormat.CSV):
        output.print_records(form, [])
        assert capsys.readouterr().out == ""


def test_two_formats_exclude_each_other() -> None:
    assert OutputFormat.chosen(json=False, jsonl=False, csv=False) is OutputFormat.TABLE
    assert OutputFormat.chosen(json=False, jsonl=True, csv=False) is OutputFormat.JSONL
    with pytest.raises(typer.BadParameter, match="--json and --csv exclude each other"):
        OutputFormat.chosen(json=True, jsonl=False, csv=True)
