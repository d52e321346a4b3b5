"""Rows that belong to an article or a family that is not there. The database itself does not forbid them.

`find` names them, `settle` mends them: no row of them is a fact of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from archive.notice_tables import watch_hits
from archive.tables import addresses, articles, corrections, families, sketches


@dataclass(frozen=True, slots=True)
class Orphans:
    """Rows of a table that refer to what is missing. `what` names them in a sentence."""

    table: Table
    what: str
    condition: ColumnElement[bool]
    example: Any


def _all() -> Iterator[Orphans]:
    def no_article(table: Table) -> ColumnElement[bool]:
        return ~select(articles.c.id).where(articles.c.id == table.c.article_id).exists()

    listed = addresses.c.article_id.is_not(None) & no_article(addresses)
    yield Orphans(addresses, "addresses lead to an article that is missing", listed, addresses.c.article_id)
    for table, what in (
        (sketches, "sketches of texts are of an article that is missing"),
        (watch_hits, "hits of watches are of an article that is missing"),
        (corrections, "corrections are articles that are missing"),
    ):
        yield Orphans(table, what, no_article(table), table.c.article_id)
    other = families.alias()
    unknown = articles.c.family.is_not(None) & ~select(other.c.id).where(other.c.id == articles.c.family).exists()
    yield Orphans(articles, "articles are in a family that is missing", unknown, articles.c.id)
    led = families.c.merged_into.is_not(None) & ~select(other.c.id).where(other.c.id == families.c.merged_into).exists()
    yield Orphans(families, "families were merged into one that is missing", led, families.c.id)


def find(connection: Connection) -> Iterator[str]:
    """A sentence for each kind of orphan that there is."""
    for each in _all():
        counted = select(func.count(), func.min(each.example)).select_from(each.table).where(each.condition)
        count, example = connection.execute(counted).one()
        if count:
            yield f"{count:,} {each.what}, for example {example}."


def settle(connection: Connection, now: datetime) -> None:
    """Let addresses be asked for again, and delete or reset the other orphans; families that are missing come back."""
    for each in _all():
        if each.table is addresses:  # without validators the next answer is the whole page
            values = {"article_id": None, "etag": None, "last_modified": None}
            connection.execute(update(addresses).where(each.condition).values(**values))
        elif each.table is articles:
            missing = select(articles.c.family).where(each.condition).distinct()
            rows = [{"id": family, "made_at": now} for family in connection.execute(missing).scalars()]
            if rows:
                connection.execute(insert(families), rows)
        elif each.table is families:
            connection.execute(update(families).where(each.condition).values(merged_into=None))
        else:
            connection.execute(delete(each.table).where(each.condition))
