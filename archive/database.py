"""The archive as a whole: its location, its reading and saving transactions, and its migrations."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, Engine, bindparam, create_engine, insert, inspect, select, update
from sqlalchemy.exc import ArgumentError, DatabaseError

from archive.records import ChangeKind
from archive.sqlite import sqlite_engine
from archive.tables import articles, changes, counters, facts

MIGRATIONS = Path(__file__).parent / "migrations"


_SET_SEQ = update(articles).where(articles.c.id == bindparam("changed")).values(seq=bindparam("its_seq"))


class ArchiveError(Exception):
    """The archive cannot be used; the message says why, and what to do if there is a remedy."""


@dataclass(frozen=True)
class ArchiveIdentity:
    """Identifies the archive. `epoch` is for restores (planned): a restored archive will get a new one."""

    archive_id: str
    epoch: str


class SavingTransaction:
    """An open saving transaction: a connection, and the changes to write to the log at its end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._changed: list[tuple[str, ChangeKind]] = []

    def record_change(self, article_id: str, kind: ChangeKind) -> None:
        """Queue a change of this article for the log. The row is written when the transaction ends."""
        self._changed.append((article_id, kind))

    def finish(self) -> int | None:
        """Advance the counter once for all changes and write the log, as the last statements before the commit.

        The counter's row stays locked until the commit, so the order of `seq` is the order of commit, and a reader of
        `seq > n` can never miss a row (decision 7). Returns the last `seq` used, or None if nothing changed.
        """
        if not self._changed:
            return None
        count = len(self._changed)
        last: int = self.connection.execute(
            update(counters)
            .where(counters.c.name == "seq")
            .values(value=counters.c.value + count)
            .returning(counters.c.value)
        ).scalar_one()
        rows = [
            {"seq": last - count + 1 + number, "article_id": article_id, "kind": str(kind)}
            for number, (article_id, kind) in enumerate(self._changed)
        ]
        self.connection.execute(insert(changes), rows)
        self.connection.execute(_SET_SEQ, [{"changed": row["article_id"], "its_seq": row["seq"]} for row in rows])
        self._changed.clear()
        return last


class Archive:
    """The system of record: a database, and a folder of WARC files beside it.

    One object serves one process; child processes open their own. Opening creates and migrates missing tables.
    """

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.home = home
        self.warc_folder = home / "warc"
        self.engine: Engine = sqlite_engine(url) if url.startswith("sqlite") else create_engine(url)

    @classmethod
    def open(cls, url: str, home: Path) -> Archive:
        """Open the archive at a SQLAlchemy URL and migrate its tables. Raises ArchiveError."""
        from alembic.util import CommandError

        try:
            archive = cls(url, home)
        except (ArgumentError, ImportError) as error:  # ImportError: the URL names a driver that is missing
            raise ArchiveError(f"The database URL cannot be used: {error}. Check KLIPING_DATABASE_URL.") from error
        try:
            archive.migrate()
        except DatabaseError as error:
            archive.close()
            raise ArchiveError(
                f"The archive at {archive.engine.url!r} cannot be opened: {error.orig}. "
                "Check KLIPING_HOME and KLIPING_DATABASE_URL."
            ) from error
        except CommandError as error:
            archive.close()
            raise ArchiveError(
                f"The archive at {archive.engine.url!r} was written by a newer version of Kliping ({error}). "
                "Use that version."
            ) from error
        return archive

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only transaction with one consistent view."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A writing transaction: committed at the end, rolled back on any error."""
        with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def saving(self) -> Iterator[SavingTransaction]:
        """A writing transaction that writes its article changes to the log at the end."""
        with self.writing() as connection:
            saving = SavingTransaction(connection)
            yield saving
            saving.finish()

    @cached_property
    def identity(self) -> ArchiveIdentity:
        """The archive's id and epoch."""
        with self.reading() as connection:
            rows = {row.name: row.value for row in connection.execute(select(facts))}
        return ArchiveIdentity(rows["archive_id"], rows["epoch"])

    def last_seq(self) -> int:
        """The `seq` of the latest change; 0 in a new archive."""
        with self.reading() as connection:
            return int(connection.execute(select(counters.c.value).where(counters.c.name == "seq")).scalar_one())

    def migrate(self) -> None:
        """Migrate the tables to the newest version. Two processes that do so at once take turns."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
        with self.reading() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            if current == newest and inspect(connection).has_table(facts.name):
                return
        with (
            self.writing() as connection
        ):  # locks before the version is read again: the second process then finds it done
            self._upgrade(connection)
            if connection.execute(select(facts.c.value).where(facts.c.name == "archive_id")).first() is None:
                now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
                connection.execute(
                    insert(facts),
                    [
                        {"name": "archive_id", "value": secrets.token_hex(8)},
                        {"name": "epoch", "value": f"{now}-{secrets.token_hex(4)}"},
                    ],
                )
                connection.execute(insert(counters).values(name="seq", value=0))

    def _upgrade(self, connection: Connection) -> None:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
