"""The politeness ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "host_traffic",
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("not_modified", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("forbidden", sa.Integer(), nullable=False),
        sa.Column("waits", sa.Integer(), nullable=False),
        sa.Column("waited_seconds", sa.Float(), nullable=False),
        sa.Column("shortest_interval", sa.Float(), nullable=True, comment="seconds; null: fewer than two requests"),
        sa.Column("crawl_delay", sa.Float(), nullable=True, comment="seconds; null: robots.txt asks for none"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_host_traffic_run_id")),
        sa.PrimaryKeyConstraint("run_id", "host", name=op.f("pk_host_traffic")),
        comment="The politeness ledger: what a run asked of each host.",
    )


def downgrade() -> None:
    op.drop_table("host_traffic")
