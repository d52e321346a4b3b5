"""Articles that were forgotten on purpose, and what is still to be overwritten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tombstones",
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=True, comment="who asked; null: not told"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_tombstones")),
        comment="Articles that were forgotten on purpose. Nothing of their text or addresses is here.",
    )
    op.create_table(
        "tombstone_keys",
        sa.Column("hash", sa.String(length=80), nullable=False, comment="see kind"),
        sa.Column("article_id", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=16),
            nullable=False,
            comment="address: identity.article_id_of_key | text: content_hash",
        ),
        sa.ForeignKeyConstraint(["article_id"], ["tombstones.article_id"], name=op.f("fk_tombstone_keys_article_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tombstone_keys")),
        comment="How a forgotten article is known again.",
    )
    op.create_index(op.f("ix_tombstone_keys_article_id"), "tombstone_keys", ["article_id"])
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=True, comment="null: the database's own file"),
        sa.Column("warc_offset", sa.BigInteger(), nullable=True),
        sa.Column("warc_length", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        comment="What a forget has still to overwrite. Empty unless one is under way, or was cut off.",
    )


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_index(op.f("ix_tombstone_keys_article_id"), "tombstone_keys")
    op.drop_table("tombstone_keys")
    op.drop_table("tombstones")
