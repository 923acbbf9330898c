"""How the service stands, in a small file beside the journal, for `inbox-router status` to read from outside."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(slots=True, kw_only=True)
class Standing:
    """Written after each completed cycle and each change of the rules. It is a view, not the record."""

    process: int
    mode: str
    started: datetime
    rules_version: str
    rules_since: datetime
    refused_at: datetime | None = None
    """When a newer set of rules was refused; the one above is still in force."""
    refused: str = ""
    """Why, one line for each problem."""
    last_cycle: datetime | None = None
    """When the mailbox was last found to hold nothing that is not in the journal."""
    last_reconcile: datetime | None = None
    """When the mailbox was last compared with the journal."""
    reconciled: str = ""
    """What came of it, as `inbox-router reconcile` prints it."""
    written: datetime | None = None
    """When the service last said so by the clock: once a minute, whatever happens to the mailbox."""


def standing_path(journal: Path) -> Path:
    return journal.with_name(journal.name + ".status.json")


def write_standing(path: Path, standing: Standing) -> None:
    """Readers see the old file or the new one, never half of one. Raises OSError."""
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(dataclasses.asdict(standing), default=datetime.isoformat, indent=1), encoding="utf-8")
    os.replace(new, path)


def read_standing(path: Path) -> Standing | None:
    """None where no service ever wrote one, or it cannot be understood."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        for name in ("started", "rules_since", "refused_at", "last_cycle", "last_reconcile", "written"):
            fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
        return Standing(**fields)
    except (OSError, ValueError, TypeError, KeyError):
        return None
