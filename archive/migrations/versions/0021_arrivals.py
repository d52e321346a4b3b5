"""What came in, and what changed, since a moment: found without reading every article."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_articles_first_saved"), "articles", ["first_saved"])
    op.create_index(op.f("ix_versions_saved_at"), "versions", ["saved_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_versions_saved_at"), "versions")
    op.drop_index(op.f("ix_articles_first_saved"), "articles")
