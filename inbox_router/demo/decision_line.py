"""One decision on one line, for people who watch."""

from __future__ import annotations

from datetime import datetime

from inbox_router.commands.terminal import OUTCOME_STYLES, PRIORITY_STYLES, Terminal, length, listed, pad
from inbox_router.core.decision import Decision, Outcome, Priority

KIND_WIDTH = 34
INDENT = 19
"""Where the second line begins in a window too narrow for one."""


def print_decision(terminal: Terminal, decision: Decision, at: str) -> None:
    """Time, urgency, what it is, where it went, and why; in a narrow window the reason stands on a second line."""
    urgent = decision.urgency is Priority.URGENT
    head = "".join(
        [
            terminal.ink(f"{datetime.fromisoformat(at).astimezone():%H:%M:%S}  ", "dim"),
            terminal.ink(f"{_urgency(decision):<9}", *PRIORITY_STYLES[decision.urgency]),
            pad(terminal.ink(_kind(decision), *(("bold",) if urgent else ())), KIND_WIDTH),
            terminal.ink(_whither(decision), *OUTCOME_STYLES[decision.outcome]),
        ]
    )
    because = f"because {decision.because}"
    if length(head) + 2 + length(because) <= terminal.width:
        terminal.line(head, "  ", terminal.ink(because, "dim"))
    else:
        terminal.line(head)
        terminal.wrapped(because, INDENT, "dim")


def _urgency(decision: Decision) -> str:
    if decision.outcome is Outcome.FILE:
        return "-"
    return decision.urgency.upper() if decision.urgency is Priority.URGENT else decision.urgency.value


def _kind(decision: Decision) -> str:
    """What the message is; of a held one, what it claims to be."""
    claim = decision.claims[0] if decision.claims and decision.outcome is Outcome.HOLD else None
    words = (claim.category, claim.type) if claim else (decision.category, decision.type)
    name = " / ".join(word.replace("_", " ") for word in words if word)
    return f"({name})" if claim and name else name or "-"


def _whither(decision: Decision) -> str:
    match decision.outcome:
        case Outcome.ROUTE:
            return f"-> {listed(each.mailbox for each in decision.destinations)}"
        case Outcome.HOLD:
            return f"held: {(decision.hold_reason or '').replace('_', ' ')}"
        case Outcome.FILE:
            return "filed, never answered"
