"""The versions that are a change, found without reading every version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None

_EDITED = """version > 1 OR CAST(record AS TEXT) LIKE '%"correction"%' OR CAST(record AS TEXT) LIKE '%"withdrawn"%'"""


def upgrade() -> None:
    op.create_index(
        op.f("ix_versions_edited"),
        "versions",
        ["article_id", "first_seen", "fetched_at", "saved_at"],
        sqlite_where=sa.text(_EDITED),
        postgresql_where=sa.text(_EDITED),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_versions_edited"), "versions")
