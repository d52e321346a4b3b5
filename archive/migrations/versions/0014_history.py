"""When each version was so, and whether it is a re-reading."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    cause = sa.Column(
        "cause", sa.String(length=16), server_default=sa.text("'capture'"), nullable=False, comment="capture | reread"
    )
    op.add_column("versions", cause)
    op.add_column(
        "versions",
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=True, comment="null: at fetched_at"),
    )
    op.add_column(
        "versions",
        sa.Column(
            "last_seen",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="null: not after fetched_at; of the current one, the article's counts",
        ),
    )
    op.create_index(op.f("ix_versions_page_id"), "versions", ["page_id"])
    versions = sa.table("versions", sa.column("cause"), sa.column("run_id"), sa.column("version"))
    runs = sa.table("runs", sa.column("id"), sa.column("source"))
    rereadings = sa.select(runs.c.id).where(runs.c.source == "reextract")  # a mend has this kind, and reads captures
    op.execute(
        versions.update().where(versions.c.run_id.in_(rereadings), versions.c.version > 1).values(cause="reread")
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_versions_page_id"), "versions")
    op.drop_column("versions", "last_seen")
    op.drop_column("versions", "first_seen")
    op.drop_column("versions", "cause")
