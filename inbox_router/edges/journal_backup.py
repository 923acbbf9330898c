"""A copy of the journal while the service writes to it: one file, whole, and on the disk before it has its name."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path

from inbox_router.edges.journal_store import sqlite_library
from inbox_router.edges.journal_values import JournalError


def back_up(journal: Path, target: Path) -> None:
    """Writes the journal as it is at one moment to `target`, which must not exist. Raises JournalError or OSError."""
    if target.exists():
        raise JournalError(f"{target} exists, and a backup overwrites nothing: give another name.")
    new = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        _copy(journal, new)
        descriptor = os.open(new, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # Linked, not renamed: should somebody have taken the name meanwhile, this fails.
        os.link(new, target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        with suppress(FileNotFoundError):
            new.unlink()


def _copy(journal: Path, new: Path) -> None:
    sqlite = sqlite_library()
    new.touch(mode=0o600, exist_ok=False)
    try:
        with (
            closing(sqlite.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite.connect(new)) as copy,
        ):
            source.backup(copy)
            # A copy has no log beside it: it is one file.
            copy.execute("PRAGMA journal_mode=DELETE")
            fault = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite.Error as error:
        raise JournalError(f"The journal {journal} could not be copied: {error}. No backup was made.") from error
    if fault != "ok":
        raise JournalError(f"The journal {journal} is damaged: {fault}. No backup was made; keep the last good one.")
