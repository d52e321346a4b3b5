"""Changes of the clock that rows remember."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "clock_jumps",
        sa.Column(
            "kind",
            sa.String(length=16),
            nullable=False,
            server_default=sa.text("'found'"),
            comment="noticed | found | start",
        ),
    )
    op.add_column(
        "windows",
        sa.Column(
            "clock",
            sa.Integer(),
            nullable=True,
            comment="the last clock_jumps.id before its last change; null: by an older version",
        ),
    )
    op.add_column(
        "runs",
        sa.Column(
            "clock",
            sa.Integer(),
            nullable=True,
            comment="the last clock_jumps.id when it began; null: by an older version",
        ),
    )


def downgrade() -> None:
    op.drop_column("runs", "clock")
    op.drop_column("windows", "clock")
    op.drop_column("clock_jumps", "kind")
