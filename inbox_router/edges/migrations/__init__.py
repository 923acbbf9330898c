"""How the journal's tables came to be what they are, one step a file, run with alembic."""

from __future__ import annotations

import alembic.command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Brings the tables up to `revision` inside the transaction that `connection` is in: all of it, or nothing."""
    alembic.command.upgrade(configuration(connection), revision)


def configuration(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "inbox_router.edges:migrations")
    config.attributes["connection"] = connection
    return config
