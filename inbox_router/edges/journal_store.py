"""Opening the journal's file: durable SQLite, tables of the right version, transactions, words for what goes wrong.

The service has one writing connection. Other processes open the journal read-only, or for one short transaction where
`may_be_shared` says so: many systems still bring an SQLite that can corrupt a database with two writing connections.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import StaticPool

from inbox_router.edges.journal_schema import REVISIONS, meta, metadata, schema_version
from inbox_router.edges.journal_values import JournalError, JournalNewerError, JournalUnavailableError

_MENDED_BEFORE = ((3, 50, 7), (3, 44, 6))

BUSY_SECONDS = 10
"""How long another process may keep the file locked before a call fails."""


def may_be_shared() -> bool:
    """Whether two processes may write to one journal.

    SQLite from 3.7.0 on could corrupt a database in WAL mode where two connections write or checkpoint; 3.51.3 mended
    that, and 3.50.7 and 3.44.6 for those who stay behind.
    """
    version = tuple(map(int, sqlite_library().sqlite_version.split(".")))
    return version >= (3, 51, 3) or any(version[:2] == kept[:2] and version >= kept for kept in _MENDED_BEFORE)


class Store:
    """The file, and transactions on it. Calls from several threads wait for one another."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        if read_only and not path.exists():
            raise JournalError(f"There is no journal at {path}. The service creates it when it is first run.")
        self._lock = threading.RLock()
        self._closed = False
        self._engine = _engine(path, read_only=read_only)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Waits for a transaction that is under way."""
        with self._lock:
            self._closed = True
            self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the journal."""
        with self._transaction(writing=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: durable when this ends, undone when it raises."""
        if self.read_only:
            raise JournalError(f"The journal {self.path} was opened for reading only.")
        with self._transaction(writing=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[Connection]:
        with self._lock:
            if self._closed:
                raise JournalError(f"The journal {self.path} is closed.")
            try:
                with self._engine.connect().execution_options(writing=writing) as connection, connection.begin():
                    yield connection
            except IntegrityError as error:
                raise JournalError(
                    f"The journal {self.path} refused what contradicts it: {error.orig}. Nothing was recorded."
                ) from error
            except DBAPIError as error:
                # The statement is left out: its parameters are the content of mail.
                doing = "written" if writing else "read"
                raise JournalUnavailableError(
                    f"The journal {self.path} could not be {doing}: {error.orig}. Nothing was recorded."
                ) from error

    def _prepare(self) -> None:
        with self._transaction(writing=not self.read_only) as connection:
            version = _version(connection)
            if version is None and not self.read_only:
                _create(connection)
            elif version is None:
                raise JournalError(f"{self.path} is not a journal of inbox-router.")
            elif version not in REVISIONS:
                raise JournalNewerError(
                    f"The journal {self.path} was written by a newer inbox-router: its tables have version {version}, "
                    f"this program knows {REVISIONS[-1]}. Run the newer program, or put back a backup from before."
                )
            elif version != REVISIONS[-1] and self.read_only:
                raise JournalError(
                    f"The journal {self.path} has tables of version {version}, this program needs {REVISIONS[-1]}. "
                    "Start the service once: it brings them up to date."
                )
            elif version != REVISIONS[-1]:
                # Imported only when needed: it takes half a second.
                migrations = importlib.import_module("inbox_router.edges.migrations")
                migrations.upgrade(connection)


def _engine(path: Path, *, read_only: bool) -> Engine:
    mode = "ro" if read_only else "rwc"
    engine = create_engine(
        "sqlite://",
        module=sqlite_library(),
        creator=lambda: _connect(path, mode),
        poolclass=StaticPool,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver's own transactions begin only at the first change, too late to rely on what was read before it.
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def sqlite_library() -> Any:
    """The newest SQLite at hand: that of the pysqlite3 package, where there is one for this machine."""
    try:
        return importlib.import_module("pysqlite3")
    except ImportError:
        return importlib.import_module("sqlite3")


def _connect(path: Path, mode: str) -> Any:
    sqlite = sqlite_library()
    try:
        if mode != "ro":
            # Mail is nobody else's business. SQLite gives the files that it puts beside this one the same mode.
            path.touch(mode=0o600)
        connection = sqlite.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA foreign_keys=ON")
        if mode != "ro":
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
    except (OSError, sqlite.Error) as error:
        raise JournalUnavailableError(
            f"The journal {path} cannot be opened: {error}. Its folder must exist and be writable for the service."
        ) from error
    return connection


def _version(connection: Connection) -> str | None:
    """The version of the tables; None where there are none at all."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    version = connection.scalar(select(schema_version.c.version_num)) if schema_version.name in tables else None
    if version is None:
        raise JournalError("The file is a database of something else, not a journal of inbox-router.")
    return str(version)


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(insert(schema_version).values(version_num=REVISIONS[-1]))


def belonging_to(connection: Connection, instance: str | None, *, may_settle: bool) -> str:
    """The instance that a journal belongs to: with `may_settle`, a new journal becomes that of `instance`."""
    owner = connection.scalar(select(meta.c.value).where(meta.c.name == "instance"))
    if owner is None:
        if instance is None or not may_settle:
            raise JournalError("The journal is new and belongs to no instance yet. Start the service first.")
        connection.execute(insert(meta).values(name="instance", value=instance))
        return instance
    if instance is not None and instance != owner:
        raise JournalError(
            f"The journal belongs to the instance {owner!r}, but the configuration names {instance!r}. Each instance "
            "needs a journal of its own: correct the name or the path."
        )
    return str(owner)
