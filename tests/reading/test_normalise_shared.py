"""The readers on real strings and texts, with the minimum scores that the project promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
KLIPING = f"{sys.executable} -m kliping"


@pytest.mark.shared
@pytest.mark.parametrize(("what", "floor"), [("dates", "0.98"), ("credits", "0.95")])
def test_the_gold_reaches_its_floor(shared: Path, what: str, floor: str) -> None:
    """Through the real command, as in `make eval`."""
    scorer = [
        sys.executable,
        str(shared / "tools" / "score_normalise.py"),
        what,
        str(shared / "gold" / f"{what}.jsonl"),
    ]
    done = subprocess.run(
        [*scorer, "--command", KLIPING, "--floor", floor], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@pytest.mark.shared
def test_datelines_of_real_texts_are_read(shared: Path) -> None:
    """At least 95 % of the openings that look like a dateline, by publisher, and no sentence of a body."""
    # --table-only: the residue itself takes half a minute and is for people to read
    script = [sys.executable, str(ROOT / "benchmarks" / "residue.py"), "--table-only"]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT, timeout=240)
    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.splitlines()
    columns = header.split()[1:]
    table = {row.split()[0]: dict(zip(columns, map(int, row.split()[1:]), strict=True)) for row in rows}
    for publisher in ("antara", "bisnis", "kompas", "kontan", "liputan6", "tribunnews"):
        row = table[publisher]
        assert row["dateline"] >= 0.95 * (row["dateline"] + row["unread"]), publisher
    for publisher in ("cnnindonesia", "detik", "tempo"):  # these texts have none
        assert table[publisher]["dateline"] == 0, publisher
