"""The publication times that feeds announce, and the days that a backfill has handled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("addresses") as batch_op:
        batch_op.add_column(
            sa.Column(
                "announced",
                sa.String(length=40),
                nullable=True,
                comment="the publication time that a feed told, ISO 8601; a moment or a day",
            )
        )
    op.create_table(
        "backfill_days",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="in the source's zone"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="done | empty | open"),
        sa.Column("listed", sa.Integer(), nullable=False, comment="stories that the day's index lists"),
        sa.Column("waiting", sa.Integer(), nullable=False, comment="of these, still in the queue for another try"),
        sa.Column("note", sa.Text(), nullable=True, comment="why it is open"),
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "day", name=op.f("pk_backfill_days")),
    )


def downgrade() -> None:
    op.drop_table("backfill_days")
    with op.batch_alter_table("addresses") as batch_op:
        batch_op.drop_column("announced")
