"""Supervision of real child processes: time limit, SIGTERM, SIGKILL, and no process left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler.supervise import (
    ExitStatus,
    log_file,
    run_child,
    start,
)
from tests.support.children import is_gone

pytestmark = pytest.mark.processes

CHILD = """
import os, signal, subprocess, sys, time
from pathlib import Path
behaviour, folder, source, flag, run_id = sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]
assert flag == "--run-id"
def obey(number, frame):
    print("asked to end", flush=True)
    sys.exit(1)
def ignore(number, frame):
    (folder / "signalled").touch()
signal.signal(signal.SIGTERM, ignore if behaviour == "ignores-sigterm" else obey)
print("crawling", source, run_id, os.environ.get("EXTRA", "unset"), flush=True)
if behaviour in ("parent", "parent-ends"):
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "grandchild").write_text(str(grandchild.pid))
if behaviour == "much-output":
    print("x" * 1_000_000, flush=True)
(folder / "writing").write_text(str(os.getpid()))
(folder / "writing").rename(folder / "ready")
if behaviour in ("much-output", "parent-ends"):
    sys.exit(0)
if behaviour.isdigit():
    sys.exit(int(behaviour))
if behaviour == "kills-itself":
    os.kill(os.getpid(), signal.SIGKILL)
time.sleep(600)
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], list[str]]:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    return lambda behaviour: [sys.executable, str(script), behaviour, str(tmp_path)]


def wait_for(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until the condition holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never became true"
        time.sleep(0.01)


def run(program: list[str], tmp_path: Path, *, time_limit: float = 60, grace: float = 20, **more: object) -> ExitStatus:
    log = log_file(tmp_path, "run-1")
    environment = {"EXTRA": "set"}
    return run_child(
        "antara", run_id="run-1", time_limit=time_limit, grace=grace, log=log, environment=environment, program=program
    )


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4])
def test_a_child_that_ends_by_itself(program: Callable[[str], list[str]], tmp_path: Path, code: int) -> None:
    """Its exit code is returned as it is, and its output is in the log."""
    assert run(program(str(code)), tmp_path) == ExitStatus(code)
    assert (tmp_path / "logs" / "run-1.log").read_text() == "crawling antara run-1 set\n"


def test_a_child_killed_by_a_signal(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    status = run(program("kills-itself"), tmp_path)
    assert status == ExitStatus(None, signal.SIGKILL)
    assert str(status) == "the crawl was ended by SIGKILL"


def test_a_child_past_its_time_limit_gets_sigterm(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    child = start(
        "a", run_id="r", time_limit=0.0, grace=20, log=tmp_path / "log", program=["/bin/sh", "-c", "exec sleep 600"]
    )
    wait_for(child.poll)
    assert child.poll() == ExitStatus(None, signal.SIGTERM, timed_out=True)


def test_a_child_that_ignores_sigterm_is_killed_after_its_grace(
    program: Callable[[str], list[str]], tmp_path: Path
) -> None:
    """It gets SIGKILL when the grace period is over, not before."""
    now = [0.0]
    child = start("a", run_id="r", time_limit=100, grace=10, log=tmp_path / "log", program=program("ignores-sigterm"))
    child._clock = lambda: now[0]
    child._time_out_at = 100.0
    wait_for((tmp_path / "ready").exists)
    for moment, runs in ((99.0, True), (100.0, True), (109.9, True)):
        now[0] = moment
        assert (child.poll() is None) is runs
    now[0] = 110.0
    wait_for(child.poll)
    assert child.poll() == ExitStatus(None, signal.SIGKILL, timed_out=True, forced=True)


@pytest.mark.parametrize("behaviour", ["parent", "parent-ends"])
def test_processes_started_by_a_child_die_with_it(
    program: Callable[[str], list[str]], tmp_path: Path, behaviour: str
) -> None:
    """Whether the child is stopped or ends by itself."""
    child = start("a", run_id="r", time_limit=60, grace=20, log=tmp_path / "log", program=program(behaviour))
    wait_for((tmp_path / "ready").exists)
    if behaviour == "parent":
        child.stop()
    wait_for(child.poll)
    status = child.poll()
    assert status is not None
    assert status.stopped is (behaviour == "parent")
    wait_for(lambda: is_gone(int((tmp_path / "grandchild").read_text())))


def test_a_frozen_child_can_be_killed(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    child = start("a", run_id="r", time_limit=60, grace=20, log=tmp_path / "log", program=program("plain"))
    wait_for((tmp_path / "ready").exists)
    os.kill(child.pid, signal.SIGSTOP)
    child.kill()
    wait_for(child.poll)
    assert child.poll() == ExitStatus(None, signal.SIGKILL, forced=True)


def test_a_child_stopped_twice_is_killed(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    child = start("a", run_id="r", time_limit=60, grace=600, log=tmp_path / "log", program=program("ignores-sigterm"))
    wait_for((tmp_path / "ready").exists)
    child.stop()
    assert child.poll() is None
    child.stop()
    wait_for(child.poll)
    assert child.poll() == ExitStatus(None, signal.SIGKILL, stopped=True, forced=True)
    child.stop()  # does nothing: it has ended


def test_a_megabyte_of_output_does_not_block_a_child(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    """The log is a file, not a pipe that fills up."""
    assert run(program("much-output"), tmp_path) == ExitStatus(0)
    assert (tmp_path / "logs" / "run-1.log").stat().st_size > 1_000_000


def test_a_missing_program_raises_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-such-program"):
        run([str(tmp_path / "no-such-program")], tmp_path)


def test_signal_handlers_are_restored(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    run(program("0"), tmp_path)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)] == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_parent_is_passed_on_and_a_second_ends_both_at_once(
    program: Callable[[str], list[str]], tmp_path: Path, number: signal.Signals
) -> None:
    """SIGTERM or Ctrl-C stops the crawl, and the command survives to report it; a second kills both."""
    for behaviour, expected in (("plain", 0), ("ignores-sigterm", 128 + number)):
        for mark in ("ready", "signalled"):
            (tmp_path / mark).unlink(missing_ok=True)
        code = textwrap.dedent(f"""
            from pathlib import Path
            from scheduler.supervise import run_child
            print(run_child("a", run_id="r", time_limit=60, grace=30, log=Path({str(tmp_path / "log")!r}),
                            program={program(behaviour)!r}))
        """)
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        wait_for((tmp_path / "ready").exists)
        parent.send_signal(number)
        if behaviour == "ignores-sigterm":
            wait_for((tmp_path / "signalled").exists)  # the kernel merges two pending signals
            parent.send_signal(number)
        out, _ = parent.communicate(timeout=30)
        assert parent.returncode == expected
        assert out.strip() == ("" if expected else "the crawl exited with 1 after it was asked to end")
        wait_for(lambda: is_gone(int((tmp_path / "ready").read_text())))
