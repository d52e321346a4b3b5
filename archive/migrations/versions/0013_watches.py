"""Watches: searches that tell what is new to them, and what each has found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column(
            "target",
            sa.String(length=64),
            nullable=True,
            comment="a name in the settings; null: an address of its own, or the feed alone",
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="a secret: never printed or logged"),
        sa.Column("rhythm", sa.String(length=16), nullable=False, comment="each | hourly | daily"),
        sa.Column("imports", sa.Boolean(), nullable=False, comment="whether imports and backfills are told"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False, comment="every change up to this seq was looked at"),
        sa.Column("epoch", sa.String(length=64), nullable=False, comment="of the archive, in which the cursor counts"),
        sa.Column("problem", sa.Text(), nullable=True, comment="why it cannot be looked at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
        comment="Searches that tell what is new to them.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "watch_hits",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "corrects", sa.Boolean(), nullable=False, comment="a new version of an article that was known before"
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was found"),
        sa.ForeignKeyConstraint(["watch_id"], ["watches.id"], name=op.f("fk_watch_hits_watch_id")),
        sa.PrimaryKeyConstraint("watch_id", "article_id", "version", name=op.f("pk_watch_hits")),
        comment="What each watch has found and told.",
    )
    op.create_index(op.f("ix_watch_hits_watch_id_at"), "watch_hits", ["watch_id", "at"])


def downgrade() -> None:
    op.drop_table("watch_hits")
    op.drop_table("watches")
