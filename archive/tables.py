"""The archive's tables, in portable SQL. The migrations in `archive/migrations` create them.

Comments of tables and columns are part of the schema: changing one needs a migration.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A time: aware in Python, UTC in the database (SQLite stores no zone). Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002  SQLAlchemy's
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002  SQLAlchemy's
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    comment="What the archive is: its id, and its epoch (a new one at each restore).",
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
    comment="`seq`: advanced as the last act of a saving transaction, so its order is the order of commit.",
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True, comment="identity.canonical_key of url"),
    Column("url", Text, nullable=False, comment="as it was first discovered"),
    Column("source", String(64), nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("found_in", Text, comment="the feed or sitemap that listed it first"),
    Column("state", String(16), nullable=False, comment="queued | done | gone | given-up"),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="since the last final outcome"),
    Column("next_try", UtcDateTime, comment="null: whenever the source is crawled next"),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("last_status", Integer),
    Column("last_fetched", UtcDateTime),
    Column("last_outcome", String(64)),
    Column("misses", Integer, nullable=False, server_default=text("0"), comment="404 and 410 in a row"),
    Column("article_id", String(80), comment="the article that this address gave"),
    Column(
        "reader_deaths",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="processes that died while they read its page",
    ),
    Column("announced", String(40), comment="the publication time that a feed told, ISO 8601; a moment or a day"),
    Column("next_visit", UtcDateTime, comment="when its article is looked at again for corrections; null: never"),
    Index(None, "source", "state", "next_try"),
    Index(None, "source", "next_visit"),
    Index(None, "article_id"),
)

EDITED = """version > 1 OR CAST(record AS TEXT) LIKE '%"correction"%' OR CAST(record AS TEXT) LIKE '%"withdrawn"%'"""
"""Versions that are a change, or whose page tells of one: what `archive.edits` looks at. A database uses the index of
these only for a statement that has the same text."""

articles = Table(
    "articles",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("url", Text),
    Column("seq", BigInteger, nullable=False, comment="the latest change; 0 inside the saving transaction"),
    Column("version", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("published_on", UtcDateTime, nullable=False, comment="for sorting; a day counts from 00:00 of its zone"),
    Column("first_saved", UtcDateTime, nullable=False),
    Column("last_saved", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("gone_since", UtcDateTime, comment="when its page was first found missing; null: it stands"),
    Column("family", String(80), comment="families.id; null: no other article tells its story in the same words"),
    Index(None, "source", "published_on"),
    Index(None, "seq"),
    Index(None, "family"),
    Index(None, "first_saved"),
)

versions = Table(
    "versions",
    metadata,
    Column("article_id", String(80), ForeignKey("articles.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content_hash", String(64), nullable=False),
    Column("record", JSON, nullable=False, comment="records.Article.as_json"),
    Column("fetched_at", UtcDateTime, comment="null: an import that does not know"),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("page_id", Integer, ForeignKey("pages.id"), comment="the WARC record it was read from"),
    Column("run_id", String(100), nullable=False),
    Column("reader", String(40), nullable=False, comment="the version of readers and lexicon that read it"),
    Column("cause", String(16), nullable=False, server_default=text("'capture'"), comment="capture | reread"),
    Column("first_seen", UtcDateTime, comment="null: at fetched_at"),
    Column("last_seen", UtcDateTime, comment="null: not after fetched_at; of the current one, the article's counts"),
    Index(None, "page_id"),
    Index(None, "saved_at"),
    Index(
        "ix_versions_edited",
        "article_id",
        "first_seen",
        "fetched_at",
        "saved_at",
        sqlite_where=text(EDITED),
        postgresql_where=text(EDITED),
    ),
)

corrections = Table(
    "corrections",
    metadata,
    Column("article_id", String(80), primary_key=True, comment="the correction"),
    Column("key", Text, nullable=False, comment="identity.canonical_key of the story that it corrects"),
    Index(None, "key"),
    comment="Which story a correction corrects, where its page links to it.",
)

changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("article_id", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Index(None, "article_id"),
)

pages = Table(
    "pages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("source", String(64), nullable=False),
    Column("run_id", String(100), nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("status", Integer, nullable=False),
    Column("warc_file", Text, nullable=False, comment="name below the archive's warc folder"),
    Column("warc_offset", BigInteger, nullable=False),
    Column("warc_length", BigInteger, nullable=False),
    Index(None, "key"),
    UniqueConstraint("warc_file", "warc_offset"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("kind", String(16), nullable=False, comment="crawl | round | backfill | import | reextract | verify"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, comment="null: under way, or its holder died"),
    Column("holder", Text, nullable=False),
    Column("generation", Integer, comment="of its lease"),
    Column("listed", Integer, nullable=False, server_default=text("0"), comment="addresses in feeds and sitemaps"),
    Column("traffic", JSON, nullable=False, comment="requests, retries, robots, feeds, bytes: counted apart"),
    Column("verdict", String(16), comment="good | attention | failed"),
    Column("reason", Text, comment="why, in a sentence"),
    Column("clock", Integer, comment="the last clock_jumps.id when it began; null: by an older version"),
    Index(None, "source", "started_at"),
)

host_traffic = Table(
    "host_traffic",
    metadata,
    Column("run_id", String(100), ForeignKey("runs.id"), primary_key=True),
    Column("host", String(255), primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("not_modified", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("forbidden", Integer, nullable=False),
    Column("waits", Integer, nullable=False),
    Column("waited_seconds", Float, nullable=False),
    Column("shortest_interval", Float, comment="seconds; null: fewer than two requests"),
    Column("crawl_delay", Float, comment="seconds; null: robots.txt asks for none"),
    comment="The politeness ledger: what a run asked of each host.",
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run_id", String(100), ForeignKey("runs.id"), primary_key=True),
    Column("address_key", Text, primary_key=True, comment="canonical key, or the name of an imported file"),
    Column("address", Text, nullable=False),
    Column("outcome", String(64), comment="null: taken up and not yet ended"),
    Column("detail", Text),
    Column("article_id", String(80)),
    Column("page_id", Integer, ForeignKey("pages.id")),
    Index(None, "run_id", "outcome"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True, comment="SHA-256 of path, size, time of change and how"),
    Column("path", Text, nullable=False),
    Column("how", Text, nullable=False, comment="what was asked of its reading: columns, which publishers"),
    Column("run_id", String(100), ForeignKey("runs.id"), nullable=False, comment="that imports it, or did last"),
    Column("cursor", BigInteger, nullable=False, comment="all before it is saved: bytes of WARC, rows of others"),
    Column("counts", JSON, nullable=False, comment="how many records before the cursor ended how"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, comment="null: not read to its end"),
    comment="Files of records, each with how far its import has come.",
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("acquired_at", UtcDateTime, nullable=False),
    Column("expires_at", Float, nullable=False, comment="seconds since 1970; 0: given back"),
    Column("seconds", Float, comment="its length; null: taken by an older version"),
)

indexes = Table(
    "indexes",
    metadata,
    Column("uuid", String(40), primary_key=True),
    Column("engine", String(32), nullable=False),
    Column("name", String(128), nullable=False),
    Column("alias", String(64), nullable=False),
    Column("state", String(16), nullable=False, comment="building | ready | dropped"),
    Column("made_for", JSON, nullable=False, comment="schema and lexicon version, archive id and epoch"),
    Column("cursor", BigInteger, nullable=False, comment="every change up to this seq stands in the index"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "alias", "state"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("index_uuid", String(40), primary_key=True),
    Column("article_id", String(80), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

windows = Table(
    "windows",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("state", String(16), nullable=False, comment="claimed | waiting | done | failed | missed"),
    Column("run_id", String(100), comment="the run that covers it"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_try", UtcDateTime),
    Column("note", Text),
    Column("at", UtcDateTime, comment="of its last change; null: by an older version"),
    Column("since", UtcDateTime, comment="the first of many windows that this row stands for; null: only its own"),
    Column("clock", Integer, comment="the last clock_jumps.id before its last change; null: by an older version"),
    Index(None, "state"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("enabled", Boolean, comment="null: as the source file says"),
    Column("paused_at", UtcDateTime, comment="null: not paused"),
    Column("since", UtcDateTime, comment="windows before this moment are none of ours"),
)

rounds = Table(
    "rounds",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("next_at", UtcDateTime, nullable=False),
    Column("seconds", Float, nullable=False, comment="the interval, before it was jittered"),
    Column("why", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, comment="when it was planned"),
    Column("clock", Integer, nullable=False, comment="the last clock_jumps.id then"),
    comment="When the newest stories of each source are looked for next.",
)

clock_jumps = Table(
    "clock_jumps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("before", UtcDateTime, nullable=False, comment="what the clock would have shown"),
    Column("after", UtcDateTime, nullable=False, comment="what it showed, when a scheduler noticed"),
    Column("kind", String(16), nullable=False, server_default=text("'found'"), comment="noticed | found | start"),
)

backfill_days = Table(
    "backfill_days",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("day", Date, primary_key=True, comment="in the source's zone"),
    Column("state", String(16), nullable=False, comment="done | empty | open"),
    Column("listed", Integer, nullable=False, comment="stories that the day's index lists"),
    Column("waiting", Integer, nullable=False, comment="of these, still in the queue for another try"),
    Column("note", Text, comment="why it is open"),
    Column("run_id", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

harvests = Table(
    "harvests",
    metadata,
    Column("run_id", String(100), ForeignKey("runs.id"), primary_key=True),
    Column("articles", Integer, nullable=False, comment="read in the run, unchanged ones too"),
    Column("stored", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("length", Integer, comment="characters of the body; the median of the articles read"),
    Column("length_page_id", Integer, ForeignKey("pages.id"), comment="the page of the article at the median"),
    Column("shortened", Boolean, nullable=False, comment="the run ended before it had asked for everything"),
)

harvest_fields = Table(
    "harvest_fields",
    metadata,
    Column("run_id", String(100), ForeignKey("runs.id"), primary_key=True),
    Column("field", String(64), primary_key=True, comment="author, dateline …; or rejected:<reason>"),
    Column("pages", Integer, nullable=False, comment="pages on which the field could stand"),
    Column("good", Integer, nullable=False, comment="those that have it; of rejected:<reason>, those that were not"),
    Column("last_good_page_id", Integer, ForeignKey("pages.id")),
    Column("first_bad_page_id", Integer, ForeignKey("pages.id")),
)

falls = Table(
    "falls",
    metadata,
    Column("run_id", String(100), ForeignKey("runs.id"), primary_key=True),
    Column("field", String(64), primary_key=True, comment="as in harvest_fields; or articles, body length"),
    Column("seen", Float, nullable=False, comment="a share, or a number of articles or characters"),
    Column("usual", Float, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("good_page_id", Integer, ForeignKey("pages.id"), comment="the last page that was as usual"),
    Column("bad_page_id", Integer, ForeignKey("pages.id"), comment="the first that was not, in runs on end"),
)

run_flags = Table(
    "run_flags",
    metadata,
    Column("run_id", String(100), ForeignKey("runs.id"), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("articles", Integer, nullable=False, comment="read in the run, unchanged ones too"),
    Column("doubtful", Integer, nullable=False, comment="those with a flag of archive.flags.IN_DOUBT"),
    Column("counts", JSON, nullable=False, comment="how many articles carry each flag"),
    Index(None, "source"),
    comment="Flags of the articles that a run read.",
)

norms = Table(
    "norms",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("since", UtcDateTime, nullable=False, comment="runs before it measure nothing: somebody accepted a change"),
)

consents = Table(
    "consents",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("at", UtcDateTime, primary_key=True, comment="when somebody turned the source on"),
    Column("terms", Text, nullable=False, comment="as they were shown"),
    Column("robots", Text, comment="robots.txt as it was shown; null: it could not be had"),
    Column("confirmed", String(16), nullable=False, comment="typed | --yes"),
)

families = Table(
    "families",
    metadata,
    Column("id", String(80), primary_key=True, comment="the id of the article that was its first member"),
    Column("made_at", UtcDateTime, nullable=False),
    Column("merged_into", String(80), comment="families.id; null: it stands"),
    comment="Copies of one story. A family that was merged into another keeps its row, so that its id still leads on.",
)

sketches = Table(
    "sketches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", String(80), nullable=False, unique=True),
    Column("content_hash", String(64), nullable=False, comment="of the version that was sketched"),
    comment="Articles whose text was compared with others. A new version gets a new row; the old one's bands are dead.",
)

bands = Table(
    "bands",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False, comment="publication month, and the band's key"),
    Column("sketch_id", Integer, primary_key=True, autoincrement=False),
    comment="Two texts that share many runs of words share a band.",
    sqlite_with_rowid=False,
)
