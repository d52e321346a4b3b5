"""The readers on real strings and texts: the floors that the project promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KLIPING = f"{sys.executable} -m kliping"


@pytest.mark.shared
@pytest.mark.parametrize(("what", "floor"), [("dates", "0.98"), ("credits", "0.95")])
def test_the_gold_is_read_to_its_floor(shared: Path, what: str, floor: str) -> None:
    """Through the real command, as `make eval` asks it."""
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
def test_real_texts_that_carry_a_dateline_have_it_read(shared: Path, tmp_path: Path) -> None:
    """By publisher: at least 95 % of the openings that look like a dateline, and no sentence of a body read as one."""
    script = [
        sys.executable,
        str(ROOT / "benchmarks" / "residue.py"),
        "--seed",
        "1",
        "--out",
        str(tmp_path / "residue"),
    ]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT, timeout=240)
    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.splitlines()[:-1]
    columns = header.split()[1:]
    table = {row.split()[0]: dict(zip(columns, map(int, row.split()[1:]), strict=True)) for row in rows}
    for publisher in ("antara", "bisnis", "kompas", "kontan", "liputan6", "tribunnews"):
        row = table[publisher]
        assert row["dateline"] >= 0.95 * (row["dateline"] + row["unread"]), publisher
    for publisher in ("cnnindonesia", "detik", "tempo"):  # these texts come without
        assert table[publisher]["dateline"] == 0, publisher
