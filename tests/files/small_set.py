"""The small set of good rules that these tests start from, and the names that it may use."""

from __future__ import annotations

import shutil
from pathlib import Path

RULES = Path(__file__).parent.parent / "data" / "rules"
MAILBOXES = {
    name: f"{name.replace('-', '.')}@pennine.police.example"
    for name in (
        "c-division",
        "d-division",
        "duty-manager",
        "fugitives",
        "larchwood-team",
        "offender-management",
        "operations-desk",
    )
}
TEMPLATES = ("operation-query", "prison-recall")


def copied_to(folder: Path) -> Path:
    """A copy of the set, to be spoilt."""
    return shutil.copytree(RULES, folder / "rules")
