"""What Alembic runs: the steps, on the connection and in the transaction of ``migrating``."""

from __future__ import annotations

from alembic import context

from assistant.records.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
