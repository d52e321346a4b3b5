"""A running Elasticsearch of the tests' own: on a free port of 127.0.0.1, its data in a temporary folder."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.support.elasticsearch.distribution import (
    USER,
    NotAvailableError,
    java_home,
    server_home,
)

HEAP = "512m"
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:-AlwaysPreTouch"
"""Options of the virtual machine: a start takes 13 s of processor time in place of 22, at the cost of speed later."""
SILENCE = 240.0
"""Seconds without a new line of output after which a starting server counts as stuck. A slow start is no failure."""
SHOWN_LINES = 120
"""Lines of output, and characters of each, that an error shows: Elasticsearch prints whole stack traces."""
SHOWN_CHARACTERS = 600
POLL = 0.1
FIRST_PORT, LAST_PORT, PORTS_EACH = 20_000, 29_999, 20
"""Ports for servers, below those that Linux gives to outgoing connections (32768 and up).

A restarted server wants its old port. Each server starts in a block of ports of its own, drawn by chance: when all
servers took the lowest free port, one that was starting took the port of another that was being restarted.
"""

SETTINGS: dict[str, Any] = {
    "cluster.name": "kliping-tests",
    "node.name": "one",
    "network.host": "127.0.0.1",
    "discovery.type": "single-node",
    "node.portsfile": True,
    "transport.port": 0,
    "cluster.routing.allocation.disk.threshold_enabled": False,  # a full disk of this machine is not under test
    "xpack.security.enabled": False,
}


class Server:
    """One node. It can be stopped, killed and started again on the same port with the same data.

    `settings` override SETTINGS; a value of None removes one. `options` are the virtual machine's. `folder` keeps its
    data: a later server there has the same indexes. Without it, the data goes with the server.
    """

    def __init__(
        self,
        settings: Mapping[str, Any] | None = None,
        *,
        heap: str = HEAP,
        options: str = SHORT_LIVED,
        folder: Path | None = None,
    ) -> None:
        self._java = java_home()
        self._home = server_home(self._java)
        self._user = _user()
        self._settings = SETTINGS | dict(settings or {})
        self._options = f"-Xms{heap} -Xmx{heap} {options}"
        self._kept = folder is not None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="kliping-elasticsearch-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0  # not known yet
        block = random.SystemRandom().randrange(FIRST_PORT, LAST_PORT + 1, PORTS_EACH)
        self._block_of_ports = f"{block}-{block + PORTS_EACH - 1}"
        for name in ("config", "data", "logs", "tmp"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        for file in (self._home / "config").iterdir():
            if file.is_file():
                shutil.copy(file, self.config / file.name)

    @property
    def url(self) -> str:
        """The address at which it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped or killed since."""
        return self._process is not None

    @property
    def config(self) -> Path:
        """The folder of its configuration, read at the next start."""
        return self._folder / "config"

    def add_superuser(self, name: str, password: str) -> None:
        """Add a user with all rights, before the start (file realm, which needs no index)."""
        command = [self._home / "bin" / "elasticsearch-users", "useradd", name, "-p", password, "-r", "superuser"]
        subprocess.run(command, env=self._environment(), cwd=self._folder, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it without waiting."""
        for name in ("http", "transport"):
            self._ports(name).unlink(missing_ok=True)
        settings = self._settings | {
            "path.data": str(self._folder / "data"),
            "path.logs": str(self._folder / "logs"),
            "http.port": self.port or self._block_of_ports,
        }
        lines = [f"{name}: {json.dumps(value)}" for name, value in settings.items() if value is not None]
        (self.config / "elasticsearch.yml").write_text("\n".join(lines) + "\n")
        self._own()
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [self._home / "bin" / "elasticsearch"],
                env=self._environment(),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  it calls the kernel alone, and takes no lock
                **({"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}),
            )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "ES_JAVA_HOME": str(self._java),
            "ES_PATH_CONF": str(self.config),
            "ES_TMPDIR": str(self._folder / "tmp"),
            "ES_JAVA_OPTS": self._options,
        }

    def wait(self) -> None:
        """Wait until it answers. A server that never does is killed."""
        try:
            self.wait_for("its HTTP port answers", lambda: self._listens() and self._answers())
        except BaseException:
            self.kill()
            raise

    def transport(self) -> str:
        """The address at which other nodes find it, once it listens."""
        self.wait_for("its transport port is open", self._ports("transport").exists)
        return self._ports("transport").read_text().split()[0]

    def wait_for(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait for a condition for as long as the process lives and goes on printing.

        Raises RuntimeError that says what was waited for, how the process ended, and what it printed.
        """
        assert self._process is not None
        begun = heard = time.monotonic()
        printed = -1
        while True:
            with contextlib.suppress(OSError, ValueError, IndexError):
                if condition():
                    return
            now = time.monotonic()
            size = self._output.stat().st_size
            if size != printed:
                printed, heard = size, now
            status = self._process.poll()
            if status is not None:
                raise RuntimeError(self._failure(what, f"its process ended with status {status}", now - begun))
            if now - heard > SILENCE:
                raise RuntimeError(self._failure(what, f"it printed nothing for {SILENCE:.0f} s", now - begun))
            time.sleep(POLL)

    def _failure(self, what: str, why: str, seconds: float) -> str:
        lines = self._output.read_text(errors="replace").splitlines()[-SHOWN_LINES:]
        shown = "\n".join(line[:SHOWN_CHARACTERS] for line in lines)
        return (
            f"Elasticsearch did not start: the tests waited {seconds:.0f} s until {what}, but {why}. "
            f"Its last {len(lines)} lines of output:\n{shown}"
        )

    @property
    def _output(self) -> Path:
        return self._folder / "output"

    def _ports(self, name: str) -> Path:
        """The file that names the ports it listens on; Elasticsearch writes it by a rename."""
        return self._folder / "logs" / f"{name}.ports"

    def _listens(self) -> bool:
        """Read the port that it listens on. Raises OSError or IndexError while there is none."""
        self.port = int(self._ports("http").read_text().split()[0].rpartition(":")[2])
        return True

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_cluster/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            with error:
                return error.code == 401  # security is on, and the server answers

    def stop(self) -> None:
        """Ask it to end, and wait until it has ended."""
        self._end(signal.SIGTERM, patience=60.0)

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._end(signal.SIGKILL, patience=60.0)

    def _end(self, how: signal.Signals, patience: float) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for signal_ in (how, signal.SIGKILL):
            # The launcher leads the process group. The server outlives it by a moment, and its port and data are free
            # only when the server has ended too.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal_)
            if _gone(process, patience):
                return
        raise RuntimeError("Elasticsearch does not end.")

    def remove(self) -> None:
        """End it, and delete its data, unless they are kept."""
        if self._kept:
            self.stop()
        else:
            self.kill()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _own(self) -> None:
        """Make the server's user the owner of the folder."""
        if self._user:
            owner = pwd.getpwnam(self._user)
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)


def _gone(process: subprocess.Popen[bytes], patience: float) -> bool:
    """Wait until a process and its whole group have ended; False after `patience` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        process.poll()
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(POLL)
    return False


def _user() -> str | None:
    """The user that the server runs as: None for the current one, a user of its own where that is root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(USER)
    except KeyError:
        made = subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", USER], capture_output=True)
        if made.returncode != 0:
            raise NotAvailableError(
                f"The tests run as root, and the user {USER} cannot be made: {made.stderr!r}."
            ) from None
    return USER


def _end_with_parent() -> None:
    """Linux: the kernel ends the launcher when the tests are killed; the server ends with its launcher."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
