"""Copies of a PostgreSQL database: pg_dump and pg_restore of the client's package, in the custom format."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from archive.manifest import BackupError

_PACKAGE = "Install PostgreSQL's client programs (Debian: postgresql-client) of the server's version or a newer one."

_OPTIONS = ("host", "hostaddr", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile")


def dump(connection: Connection, to: Path) -> None:
    """Copy the database as an open reading transaction sees it into a file. Writers go on. Raises BackupError."""
    snapshot = str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}"]
    _run("pg_dump", options, _info(connection))
    with to.open("rb") as file:
        os.fsync(file.fileno())


def load(connection: Connection, file: Path) -> None:
    """Restore a copy into an empty database, whole or not at all. Raises BackupError."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(file)]
    _run("pg_restore", options, _info(connection))


def require_readable(file: Path) -> None:
    """Raises BackupError if a copy has no readable table of contents."""
    _run("pg_restore", ["--list", str(file)], None)


def _info(connection: Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.info


def _address(info: Any) -> str:
    """The connection as its own programs take it: they may be older than psycopg's library, and know fewer options."""
    from psycopg.conninfo import make_conninfo

    known = info.get_parameters()
    return make_conninfo("", **{name: known[name] for name in _OPTIONS if name in known})


def _run(program: str, options: Sequence[str], info: Any) -> None:
    environment: Mapping[str, str] = os.environ
    if info is not None:  # the password goes by the environment: others see a command line
        environment = {**os.environ, **({"PGPASSWORD": info.password} if info.password else {})}
        options = [*options, f"--dbname={_address(info)}"]
    try:
        subprocess.run([program, *options], env=environment, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise BackupError(f"{program} is missing. {_PACKAGE}") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines()
        said = next((line for line in lines if "error:" in line), lines[-1] if lines else str(error))
        if "server version mismatch" in error.stderr:
            raise BackupError(f"{program} is older than the server. {_PACKAGE}") from error
        if "No space left" in error.stderr:
            raise OSError(28, "No space left on device") from error
        raise BackupError(f"{program} failed: {said.rstrip('.')}.") from error
