"""Imports of files with many records, each with its progress."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False, comment="SHA-256 of path, size, time of change and how"),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False, comment="what was asked of its reading: columns, which publishers"),
        sa.Column("run_id", sa.String(length=100), nullable=False, comment="that imports it, or did last"),
        sa.Column(
            "cursor", sa.BigInteger(), nullable=False, comment="all before it is saved: bytes of WARC, rows of others"
        ),
        sa.Column("counts", sa.JSON(), nullable=False, comment="how many records before the cursor ended how"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="null: not read to its end"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_imports_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("key", name=op.f("uq_imports_key")),
        comment="Files of records, each with how far its import has come.",
    )
    if op.get_bind().dialect.supports_comments:
        op.alter_column("runs", "generation", existing_type=sa.Integer(), comment="of its lease")


def downgrade() -> None:
    op.drop_table("imports")
