"""How a message that arrived can stand."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """How a message that arrived stands; the four add up to what arrived."""

    ROUTED = "routed"
    HELD = "held"
    FILED = "filed"
    AWAITING = "awaiting"
