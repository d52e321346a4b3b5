"""`kliping` run inside the test's process: an interpreter of its own takes half a second, mistakes need none."""

from __future__ import annotations

import os
from subprocess import CompletedProcess

import pytest

from kliping.cli import main


def run_main(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> CompletedProcess[str]:
    """Run the command with the environment as it is; returns what a child process would have returned."""
    monkeypatch.setattr("sys.argv", ["kliping", *arguments])
    with pytest.raises(SystemExit) as ended:
        main.main()
    printed = capsys.readouterr()
    status = ended.value.code
    assert isinstance(status, int)
    return CompletedProcess(["kliping", *arguments], status, printed.out, printed.err)


def run_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str], *arguments: str
) -> CompletedProcess[str]:
    """Run the command with an environment, as `children.kliping` does in a process of its own."""
    with monkeypatch.context() as patched:
        for name in [each for each in os.environ if each.startswith("KLIPING_")]:
            patched.delenv(name)
        for name, value in environment.items():
            patched.setenv(name, value)
        return run_main(patched, capsys, *arguments)
