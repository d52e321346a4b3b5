"""Families: copies of one story."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "articles",
        sa.Column(
            "family",
            sa.String(80),
            nullable=True,
            comment="families.id; null: no other article tells its story in the same words",
        ),
    )
    op.create_index(op.f("ix_articles_family"), "articles", ["family"])
    op.create_table(
        "families",
        sa.Column("id", sa.String(80), nullable=False, comment="the id of the article that was its first member"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into", sa.String(80), nullable=True, comment="families.id; null: it stands"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_families")),
        comment="Copies of one story. A family that was merged into another keeps its row, so that its id still leads on.",
    )
    op.create_table(
        "sketches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(80), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False, comment="of the version that was sketched"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sketches")),
        sa.UniqueConstraint("article_id", name=op.f("uq_sketches_article_id")),
        comment="Articles whose text was compared with others. A new version gets a new row; the old one's bands are dead.",
    )
    op.create_table(
        "bands",
        sa.Column(
            "key", sa.BigInteger(), autoincrement=False, nullable=False, comment="publication month, and the band's key"
        ),
        sa.Column("sketch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "sketch_id", name=op.f("pk_bands")),
        comment="Two texts that share many runs of words share a band.",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("bands")
    op.drop_table("sketches")
    op.drop_table("families")
    op.drop_index(op.f("ix_articles_family"), table_name="articles")
    op.drop_column("articles", "family")
