"""States that were told, what people are told, and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conditions",
        sa.Column(
            "subject", sa.String(length=128), nullable=False, comment="source:NAME, or what is judged: index, disk …"
        ),
        sa.Column("state", sa.String(length=32), nullable=False, comment="the state that was told last"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="when that state was first seen"),
        sa.Column("sentence", sa.Text(), nullable=True, comment="what was seen, if it is not healthy"),
        sa.Column(
            "next_state",
            sa.String(length=32),
            nullable=True,
            comment="another state that was seen, and not for long enough yet",
        ),
        sa.Column("next_since", sa.DateTime(timezone=True), nullable=True, comment="when that was first seen"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_conditions")),
        comment="The state of everything that is judged, as it was told last.",
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True, comment="null: it may be told again"),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="change | recovery | digest | hit | correction"
        ),
        sa.Column("subject", sa.String(length=128), nullable=False, comment="as in conditions; watch:ID; digest"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
        comment="What people are told; never changed.",
    )
    op.create_index(op.f("ix_notices_at"), "notices", ["at"])
    op.create_table(
        "deliveries",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column(
            "target",
            sa.String(length=64),
            nullable=False,
            comment="a name in the settings; or watch:ID, with its own address",
        ),
        sa.Column("state", sa.String(length=16), nullable=False, comment="waiting | sending | sent | dropped"),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "bundle",
            sa.String(length=64),
            nullable=True,
            comment="those of one bundle that are due are one message; null: a message each",
        ),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "doubts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="attempts whose end nobody recorded",
        ),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True, comment="why the last attempt failed"),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "target", name=op.f("pk_deliveries")),
        comment="The outbox: one row for each notice and target.",
    )
    op.create_index(op.f("ix_deliveries_state_not_before"), "deliveries", ["state", "not_before"])


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("notices")
    op.drop_table("conditions")
