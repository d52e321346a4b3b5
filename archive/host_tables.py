"""The tables of what is known of hosts and listings, beside `archive.tables`; the same rules hold."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Integer, String, Table, Text

from archive.tables import UtcDateTime, metadata

hosts = Table(
    "hosts",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("source", String(64), nullable=False, comment="whose crawl asked it last"),
    Column("crawl_delay", Float, comment="seconds; null: robots.txt asks for none"),
    Column("asked_at", UtcDateTime, comment="the last request of a run"),
    Column("wait_until", UtcDateTime, comment="as Retry-After asked; null: it did not"),
    Column("refusals", Integer, nullable=False, comment="answers on end that refused us"),
    Column("status", Integer, comment="of the last of them"),
    Column("refused_since", UtcDateTime),
    Column("blocked_until", UtcDateTime, comment="until then nothing is asked, and then one request; null: it answers"),
    Column("pauses", Integer, nullable=False, comment="on end; each is longer than the one before"),
    Column("paused_at", UtcDateTime, comment="when the last one began"),
    Column("cookie_at", UtcDateTime, comment="when it answered only with a cookie"),
    comment="What each host asked for, or that it refuses us.",
)

listings = Table(
    "listings",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("url", Text, primary_key=True, comment="as it was asked for"),
    Column("final_url", Text, nullable=False, comment="where redirects led"),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("read_at", UtcDateTime, nullable=False),
    Column("read_as", String(64), nullable=False, comment="the source's facts and the readers, hashed"),
    Column("count", Integer, nullable=False, comment="stories in it"),
    Column("entries", JSON, comment="the stories; null: too many to keep"),
    Column("children", JSON, comment="the sitemaps that a sitemap index names"),
    comment="Feeds, sitemaps and pages of links as they were last read whole, for conditional requests.",
)
