"""Exports of a search: the files of `kliping archive export`, complete or not at all."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from archive.export.files import FORMATS
from tests.support.reading_room import run
from web import exporting


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_has_the_bytes_of_the_command_s(
    browser: TestClient, demo_home: Path, tmp_path: Path, form: str
) -> None:
    answer = browser.get("/export", params={"q": "Prancis OR gempa", "sort": "newest", "format": form})
    assert answer.status_code == 200
    file = tmp_path / "export"
    run(demo_home, "archive", "export", "Prancis OR gempa", "-o", str(file), "--format", form)
    assert answer.content == file.read_bytes()
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["content-disposition"].startswith('attachment; filename="kliping-prancis-or-gempa.')
    stamp = json.loads(file.with_name("export.stamp.json").read_text())["stamp"]
    assert answer.headers["x-kliping-stamp"] == stamp


def test_filters_count_in_an_export_and_everything_can_be_exported(browser: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(browser.get("/export?photo=Reuters").text.removeprefix("\ufeff"))))
    assert rows
    assert all("reuters" in row["photo_credits"].lower() for row in rows)
    everything = browser.get("/export?format=jsonl").text.splitlines()
    assert len(everything) > len(rows)


def test_a_bad_export_is_a_page_and_no_file(browser: TestClient) -> None:
    for path in ("/export?format=exe", "/export?q=gempa+%22", "/export?after=kemarin"):
        answer = browser.get(path)
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")


def test_more_exports_than_two_at_once_wait(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(exporting.MOST_AT_ONCE):
        assert exporting._running.acquire(blocking=False)
    try:
        answer = browser.get("/export?format=csv")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    finally:
        for _ in range(exporting.MOST_AT_ONCE):
            exporting._running.release()
    assert browser.get("/export?format=csv").status_code == 200


def test_no_file_is_left_behind(browser: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    for form in ("csv", "warc", "exe"):
        browser.get("/export", params={"q": "gempa", "format": form})
    assert list(folder.iterdir()) == []
