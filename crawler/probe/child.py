"""The parent's side of a probe: starts `python -m crawler.probe TASK ARGUMENT` and returns its answer.

The caller must hold the lease of the politeness group.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

TIME_LIMIT = 600
"""Seconds after which a probe is killed. It requests a dozen addresses at most, some seconds apart."""


class ProbeFailedError(Exception):
    """The child returned no answer. The message is one sentence."""


def run(task: str, argument: str) -> dict[str, Any]:
    """Run a probe task in a child process and return its answer. Raises ProbeFailedError."""
    command = [sys.executable, "-m", "crawler.probe", task, argument]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        raise ProbeFailedError(f"The site did not answer within {TIME_LIMIT} seconds") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ProbeFailedError(lines[-1] if lines else f"The probe ended with exit status {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
