"""A saving transaction: what it inserts, and the log that it writes at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, event, insert, update

from archive.errors import DamagedDatabaseError
from archive.records import ChangeKind
from archive.tables import articles, changes, counters, versions
from archive.tombstones import Forgotten

BESIDE_WAITING = "beside_waiting"
"""The execution option of statements that do not read what `SavingTransaction.add_article` inserts later."""
_INSERT_ARTICLE = insert(articles)
_INSERT_VERSION = insert(versions)
_SET_SEQ = update(articles).where(articles.c.id == bindparam("changed")).values(seq=bindparam("its_seq"))


class SavingTransaction:
    """An open saving transaction: a connection, and the changes to write to the log at its end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.forgotten = Forgotten(connection)
        self._changed: list[tuple[str, ChangeKind]] = []
        self._waiting: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
        event.listen(connection, "before_cursor_execute", self._write_first)

    def add_article(self, article: Mapping[str, Any], version: Mapping[str, Any]) -> None:
        """Insert the rows of a new article before the next statement of this transaction that is not BESIDE_WAITING.

        So the articles of a batch are inserted together: each statement is a way to the server and back.
        """
        self._waiting[article["id"]] = (article, version)

    def is_waiting(self, article_id: str) -> bool:
        """Whether this article was added, and is not inserted yet."""
        return article_id in self._waiting

    def write_waiting(self) -> None:
        """Insert the articles that were added."""
        waiting, self._waiting = list(self._waiting.values()), {}
        if waiting:
            self.connection.execute(_INSERT_ARTICLE, [article for article, _ in waiting])
            self.connection.execute(_INSERT_VERSION, [version for _, version in waiting])

    def _write_first(self, _conn: Any, _cursor: Any, _statement: Any, _values: Any, context: Any, _many: Any) -> None:
        if self._waiting and not (context and context.execution_options.get(BESIDE_WAITING)):
            self.write_waiting()

    def record_change(self, article_id: str, kind: ChangeKind) -> None:
        """Queue a change of this article for the log. The row is written when the transaction ends."""
        self._changed.append((article_id, kind))

    def finish(self) -> int | None:
        """Advance the counter once for all changes and write the log, as the last statements before the commit.

        The counter's row stays locked until the commit, so the order of `seq` is the order of commit, and a reader of
        `seq > n` can never miss a row (decision 7). Returns the last `seq` used, or None if nothing changed.
        """
        self.write_waiting()
        if not self._changed:
            return None
        count = len(self._changed)
        last: int | None = self.connection.execute(
            update(counters)
            .where(counters.c.name == "seq")
            .values(value=counters.c.value + count)
            .returning(counters.c.value)
        ).scalar_one_or_none()
        if last is None:
            raise DamagedDatabaseError("The counter of changes is lost. Run `kliping archive verify --mend`.")
        rows = [
            {"seq": last - count + 1 + number, "article_id": article_id, "kind": str(kind)}
            for number, (article_id, kind) in enumerate(self._changed)
        ]
        self.connection.execute(insert(changes), rows)
        self.connection.execute(_SET_SEQ, [{"changed": row["article_id"], "its_seq": row["seq"]} for row in rows])
        self._changed.clear()
        return last
