"""How many articles of each run carry which flag."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_flags",
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False, comment="read in the run, unchanged ones too"),
        sa.Column("doubtful", sa.Integer(), nullable=False, comment="those with a flag of archive.flags.IN_DOUBT"),
        sa.Column("counts", sa.JSON(), nullable=False, comment="how many articles carry each flag"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_flags_run_id")),
        sa.PrimaryKeyConstraint("run_id", "source", name=op.f("pk_run_flags")),
        comment="Flags of the articles that a run read.",
    )
    op.create_index(op.f("ix_run_flags_source"), "run_flags", ["source"])


def downgrade() -> None:
    op.drop_table("run_flags")
