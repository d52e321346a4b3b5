"""A running Elasticsearch of the tests' own: on a free port of 127.0.0.1, its data in a temporary folder."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
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
PATIENCE = 300.0
"""Seconds that a server may take to start, on a machine that does much else."""
POLL = 0.1
PORTS = "21000-21999"
"""Where a server may listen: started again it wants the same port, which no connection may take meanwhile."""

SETTINGS: dict[str, Any] = {
    "cluster.name": "kliping-tests",
    "node.name": "one",
    "network.host": "127.0.0.1",
    "discovery.type": "single-node",
    "node.portsfile": True,
    "transport.port": 0,
    "cluster.routing.allocation.disk.threshold_enabled": False,  # a full disk of the machine is not what is tested
    "xpack.security.enabled": False,
}


class Server:
    """One node. It can be stopped, killed and started again on the same port with the same data.

    `settings` go over SETTINGS; a value of null takes one away. `options` are the virtual machine's.
    """

    def __init__(self, settings: Mapping[str, Any] | None = None, *, heap: str = HEAP, options: str = "") -> None:
        self._java = java_home()
        self._home = server_home(self._java)
        self._user = _user()
        self._settings = SETTINGS | dict(settings or {})
        self._options = f"-Xms{heap} -Xmx{heap} {options}"
        self._folder = Path(tempfile.mkdtemp(prefix="kliping-elasticsearch-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0  # until it is known
        for name in ("config", "data", "logs", "tmp"):
            (self._folder / name).mkdir()
        for file in (self._home / "config").iterdir():
            if file.is_file():
                shutil.copy(file, self.config / file.name)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether it was started, and neither stopped nor killed."""
        return self._process is not None

    @property
    def config(self) -> Path:
        """The folder of its configuration; what is put there before a start is what it finds."""
        return self._folder / "config"

    def add_superuser(self, name: str, password: str) -> None:
        """Make a user who may do everything, before the start (the file realm; it needs no index)."""
        command = [self._home / "bin" / "elasticsearch-users", "useradd", name, "-p", password, "-r", "superuser"]
        subprocess.run(command, env=self._environment(), cwd=self._folder, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it without waiting."""
        for name in ("http", "transport"):
            self._ports(name).unlink(missing_ok=True)
        settings = self._settings | {
            "path.data": str(self._folder / "data"),
            "path.logs": str(self._folder / "logs"),
            "http.port": self.port or PORTS,
        }
        lines = [f"{name}: {json.dumps(value)}" for name, value in settings.items() if value is not None]
        (self.config / "elasticsearch.yml").write_text("\n".join(lines) + "\n")
        self._own()
        with (self._folder / "output").open("ab") as output:
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
        """Wait until it answers; it is ended where it never does."""
        try:
            self.until(lambda: self._listens() and self._answers())
        except BaseException:
            self.kill()
            raise

    def transport(self) -> str:
        """Where other nodes find it, once it listens."""
        self.until(lambda: self._ports("transport").exists())
        return self._ports("transport").read_text().split()[0]

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition of a server that runs. Raises RuntimeError with what it last said."""
        assert self._process is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError, IndexError):
                if condition():
                    return
            time.sleep(POLL)
        tail = (self._folder / "output").read_text(errors="replace")[-3000:]
        raise RuntimeError(f"Elasticsearch did not start. It last said:\n{tail}")

    def _ports(self, name: str) -> Path:
        """The file in which it says where it listens, written whole by a rename."""
        return self._folder / "logs" / f"{name}.ports"

    def _listens(self) -> bool:
        """Note the port that it has taken. Raises OSError or IndexError before it has."""
        self.port = int(self._ports("http").read_text().split()[0].rpartition(":")[2])
        return True

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_cluster/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            with error:
                return error.code == 401  # with security on that is as good an answer

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM, patience=60.0)

    def kill(self) -> None:
        """End it as a loss of power does."""
        self._end(signal.SIGKILL, patience=60.0)

    def _end(self, how: signal.Signals, patience: float) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for signal_ in (how, signal.SIGKILL):
            # the launcher leads the group and the server is in it; the server outlives its launcher by a moment, and
            # its port and its data are free only when it is gone
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal_)
            if _gone(process, patience):
                return
        raise RuntimeError("Elasticsearch does not end.")

    def remove(self) -> None:
        """End it for good, and remove its data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _own(self) -> None:
        """Give the folder to the user that the server runs as."""
        if self._user:
            owner = pwd.getpwnam(self._user)
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)


def _gone(process: subprocess.Popen[bytes], patience: float) -> bool:
    """Wait for a process and its whole group."""
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
    """Whom the server runs as: whoever runs the tests, or a user of its own where that is root."""
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
    """Linux: have the launcher ended when the tests are killed; the server ends when its launcher does."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
