"""The compose file and the setup's scripts, for the tests of both."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"


def tool(name: str) -> str:
    """The path of a tool of `requirements-dev.txt`; without it the test is skipped, or fails in CI."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None and os.environ.get("CI") != "true":
        pytest.skip(f"needs {name} (requirements-dev.txt)")
    assert found is not None, f"CI must have {name}"
    return found


@cache
def compose() -> dict[str, Any]:
    try:
        from ruamel.yaml import YAML
    except ModuleNotFoundError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("needs ruamel.yaml (requirements-dev.txt)")
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "docker-compose.yml").read_text())
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def make_secrets(root: Path, host: str = "elasticsearch") -> str:
    done = subprocess.run([DOCKER / "secrets.sh", root, host], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
