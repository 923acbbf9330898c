"""Why the service does not start, or does not take a new set of rules."""

from __future__ import annotations


class InboxOwnedError(Exception):
    """Another process owns the inbox; the words name it."""


class RefusedError(Exception):
    """A set of rules or templates that reads well and does not do what it should: one line for each fault."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
