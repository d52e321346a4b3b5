"""Which story a correction corrects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("article_id", sa.String(length=80), nullable=False, comment="the correction"),
        sa.Column("key", sa.Text(), nullable=False, comment="identity.canonical_key of the story that it corrects"),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_corrections")),
        comment="Which story a correction corrects, where its page links to it.",
    )
    op.create_index(op.f("ix_corrections_key"), "corrections", ["key"])


def downgrade() -> None:
    op.drop_table("corrections")
