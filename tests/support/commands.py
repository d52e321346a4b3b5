"""`kliping` run inside the test's process: an interpreter of its own takes half a second, mistakes need none."""

from __future__ import annotations

import os
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from kliping.cli import main

RunHere = Callable[..., "CompletedProcess[str]"]


def run_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str], *arguments: str
) -> CompletedProcess[str]:
    """Run the command with an environment; returns what a child process would have returned."""
    with monkeypatch.context() as patched:
        for name in [each for each in os.environ if each.startswith("KLIPING_")]:
            patched.delenv(name)
        for name, value in environment.items():
            patched.setenv(name, value)
        patched.setattr("sys.argv", ["kliping", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
    printed = capsys.readouterr()
    status = ended.value.code
    assert isinstance(status, int)
    return CompletedProcess(["kliping", *arguments], status, printed.out, printed.err)
