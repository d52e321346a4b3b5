"""Everything specific to SQLite. The rest of the archive is portable SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

BUSY_SECONDS = 60
"""How long a writer waits for another one before SQLite raises. Saving transactions take milliseconds."""


def sqlite_engine(url: str) -> Engine:
    """An engine for a SQLite file in WAL mode that begins every writing transaction with BEGIN IMMEDIATE.

    A deferred transaction that reads first and writes later fails at once with "database is locked" if another process
    wrote in between (SQLite: *Isolation*, SQLITE_BUSY_SNAPSHOT). An immediate one waits for its turn.
    """
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # stops the driver from beginning transactions itself
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
