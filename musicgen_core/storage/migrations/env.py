"""What Alembic runs; the connection comes from musicgen_core.storage.schema."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("mindjam migrates its database itself when it starts.")
# The caller holds the transaction. SQLite's DDL takes part in it, although Alembic does not say so.
context.configure(connection=connection, transactional_ddl=True, render_as_batch=True)
context.run_migrations()
