"""Jumps of the clock, the length of leases, and when windows were changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock_jumps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=False, comment="what the clock would have shown"),
        sa.Column(
            "after", sa.DateTime(timezone=True), nullable=False, comment="what it showed, when a scheduler noticed"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_jumps")),
    )
    op.add_column(
        "leases", sa.Column("seconds", sa.Float(), nullable=True, comment="its length; null: taken by an older version")
    )
    op.add_column(
        "windows",
        sa.Column(
            "at", sa.DateTime(timezone=True), nullable=True, comment="of its last change; null: by an older version"
        ),
    )
    op.add_column(
        "windows",
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the first of many windows that this row stands for; null: only its own",
        ),
    )


def downgrade() -> None:
    op.drop_column("windows", "since")
    op.drop_column("windows", "at")
    op.drop_column("leases", "seconds")
    op.drop_table("clock_jumps")
