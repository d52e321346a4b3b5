"""The tables of notifications and watches, beside those of `archive.tables`. Migrations 0010 and 0011 create them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from archive.tables import UtcDateTime, metadata

conditions = Table(
    "conditions",
    metadata,
    Column("subject", String(128), primary_key=True, comment="source:NAME, or what is judged: index, disk …"),
    Column("state", String(32), nullable=False, comment="the state that was told last"),
    Column("since", UtcDateTime, nullable=False, comment="when that state was first seen"),
    Column("sentence", Text, comment="what was seen, if it is not healthy"),
    Column("next_state", String(32), comment="another state that was seen, and not for long enough yet"),
    Column("next_since", UtcDateTime, comment="when that was first seen"),
    comment="The state of everything that is judged, as it was told last.",
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(200), unique=True, comment="null: it may be told again"),
    Column("kind", String(16), nullable=False, comment="change | recovery | digest | hit | correction"),
    Column("subject", String(128), nullable=False, comment="as in conditions; watch:ID; digest"),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "at"),
    comment="What people are told; never changed.",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("notice_id", Integer, ForeignKey("notices.id"), primary_key=True),
    Column("target", String(64), primary_key=True, comment="a name in the settings; or watch:ID, with its own address"),
    Column("state", String(16), nullable=False, comment="waiting | sending | sent | dropped"),
    Column("not_before", UtcDateTime, nullable=False),
    Column("bundle", String(64), comment="those of one bundle that are due are one message; null: a message each"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("doubts", Integer, nullable=False, server_default=text("0"), comment="attempts whose end nobody recorded"),
    Column("tried_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("problem", Text, comment="why the last attempt failed"),
    Index(None, "state", "not_before"),
    comment="The outbox: one row for each notice and target.",
)

watches = Table(
    "watches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("query", Text, nullable=False),
    Column("target", String(64), comment="a name in the settings; null: an address of its own, or the feed alone"),
    Column("address", Text, comment="a secret: never printed or logged"),
    Column("rhythm", String(16), nullable=False, comment="each | hourly | daily"),
    Column("imports", Boolean, nullable=False, comment="whether imports and backfills are told"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("cursor", BigInteger, nullable=False, comment="every change up to this seq was looked at"),
    Column("epoch", String(64), nullable=False, comment="of the archive, in which the cursor counts"),
    Column("problem", Text, comment="why it cannot be looked at"),
    comment="Searches that tell what is new to them.",
    sqlite_autoincrement=True,  # an id is never given again: feeds and messages name it
)

watch_hits = Table(
    "watch_hits",
    metadata,
    Column("watch_id", Integer, ForeignKey("watches.id"), primary_key=True),
    Column("article_id", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("corrects", Boolean, nullable=False, comment="a new version of an article that was known before"),
    Column("at", UtcDateTime, nullable=False, comment="when it was found"),
    Index(None, "watch_id", "at"),
    comment="What each watch has found and told.",
)
