"""Supervision of real children: time limit, gentle end, certain end, and nothing left behind."""

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

STAND_IN = """
import os, signal, subprocess, sys, time
from pathlib import Path
mood, folder, source, flag, run_id = sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]
assert flag == "--run-id"
def gently(number, frame):
    print("asked to end", flush=True)
    sys.exit(1)
def deaf(number, frame):
    (folder / "heard").touch()
signal.signal(signal.SIGTERM, deaf if mood == "deaf" else gently)
print("crawling", source, run_id, os.environ.get("FLAVOUR", "plain"), flush=True)
if mood in ("parent", "parent-ends"):
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder / "grandchild").write_text(str(grandchild.pid))
if mood == "noisy":
    print("x" * 1_000_000, flush=True)
(folder / "ready").touch()
if mood in ("noisy", "parent-ends"):
    sys.exit(0)
if mood.isdigit():
    sys.exit(int(mood))
if mood == "suicide":
    os.kill(os.getpid(), signal.SIGKILL)
time.sleep(600)
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], list[str]]:
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)
    return lambda mood: [sys.executable, str(script), mood, str(tmp_path)]


def wait_for(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until the condition holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never held"
        time.sleep(0.01)


def run(program: list[str], tmp_path: Path, *, time_limit: float = 60, grace: float = 20, **more: object) -> ExitStatus:
    log = log_file(tmp_path, "run-1")
    environment = {"FLAVOUR": "vanilla"}
    return run_child(
        "antara", run_id="run-1", time_limit=time_limit, grace=grace, log=log, environment=environment, program=program
    )


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4])
def test_a_child_that_ends_by_itself(program: Callable[[str], list[str]], tmp_path: Path, code: int) -> None:
    """Its exit status is given as it is, and what it said stands in its log."""
    assert run(program(str(code)), tmp_path) == ExitStatus(code)
    assert (tmp_path / "logs" / "run-1.log").read_text() == "crawling antara run-1 vanilla\n"


def test_a_child_killed_by_others(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    ending = run(program("suicide"), tmp_path)
    assert ending == ExitStatus(None, signal.SIGKILL)
    assert str(ending) == "the crawl was ended by SIGKILL"


def test_the_time_limit_asks_gently(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    """A child past its limit gets SIGTERM and ends as it likes."""
    child = start(
        "a", run_id="r", time_limit=0.0, grace=20, log=tmp_path / "log", program=["/bin/sh", "-c", "exec sleep 600"]
    )
    wait_for(child.poll)
    assert child.poll() == ExitStatus(None, signal.SIGTERM, timed_out=True)


def test_a_deaf_child_is_killed_after_its_grace(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    """One that ignores SIGTERM gets SIGKILL when the grace has passed, not before."""
    now = [0.0]
    child = start("a", run_id="r", time_limit=100, grace=10, log=tmp_path / "log", program=program("deaf"))
    child._clock = lambda: now[0]
    child._time_out_at = 100.0
    wait_for((tmp_path / "ready").exists)
    for moment, runs in ((99.0, True), (100.0, True), (109.9, True)):
        now[0] = moment
        assert (child.poll() is None) is runs
    now[0] = 110.0
    wait_for(child.poll)
    assert child.poll() == ExitStatus(None, signal.SIGKILL, timed_out=True, forced=True)


@pytest.mark.parametrize("mood", ["parent", "parent-ends"])
def test_children_of_children_die_with_it(program: Callable[[str], list[str]], tmp_path: Path, mood: str) -> None:
    """Whether it is stopped or ends by itself, nothing that it started stays behind."""
    child = start("a", run_id="r", time_limit=60, grace=20, log=tmp_path / "log", program=program(mood))
    wait_for((tmp_path / "ready").exists)
    if mood == "parent":
        child.stop()
    wait_for(child.poll)
    ending = child.poll()
    assert ending is not None
    assert ending.stopped is (mood == "parent")
    wait_for(lambda: is_gone(int((tmp_path / "grandchild").read_text())))


def test_a_frozen_child_can_be_killed(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    child = start("a", run_id="r", time_limit=60, grace=20, log=tmp_path / "log", program=program("plain"))
    wait_for((tmp_path / "ready").exists)
    os.kill(child.pid, signal.SIGSTOP)
    child.kill()
    wait_for(child.poll)
    assert child.poll() == ExitStatus(None, signal.SIGKILL, forced=True)


def test_asked_twice_it_is_killed(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    child = start("a", run_id="r", time_limit=60, grace=600, log=tmp_path / "log", program=program("deaf"))
    wait_for((tmp_path / "ready").exists)
    child.stop()
    assert child.poll() is None
    child.stop()
    wait_for(child.poll)
    assert child.poll() == ExitStatus(None, signal.SIGKILL, stopped=True, forced=True)
    child.stop()  # one that has ended hears nothing


def test_a_megabyte_of_output_stops_nothing(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    """The log is a file, never a pipe that fills up."""
    assert run(program("noisy"), tmp_path) == ExitStatus(0)
    assert (tmp_path / "logs" / "run-1.log").stat().st_size > 1_000_000


def test_a_program_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-such-program"):
        run([str(tmp_path / "no-such-program")], tmp_path)


def test_handlers_stand_as_before(program: Callable[[str], list[str]], tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    run(program("0"), tmp_path)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)] == before


@pytest.mark.parametrize(
    ("mood", "signals", "said"),
    [
        (
            "plain",
            [signal.SIGTERM],
            "ExitStatus(exit_code=1, signal=None, timed_out=False, stopped=True, forced=False)",
        ),
        ("plain", [signal.SIGINT], "ExitStatus(exit_code=1, signal=None, timed_out=False, stopped=True, forced=False)"),
        (
            "deaf",
            [signal.SIGTERM, signal.SIGTERM],
            "ExitStatus(exit_code=None, signal=9, timed_out=False, stopped=True, forced=True)",
        ),
    ],
)
def test_signals_to_the_parent_are_passed_on(
    program: Callable[[str], list[str]], tmp_path: Path, mood: str, signals: list[signal.Signals], said: str
) -> None:
    """SIGTERM or Ctrl-C at the command ends the crawl gently, a second one at once; the command lives to report it."""
    code = textwrap.dedent(f"""
        from pathlib import Path
        from scheduler.supervise import run_child
        print(run_child("a", run_id="r", time_limit=60, grace=30, log=Path({str(tmp_path / "log")!r}),
                        program={program(mood)!r}).__repr__())
    """)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    wait_for((tmp_path / "ready").exists)
    parent.send_signal(signals[0])
    for number in signals[1:]:  # not before the first has arrived: two that stand pending are one to the kernel
        wait_for((tmp_path / "heard").exists)
        parent.send_signal(number)
    out, _ = parent.communicate(timeout=30)
    assert out.strip() == said
    assert parent.returncode == 0
