"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="identity.canonical_key of url"),
        sa.Column("url", sa.Text(), nullable=False, comment="as it was first discovered"),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_in", sa.Text(), nullable=True, comment="the feed or sitemap that listed it first"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="queued | done | gone | given-up"),
        sa.Column(
            "attempts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="since the last final outcome",
        ),
        sa.Column(
            "next_try", sa.DateTime(timezone=True), nullable=True, comment="null: whenever the source is crawled next"
        ),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_fetched", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_outcome", sa.String(length=64), nullable=True),
        sa.Column("misses", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="404 and 410 in a row"),
        sa.Column("article_id", sa.String(length=80), nullable=True, comment="the article that this address gave"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("key", name=op.f("uq_addresses_key")),
    )
    with op.batch_alter_table("addresses") as batch_op:
        batch_op.create_index(batch_op.f("ix_addresses_article_id"), ["article_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_addresses_source_state_next_try"), ["source", "state", "next_try"], unique=False
        )

    op.create_table(
        "articles",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="the latest change; 0 inside the saving transaction"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column(
            "published_on",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="for sorting; a day counts from 00:00 of its zone",
        ),
        sa.Column("first_saved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_saved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    with op.batch_alter_table("articles") as batch_op:
        batch_op.create_index(batch_op.f("ix_articles_seq"), ["seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_articles_source_published_on"), ["source", "published_on"], unique=False)

    op.create_table(
        "changes",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
    )
    with op.batch_alter_table("changes") as batch_op:
        batch_op.create_index(batch_op.f("ix_changes_article_id"), ["article_id"], unique=False)

    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
        comment="`seq`: advanced as the last act of a saving transaction, so its order is the order of commit.",
    )
    op.create_table(
        "dead_letters",
        sa.Column("index_uuid", sa.String(length=40), nullable=False),
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("index_uuid", "article_id", name=op.f("pk_dead_letters")),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
        comment="What the archive is: its id, and its epoch (a new one at each restore).",
    )
    op.create_table(
        "indexes",
        sa.Column("uuid", sa.String(length=40), nullable=False),
        sa.Column("engine", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("alias", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="building | ready | dropped"),
        sa.Column("made_for", sa.JSON(), nullable=False, comment="schema and lexicon version, archive id and epoch"),
        sa.Column("cursor", sa.BigInteger(), nullable=False, comment="every change up to this seq stands in the index"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_indexes")),
    )
    with op.batch_alter_table("indexes") as batch_op:
        batch_op.create_index(batch_op.f("ix_indexes_alias_state"), ["alias", "state"], unique=False)

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("acquired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False, comment="seconds since 1970; 0: given back"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=False, comment="name below the archive's warc folder"),
        sa.Column("warc_offset", sa.BigInteger(), nullable=False),
        sa.Column("warc_length", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("warc_file", "warc_offset", name=op.f("uq_pages_warc_file_warc_offset")),
    )
    with op.batch_alter_table("pages") as batch_op:
        batch_op.create_index(batch_op.f("ix_pages_key"), ["key"], unique=False)

    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="crawl | import | reextract"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="null: under way, or its holder died"),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column(
            "generation", sa.Integer(), nullable=True, comment="of its lease; null for an import, which takes none"
        ),
        sa.Column(
            "listed",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="addresses in feeds and sitemaps",
        ),
        sa.Column(
            "traffic", sa.JSON(), nullable=False, comment="requests, retries, robots, feeds, bytes: counted apart"
        ),
        sa.Column("verdict", sa.String(length=16), nullable=True, comment="good | attention | failed"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why, in a sentence"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs") as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_source_started_at"), ["source", "started_at"], unique=False)

    op.create_table(
        "schedules",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=True, comment="null: as the source file says"),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True, comment="null: not paused"),
        sa.Column(
            "since", sa.DateTime(timezone=True), nullable=True, comment="windows before this moment are none of ours"
        ),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_schedules")),
    )
    op.create_table(
        "windows",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="claimed | waiting | done | failed | missed"),
        sa.Column("run_id", sa.String(length=100), nullable=True, comment="the run that covers it"),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", "due_at", name=op.f("pk_windows")),
    )
    with op.batch_alter_table("windows") as batch_op:
        batch_op.create_index(batch_op.f("ix_windows_state"), ["state"], unique=False)

    op.create_table(
        "outcomes",
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False, comment="canonical key, or the name of an imported file"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True, comment="null: taken up and not yet ended"),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("article_id", sa.String(length=80), nullable=True),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_outcomes_page_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_outcomes_run_id")),
        sa.PrimaryKeyConstraint("run_id", "address_key", name=op.f("pk_outcomes")),
    )
    with op.batch_alter_table("outcomes") as batch_op:
        batch_op.create_index(batch_op.f("ix_outcomes_run_id_outcome"), ["run_id", "outcome"], unique=False)

    op.create_table(
        "versions",
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False, comment="records.Article.as_json"),
        sa.Column(
            "fetched_at", sa.DateTime(timezone=True), nullable=True, comment="null: an import that does not know"
        ),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=True, comment="the WARC record it was read from"),
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column(
            "reader", sa.String(length=40), nullable=False, comment="the version of readers and lexicon that read it"
        ),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_versions_article_id")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_versions_page_id")),
        sa.PrimaryKeyConstraint("article_id", "version", name=op.f("pk_versions")),
    )


def downgrade() -> None:
    op.drop_table("versions")
    with op.batch_alter_table("outcomes") as batch_op:
        batch_op.drop_index(batch_op.f("ix_outcomes_run_id_outcome"))

    op.drop_table("outcomes")
    with op.batch_alter_table("windows") as batch_op:
        batch_op.drop_index(batch_op.f("ix_windows_state"))

    op.drop_table("windows")
    op.drop_table("schedules")
    with op.batch_alter_table("runs") as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_source_started_at"))

    op.drop_table("runs")
    with op.batch_alter_table("pages") as batch_op:
        batch_op.drop_index(batch_op.f("ix_pages_key"))

    op.drop_table("pages")
    op.drop_table("leases")
    with op.batch_alter_table("indexes") as batch_op:
        batch_op.drop_index(batch_op.f("ix_indexes_alias_state"))

    op.drop_table("indexes")
    op.drop_table("facts")
    op.drop_table("dead_letters")
    op.drop_table("counters")
    with op.batch_alter_table("changes") as batch_op:
        batch_op.drop_index(batch_op.f("ix_changes_article_id"))

    op.drop_table("changes")
    with op.batch_alter_table("articles") as batch_op:
        batch_op.drop_index(batch_op.f("ix_articles_source_published_on"))
        batch_op.drop_index(batch_op.f("ix_articles_seq"))

    op.drop_table("articles")
    with op.batch_alter_table("addresses") as batch_op:
        batch_op.drop_index(batch_op.f("ix_addresses_source_state_next_try"))
        batch_op.drop_index(batch_op.f("ix_addresses_article_id"))

    op.drop_table("addresses")
