"""The comments that the tables have in the code: PostgreSQL keeps them, SQLite does not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NOW = "crawl | round | backfill | import | reextract | verify"
_BEFORE = "crawl | import | reextract"


def upgrade() -> None:
    _comment(_NOW, _BEFORE)


def downgrade() -> None:
    _comment(_BEFORE, _NOW)


def _comment(text: str, before: str) -> None:
    if op.get_bind().dialect.supports_comments:
        op.alter_column("runs", "kind", existing_type=sa.String(16), comment=text, existing_comment=before)
