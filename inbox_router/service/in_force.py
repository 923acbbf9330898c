"""What decides and what writes, as they are now: replaced as a whole when rules or templates are read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox_router.core.compose import Originator, Templates
from inbox_router.triage import Triage


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    triage: Triage
    templates: Templates
    originator: Originator
    version: str
    """Digest of the rule set, 64 hexadecimal digits."""
    since: datetime
