"""What hosts asked for or refuse, and what listings were when they were last read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("source", sa.String(64), nullable=False, comment="whose crawl asked it last"),
        sa.Column("crawl_delay", sa.Float(), nullable=True, comment="seconds; null: robots.txt asks for none"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True, comment="the last request of a run"),
        sa.Column(
            "wait_until", sa.DateTime(timezone=True), nullable=True, comment="as Retry-After asked; null: it did not"
        ),
        sa.Column("refusals", sa.Integer(), nullable=False, comment="answers on end that refused us"),
        sa.Column("status", sa.Integer(), nullable=True, comment="of the last of them"),
        sa.Column("refused_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "blocked_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="until then nothing is asked, and then one request; null: it answers",
        ),
        sa.Column("pauses", sa.Integer(), nullable=False, comment="on end; each is longer than the one before"),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True, comment="when the last one began"),
        sa.Column(
            "cookie_at", sa.DateTime(timezone=True), nullable=True, comment="when it answered only with a cookie"
        ),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
        comment="What each host asked for, or that it refuses us.",
    )
    op.create_table(
        "listings",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="as it was asked for"),
        sa.Column("final_url", sa.Text(), nullable=False, comment="where redirects led"),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_as", sa.String(64), nullable=False, comment="the source's facts and the readers, hashed"),
        sa.Column("count", sa.Integer(), nullable=False, comment="stories in it"),
        sa.Column("entries", sa.JSON(), nullable=True, comment="the stories; null: too many to keep"),
        sa.Column("children", sa.JSON(), nullable=True, comment="the sitemaps that a sitemap index names"),
        sa.PrimaryKeyConstraint("source", "url", name=op.f("pk_listings")),
        comment="Feeds, sitemaps and pages of links as they were last read whole, for conditional requests.",
    )


def downgrade() -> None:
    op.drop_table("listings")
    op.drop_table("hosts")
