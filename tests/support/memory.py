"""The memory of this process (Linux)."""

from __future__ import annotations

from pathlib import Path


def reset_peak() -> None:
    """Make `peak` count from now on; otherwise it includes all tests before."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """The most memory that this process has used, in megabytes."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
