"""A wall clock that a test moves under real processes, by a preloaded library (`clock_shim.c`)."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("clock_shim.c")


class MovedClock:
    """The clock of all processes started with its `environment`; `move` sets it while they run."""

    def __init__(self, folder: Path) -> None:
        self.off = 0.0
        self._file = folder / "clock"
        self.move(0.0)
        library = folder / "clock_shim.so"
        subprocess.run([_compiler(), "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-lm"], check=True)
        self.environment = {"LD_PRELOAD": str(library), "KLIPING_TEST_CLOCK": str(self._file)}

    def move(self, off: float) -> None:
        """From now on the clock is off by so many seconds."""
        self.off = off
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("d", off))

    def __call__(self) -> float:
        """What the processes' clock shows."""
        return time.time() + self.off


def _compiler() -> str:
    found = shutil.which("cc") or shutil.which("gcc")
    if found is None:
        assert os.environ.get("CI") != "true", "CI must have a C compiler"
        pytest.skip("needs a C compiler (cc) for the library that moves a clock")
    return found
