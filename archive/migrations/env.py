"""Alembic's entry: runs the migrations on the connection that `Archive.migrate` hands over."""

from __future__ import annotations

from alembic import context

from archive.every_table import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter columns in place
    transactional_ddl=False,  # the transaction is the caller's
)
with context.begin_transaction():
    context.run_migrations()
