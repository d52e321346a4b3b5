"""How many processes died while they read the page of an address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "addresses",
        sa.Column(
            "reader_deaths",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="processes that died while they read its page",
        ),
    )


def downgrade() -> None:
    op.drop_column("addresses", "reader_deaths")
