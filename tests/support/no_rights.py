"""Commands as a user who may read an archive and not write it, also when the tests run as root."""

from __future__ import annotations

import ctypes
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DROP_FROM_BOUNDING_SET = 24  # PR_CAPBSET_DROP in linux/prctl.h
_OVERRIDING = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: by these root ignores the bits of files


def _obey_permissions() -> None:
    """Between fork and exec: the program that follows obeys the permissions of files even as root."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in _OVERRIDING:
            if libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write a folder and what is in it, meanwhile."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    for path in paths:
        path.chmod(modes[path] & 0o555)
    try:
        yield
    finally:
        for path, mode in modes.items():
            if path.exists():
                path.chmod(mode)


def kliping_obeying(
    environment: dict[str, str], *arguments: str, patience: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end. Raises TimeoutExpired after `patience` seconds."""
    return subprocess.run(
        [sys.executable, "-m", "kliping", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=patience,
        preexec_fn=_obey_permissions,
    )
