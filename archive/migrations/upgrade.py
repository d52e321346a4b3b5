"""Runs Alembic on a connection of the archive's. Alembic takes 0.1 s to import, which an archive that is new enough
does not need to spend twice."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def is_current(connection: Connection) -> bool:
    """Whether the database has the newest version of the tables."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory(str(FOLDER)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == newest


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate up to a revision, in the caller's transaction. Raises alembic's CommandError for an unknown one."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))  # configparser interpolates
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
