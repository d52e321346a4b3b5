"""How soon `kliping --help` answers, beside the interpreter alone and Scrapy's own command.

    .venv/bin/python benchmarks/startup.py

Whole processes, eleven runs each in turn, so that the machine's changes of speed meet all alike; medians in seconds.
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
    """One run of a command, from start to end."""
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main() -> None:
    """Print the table."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, command in COMMANDS.items():
            taken[name].append(seconds(command))
    print(f"{'':24}{'median s':>10}{'slowest s':>11}")
    for name, times in taken.items():
        print(f"{name:24}{statistics.median(times):10.3f}{max(times):11.3f}")


if __name__ == "__main__":
    main()
