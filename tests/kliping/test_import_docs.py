"""The commands of docs/import.md run, and print what it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.columns import FIELDS
from tests.support.children import settings
from tests.support.warc_bytes import captured, gzipped, http, record, stories

PAGE = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")


@pytest.mark.processes
def test_the_commands_of_the_page_print_what_it_shows(tmp_path: Path) -> None:
    rows = re.findall(r"^    (\{.*\})$", PAGE, re.MULTILINE)
    (tmp_path / "rows.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    others = [record(f"http://other.example/{number}", http(b"<p>lain</p>")) for number in range(4)]
    missing = record(stories()[7].url, http(b"", status="404 Not Found"))
    records = [*map(captured, stories()[:7]), *others, missing]
    (tmp_path / "CC-NEWS-20261120.warc.gz").write_bytes(gzipped(records))
    environment = settings(tmp_path / "home", {})
    for block in re.findall(r"```\n(\$ .*?)```", PAGE, re.DOTALL):
        for step in block.removeprefix("$ ").split("\n$ "):
            command, *shown = step.splitlines()
            assert command.startswith("kliping import")
            arguments = [sys.executable, "-m", *shlex.split(command), "--workers", "1"]
            done = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
            assert "Traceback" not in done.stderr
            printed = done.stdout + done.stderr
            for line in shown:
                assert line.removesuffix("…").rstrip() in printed, (command, line, printed)


def test_every_field_of_an_export_is_named() -> None:
    assert f"`{' '.join(FIELDS)}`" in " ".join(PAGE.split())
