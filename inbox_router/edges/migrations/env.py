"""What alembic runs around the steps: on the connection that it is given, in the transaction that this is in."""

from __future__ import annotations

from alembic import context

from inbox_router.edges.journal_schema import metadata, schema_version

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=schema_version.name,
    render_as_batch=True,
)
context.run_migrations()
