"""The unit for systemd: systemd accepts it, and rates it as well protected."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kliping.config import Settings

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "packaging" / "systemd" / "kliping.service"
MOST_EXPOSED = 2.0
"""systemd's own measure, from 0 (nothing is open) to 10. A service with network access and a user of its own has one
to two; a unit without any protection 9.6."""


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)


def test_it_starts_the_service_where_the_docs_install_it_and_restarts_it() -> None:
    text = UNIT.read_text(encoding="utf-8")
    assert "ExecStart=/opt/kliping/bin/kliping schedule run" in text
    assert "Restart=on-failure" in text
    stop = int(re.search(r"TimeoutStopSec=(\d+)", text)[1])  # type: ignore[index]
    assert stop >= Settings.model_fields["grace"].default + 15, "crawls have their grace to end"
    docs = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for path in ("packaging/systemd/kliping.service", "/opt/kliping", "/etc/kliping/kliping.env", "/var/lib/kliping"):
        assert path in docs


@pytest.mark.processes
def test_systemd_accepts_it(tmp_path: Path) -> None:
    """With a program that is there, and a user that this machine has: no warning about any line of it."""
    text = UNIT.read_text(encoding="utf-8").replace("/opt/kliping/bin/kliping", sys.executable)
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace("=kliping\nGroup=kliping", "=daemon\nGroup=daemon"), encoding="utf-8")
    done = analyze("verify", "--man=no", unit)
    about_it = [line for line in (done.stdout + done.stderr).splitlines() if UNIT.name in line]
    assert about_it == []


@pytest.mark.processes
def test_systemd_rates_it_as_well_protected() -> None:
    done = analyze("security", "--offline=yes", "--no-pager", f"--threshold={MOST_EXPOSED * 10:.0f}", UNIT)
    if "unrecognized option" in done.stderr or "Unknown option" in done.stderr:
        assert os.environ.get("CI") != "true"
        pytest.skip("this systemd cannot rate a unit that is not loaded")
    assert done.returncode == 0, done.stdout + done.stderr
