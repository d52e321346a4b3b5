"""The harvest of each run, the fields that deviated from their baseline, and what was shown when a source was enabled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when somebody turned the source on"),
        sa.Column("terms", sa.Text(), nullable=False, comment="as they were shown"),
        sa.Column("robots", sa.Text(), nullable=True, comment="robots.txt as it was shown; null: it could not be had"),
        sa.Column("confirmed", sa.String(length=16), nullable=False, comment="typed | --yes"),
        sa.PrimaryKeyConstraint("source", "at", name=op.f("pk_consents")),
    )
    op.create_table(
        "norms",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="runs before it measure nothing: somebody accepted a change",
        ),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_norms")),
    )
    op.create_table(
        "harvests",
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False, comment="read in the run, unchanged ones too"),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column(
            "length", sa.Integer(), nullable=True, comment="characters of the body; the median of the articles read"
        ),
        sa.Column("length_page_id", sa.Integer(), nullable=True, comment="the page of the article at the median"),
        sa.Column(
            "shortened", sa.Boolean(), nullable=False, comment="the run ended before it had asked for everything"
        ),
        sa.ForeignKeyConstraint(["length_page_id"], ["pages.id"], name=op.f("fk_harvests_length_page_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_harvests_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_harvests")),
    )
    op.create_table(
        "harvest_fields",
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False, comment="author, dateline …; or rejected:<reason>"),
        sa.Column("pages", sa.Integer(), nullable=False, comment="pages on which the field could stand"),
        sa.Column(
            "good",
            sa.Integer(),
            nullable=False,
            comment="those that have it; of rejected:<reason>, those that were not",
        ),
        sa.Column("last_good_page_id", sa.Integer(), nullable=True),
        sa.Column("first_bad_page_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["first_bad_page_id"], ["pages.id"], name=op.f("fk_harvest_fields_first_bad_page_id")),
        sa.ForeignKeyConstraint(["last_good_page_id"], ["pages.id"], name=op.f("fk_harvest_fields_last_good_page_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_harvest_fields_run_id")),
        sa.PrimaryKeyConstraint("run_id", "field", name=op.f("pk_harvest_fields")),
    )
    op.create_table(
        "falls",
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column(
            "field", sa.String(length=64), nullable=False, comment="as in harvest_fields; or articles, body length"
        ),
        sa.Column("seen", sa.Float(), nullable=False, comment="a share, or a number of articles or characters"),
        sa.Column("usual", sa.Float(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("good_page_id", sa.Integer(), nullable=True, comment="the last page that was as usual"),
        sa.Column("bad_page_id", sa.Integer(), nullable=True, comment="the first that was not, in runs on end"),
        sa.ForeignKeyConstraint(["bad_page_id"], ["pages.id"], name=op.f("fk_falls_bad_page_id")),
        sa.ForeignKeyConstraint(["good_page_id"], ["pages.id"], name=op.f("fk_falls_good_page_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_falls_run_id")),
        sa.PrimaryKeyConstraint("run_id", "field", name=op.f("pk_falls")),
    )


def downgrade() -> None:
    for name in ("falls", "harvest_fields", "harvests", "norms", "consents"):
        op.drop_table(name)
