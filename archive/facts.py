"""Reads and sets the facts of an archive: a few values by name, in the table `facts`."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from archive.tables import facts


def facts_in(connection: Connection) -> dict[str, str]:
    """All facts of a database, by name."""
    return {row.name: row.value for row in connection.execute(select(facts))}


def set_fact(connection: Connection, name: str, value: str | None) -> None:
    """Replace a fact; None removes it."""
    connection.execute(delete(facts).where(facts.c.name == name))
    if value is not None:
        connection.execute(insert(facts).values(name=name, value=value))
