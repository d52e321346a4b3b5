"""A running PostgreSQL of the tests' own: on a Unix socket in a temporary folder, from Debian's package."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

FOLDERS = "/usr/lib/postgresql"
LEAST_VERSION = 15
USERS = ("postgres", "nobody")
"""PostgreSQL does not run as root: where the tests do, the server runs as the first of these that exists."""
SUPERUSER = "tests"
GUARDED = "guarded"
"""A user of the database whose password is asked for."""
PASSWORD = "rahasia-sekali"
PATIENCE = 60.0
POLL = 0.02

HBA = f"local all {GUARDED} scram-sha-256\nlocal all all trust\n"
SETTINGS = {
    "listen_addresses": "",  # the Unix socket alone
    "fsync": "off",  # no test cuts the power
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "timezone": "Asia/Jakarta",  # neither UTC nor the machine's: what depends on it shows
    "lc_messages": "C",
}
LOCALE = ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=id", "--locale=C.UTF-8"]
"""An order of letters that is not the one of bytes: what depends on it shows."""


class NoServerError(Exception):
    """There is no PostgreSQL to start; the message says what to install."""


def programs() -> Path:
    """The folder of the newest installed server. Raises NoServerError."""
    found = [each for each in Path(FOLDERS).glob("*/bin") if (each / "initdb").exists() and each.parent.name.isdigit()]
    usable = [each for each in found if int(each.parent.name) >= LEAST_VERSION]
    if not usable:
        raise NoServerError(f"{FOLDERS} has no PostgreSQL {LEAST_VERSION} or later; apt-get install postgresql.")
    return max(usable, key=lambda each: int(each.parent.name))


class PostgresServer:
    """One server. It can be stopped, killed and started again with the same data. `settings` override SETTINGS.

    `folder` is where its data are kept, those of an earlier server too; None: in a new temporary folder.
    """

    def __init__(self, settings: dict[str, str] | None = None, folder: Path | None = None) -> None:
        self._programs = programs()
        self._settings = SETTINGS | (settings or {})
        self._user = _user()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder or Path(tempfile.mkdtemp(prefix="kliping-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.folder.chmod(0o755)
        if self._data.exists():
            return
        self._run("initdb", "--no-sync", f"--username={SUPERUSER}", *LOCALE, "-D", str(self._data))
        (self._data / "pg_hba.conf").write_text(HBA)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """SQLAlchemy's URL of one of its databases."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self.folder, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  it calls the kernel alone, and takes no lock
                **self._rights(),
            )
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                self.connect().close()
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'output').read_text()}")
            time.sleep(POLL)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT ends every connection in order, SIGQUIT at once as a crash does."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(timeout=PATIENCE)

    def remove(self) -> None:
        """End it at once, and delete its data."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the superuser, in autocommit."""
        return psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname=database, autocommit=True)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Send one statement as the superuser."""
        with self.connect(database) as connection:
            connection.execute(statement.encode())

    def new_database(self, template: str | None = None, name: str | None = None) -> str:
        """Create a database, empty or as a copy of another; returns its name."""
        self._made += 1
        name = name or f"t{self._made}_{secrets.token_hex(3)}"
        self.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments], cwd=self.folder, capture_output=True, **self._rights()
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")

    def _rights(self) -> dict[str, object]:
        return {"user": self._user, "group": self._user_group(), "extra_groups": []} if self._user else {}

    def _user_group(self) -> int:
        assert self._user is not None
        return pwd.getpwnam(self._user).pw_gid


def _user() -> str | None:
    """The user that the server runs as: None for the current one. Raises NoServerError."""
    if os.geteuid() != 0:
        return None
    for name in USERS:
        with contextlib.suppress(KeyError):
            pwd.getpwnam(name)
            return name
    raise NoServerError("The tests run as root, and there is no user that PostgreSQL could run as.")


def _end_with_parent() -> None:
    """Linux: the kernel ends the server when the tests are killed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
