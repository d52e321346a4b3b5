"""Changes of the clock that rows remember, rounds, revisits, and since when an article is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from archive.tables import UtcDateTime

revision = "0010"
down_revision = "0009"
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
    op.add_column(
        "addresses",
        sa.Column(
            "next_visit",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its article is looked at again for corrections; null: never",
        ),
    )
    op.create_index(op.f("ix_addresses_source_next_visit"), "addresses", ["source", "next_visit"])
    op.add_column(
        "articles",
        sa.Column(
            "gone_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its page was first found missing; null: it stands",
        ),
    )
    op.create_table(
        "rounds",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False, comment="the interval, before it was jittered"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was planned"),
        sa.Column("clock", sa.Integer(), nullable=False, comment="the last clock_jumps.id then"),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_rounds")),
        comment="When the newest stories of each source are looked for next.",
    )
    _visit_the_newest()


def _visit_the_newest() -> None:
    """Articles of the last 30 days are looked at again, as those that are archived from now on."""
    now = datetime.now(UTC)
    addresses = sa.table(
        "addresses", sa.column("state"), sa.column("article_id"), sa.column("next_visit", UtcDateTime())
    )
    articles = sa.table(
        "articles",
        sa.column("id"),
        sa.column("published_on", UtcDateTime()),
        sa.column("status"),
        sa.column("gone_since", UtcDateTime()),
        sa.column("last_saved", UtcDateTime()),
    )
    newest = sa.select(articles.c.id).where(articles.c.published_on > now - timedelta(days=30))
    op.execute(
        sa.update(addresses)
        .where(addresses.c.state == "done", addresses.c.article_id.in_(newest))
        .values(next_visit=now)
    )
    op.execute(sa.update(articles).where(articles.c.status == "gone").values(gone_since=articles.c.last_saved))


def downgrade() -> None:
    op.drop_table("rounds")
    op.drop_column("articles", "gone_since")
    op.drop_index(op.f("ix_addresses_source_next_visit"), table_name="addresses")
    op.drop_column("addresses", "next_visit")
    op.drop_column("runs", "clock")
    op.drop_column("windows", "clock")
    op.drop_column("clock_jumps", "kind")
