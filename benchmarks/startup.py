"""How long `kliping --help` takes, beside the bare interpreter and Scrapy's own command.

    .venv/bin/python benchmarks/startup.py

Whole processes, eleven runs each in turn, so that changes of the machine's speed affect all alike; medians in seconds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 11
BIN = Path(sys.executable).parent
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "kliping --help": [str(BIN / "kliping"), "--help"],
    "kliping search --help": [str(BIN / "kliping"), "search", "--help"],
    "scrapy --help": [str(BIN / "scrapy"), "--help"],
}


def seconds(command: list[str]) -> float:
    """Seconds of one run of a command."""
    started_at = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started_at


def main() -> None:
    """Print the table."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    print(f"{'':24}{'median s':>10}{'slowest s':>11}")
    for name, runs in times.items():
        print(f"{name:24}{statistics.median(runs):10.3f}{max(runs):11.3f}")


if __name__ == "__main__":
    main()
