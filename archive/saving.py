"""A saving transaction: what it inserts, and the log that it writes at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, event, insert, select, update

from archive.errors import DamagedDatabaseError
from archive.records import ChangeKind
from archive.tables import articles, changes, counters, versions
from archive.tombstones import Forgotten

BESIDE_WAITING = "beside_waiting"
"""The execution option of statements that do not read what `SavingTransaction.add_article` inserts later."""
_CHUNK = 500  # ids in one IN list
_PRESENT = (
    select(articles.c.id)
    .where(articles.c.id.in_(bindparam("wanted_ids", expanding=True)))
    .execution_options(**{BESIDE_WAITING: True})
)
_INSERT_ARTICLE = insert(articles)
_INSERT_VERSION = insert(versions)
_INSERT_CHANGE = insert(changes)
_ADVANCE = (
    update(counters)
    .where(counters.c.name == "seq")
    .values(value=counters.c.value + bindparam("by"))
    .returning(counters.c.value)
)
_SET_SEQ = update(articles).where(articles.c.id == bindparam("changed")).values(seq=bindparam("its_seq"))


class SavingTransaction:
    """An open saving transaction: a connection, and the changes to write to the log at its end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.forgotten = Forgotten(connection)
        self._changed: list[tuple[str, ChangeKind]] = []
        self._waiting: dict[str, tuple[dict[str, Any], Mapping[str, Any]]] = {}
        self._absent: set[str] = set()
        event.listen(connection, "before_cursor_execute", self._write_first)

    def look_up(self, ids: Iterable[str]) -> None:
        """Ask in one statement which of these articles the archive has: a new one is then saved without asking again.

        Nothing but this transaction can add them meanwhile, because writers take turns.
        """
        wanted = sorted(set(ids) - self._waiting.keys())
        for start in range(0, len(wanted), _CHUNK):
            some = wanted[start : start + _CHUNK]
            found = self.connection.execute(_PRESENT, {"wanted_ids": some}).scalars()
            self._absent |= set(some).difference(found)

    def is_absent(self, article_id: str) -> bool:
        """Whether `look_up` found that the archive lacks this article, and it was not added since."""
        return article_id in self._absent

    def add_article(self, article: Mapping[str, Any], version: Mapping[str, Any]) -> None:
        """Insert the rows of a new article before the next statement of this transaction that is not BESIDE_WAITING.

        So the articles of a batch are inserted together, with their changes: each statement is a way to the server and
        back. Its change is to be recorded before the next statement; its `seq` is set then.
        """
        self._waiting[article["id"]] = (dict(article), version)
        self._absent.discard(article["id"])

    def is_waiting(self, article_id: str) -> bool:
        """Whether this article was added, and is not inserted yet."""
        return article_id in self._waiting

    def record_change(self, article_id: str, kind: ChangeKind) -> None:
        """Queue a change of this article for the log."""
        self._changed.append((article_id, kind))

    def finish(self) -> None:
        """Write what waits and the log, as the last statements before the commit."""
        if self._waiting or self._changed:
            self._write()

    def _write_first(self, _conn: Any, _cursor: Any, _statement: Any, _values: Any, context: Any, _many: Any) -> None:
        if self._waiting and not (context and context.execution_options.get(BESIDE_WAITING)):
            self._write()

    def _write(self) -> None:
        """Write the changes that are queued to the log, and insert the articles that wait with their `seq`.

        The counter's row stays locked until the commit, so the order of `seq` is the order of commit, and a reader of
        `seq > n` can never miss a row (decision 7).
        """
        waiting, self._waiting = self._waiting, {}
        changed, self._changed = self._changed, []
        rows = self._numbered(changed)
        latest = {row["article_id"]: row["seq"] for row in rows}
        if waiting:
            new = [article | {"seq": latest.pop(each, 0)} for each, (article, _) in waiting.items()]
            self.connection.execute(_INSERT_ARTICLE, new)
            self.connection.execute(_INSERT_VERSION, [version for _, version in waiting.values()])
        if rows:
            self.connection.execute(_INSERT_CHANGE, rows)
        if latest:
            self.connection.execute(_SET_SEQ, [{"changed": each, "its_seq": seq} for each, seq in latest.items()])

    def _numbered(self, changed: Sequence[tuple[str, ChangeKind]]) -> list[dict[str, Any]]:
        """The rows of these changes in the log. The counter advances once for all of them."""
        if not changed:
            return []
        count = len(changed)
        last = self.connection.execute(_ADVANCE, {"by": count}).scalar_one_or_none()
        if last is None:
            raise DamagedDatabaseError("The counter of changes is lost. Run `kliping archive verify --mend`.")
        return [
            {"seq": last - count + 1 + number, "article_id": article_id, "kind": str(kind)}
            for number, (article_id, kind) in enumerate(changed)
        ]
