"""The tables of what was forgotten on purpose, beside `archive.tables`; the same rules hold (migration 0018)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from archive.tables import UtcDateTime, metadata

tombstones = Table(
    "tombstones",
    metadata,
    Column("article_id", String(80), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("requested_by", Text, comment="who asked; null: not told"),
    Column("at", UtcDateTime, nullable=False),
    comment="Articles that were forgotten on purpose. Nothing of their text or addresses is here.",
)

tombstone_keys = Table(
    "tombstone_keys",
    metadata,
    Column("hash", String(80), primary_key=True, comment="see kind"),
    Column("article_id", String(80), ForeignKey("tombstones.article_id"), nullable=False),
    Column("kind", String(16), nullable=False, comment="address: identity.article_id_of_key | text: content_hash"),
    Index(None, "article_id"),
    comment="How a forgotten article is known again.",
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("warc_file", Text, comment="null: the database's own file"),
    Column("warc_offset", BigInteger),
    Column("warc_length", BigInteger),
    comment="What a forget has still to overwrite. Empty unless one is under way, or was cut off.",
)
