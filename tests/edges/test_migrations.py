"""The journal's tables: however old a journal is, it ends with the tables that a new one has, and with all it held."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from journal_cases import NOW, arrival, routing
from sqlalchemy import create_engine

from inbox_router.edges import migrations
from inbox_router.edges.journal import Journal, JournalError, JournalNewerError
from inbox_router.edges.journal_schema import REVISIONS, metadata


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def migrated(path: Path, revision: str) -> None:
    """A journal as the program of that time made it."""
    with create_engine(f"sqlite:///{path}").begin() as connection:
        migrations.upgrade(connection, revision)


def tables(path: Path) -> dict[str, str]:
    """What each table and index consists of, without regard to layout, order or the names of nameless constraints."""
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        )
        return {name: " ".join(sorted(sql.replace(",", " ").split())) for name, sql in rows}


def test_the_steps_lead_to_the_tables_of_a_new_journal(tmp_path: Path) -> None:
    Journal.open(tmp_path / "new.db", instance="pennine").close()
    migrated(tmp_path / "old.db", "head")
    old, new = tables(tmp_path / "old.db"), tables(tmp_path / "new.db")
    old.pop("schema_version")
    new.pop("schema_version")
    assert old == new


def test_the_steps_leave_nothing_to_do(path: Path) -> None:
    migrated(path, "head")
    with create_engine(f"sqlite:///{path}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "schema_version"})
        assert compare_metadata(context, metadata) == []


def test_the_program_knows_every_step_in_its_order() -> None:
    scripts = ScriptDirectory.from_config(migrations.configuration())
    steps = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(steps)) == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_journal_of_any_age_can_be_worked_with(path: Path, revision: str) -> None:
    migrated(path, revision)
    with Journal.open(path, instance="pennine") as journal:
        (message_id,) = journal.receive([arrival(1)], NOW)
        journal.route([routing(message_id, 1)], NOW)
        assert journal.sums().awaiting == 1


def test_an_older_journal_is_brought_up_to_date_when_it_is_opened_to_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a second version made up for the occasion."""
    with Journal.open(path, instance="pennine") as journal:
        journal.receive([arrival(1)], NOW)
    monkeypatch.setattr("inbox_router.edges.journal_store.REVISIONS", (*REVISIONS, "made up"))
    asked_for: list[str] = []
    monkeypatch.setattr(migrations, "upgrade", lambda connection, revision="head": asked_for.append(revision))
    with pytest.raises(JournalError, match="Start the service once"):
        Journal.open(path, read_only=True)
    assert asked_for == []
    with Journal.open(path) as journal:
        assert journal.sums().arrived == 1
    assert asked_for == ["head"]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_journal_is_refused_untouched_with_what_to_do(path: Path, read_only: bool) -> None:
    Journal.open(path, instance="pennine").close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE schema_version SET version_num = '9999'")
    with pytest.raises(
        JournalNewerError, match=r"newer inbox-router.*9999.*Run the newer program, or put back a backup"
    ):
        Journal.open(path, read_only=read_only)


def test_a_step_that_fails_leaves_the_journal_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal.open(path, instance="pennine").close()
    before = tables(path)
    monkeypatch.setattr("inbox_router.edges.journal_store.REVISIONS", (*REVISIONS, "made up"))

    def half_done(connection: object, revision: str = "head") -> None:
        connection.exec_driver_sql("CREATE TABLE half (done TEXT)")  # type: ignore[attr-defined]
        connection.exec_driver_sql("UPDATE absent SET that = 'exists'")  # type: ignore[attr-defined]

    monkeypatch.setattr(migrations, "upgrade", half_done)
    with pytest.raises(JournalError, match="no such table: absent"):
        Journal.open(path)
    assert tables(path) == before


def test_the_migration_library_is_not_loaded_unless_there_is_something_to_migrate(path: Path) -> None:
    program = (
        "import sys; from inbox_router.edges.journal import Journal;"
        f"[Journal.open({str(path)!r}, instance='pennine').close() for _ in range(2)];"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
