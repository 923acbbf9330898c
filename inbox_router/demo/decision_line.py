"""One decision on one line, for people who watch; in a window too narrow for that, the reason stands below."""

from __future__ import annotations

from datetime import datetime

from inbox_router.commands.terminal import OUTCOME_STYLES, PRIORITY_STYLES, Terminal, listed, pad
from inbox_router.core.decision import Decision, Outcome, Priority
from inbox_router.core.explain import named

TIME, PRIORITY, KIND = 10, 9, 29
"""Widths of the columns, the gap after them included."""
WHITHER_SHORT, WHITHER_FULL = 27, 47
ONE_LINE = 110
FULL = 128
"""Columns from which every destination is named."""


def print_heading(terminal: Terminal) -> None:
    """The names of the columns."""
    whither = "where it went"
    why = f"{whither:<{_whither_width(terminal)}}why" if terminal.width >= ONE_LINE else whither
    heading = f"{'decided':<{TIME}}{'priority':<{PRIORITY}}{'what it is':<{KIND}}{why}"
    terminal.line(terminal.ink(heading, "dim"))


def print_decision(terminal: Terminal, decision: Decision, at: str) -> None:
    """`at` is the time of the decision, ISO 8601."""
    urgent = decision.urgency is Priority.URGENT
    head = [
        terminal.ink(f"{datetime.fromisoformat(at).astimezone():%H:%M:%S}".ljust(TIME), "dim"),
        terminal.ink(_priority(decision).ljust(PRIORITY), *PRIORITY_STYLES[decision.urgency]),
        pad(terminal.ink(_kind(decision), *(("bold",) if urgent else ())), KIND),
    ]
    width = _whither_width(terminal)
    full = width == WHITHER_FULL or terminal.width < ONE_LINE
    whither = terminal.ink(_whither(decision, full=full), *OUTCOME_STYLES[decision.outcome])
    why = terminal.ink(_why(decision), "dim")
    if terminal.width >= ONE_LINE:
        terminal.line(*head, pad(whither, width), terminal.fit(why, terminal.width - TIME - PRIORITY - KIND - width))
    else:
        terminal.line(*head, whither)
        terminal.line(" " * (TIME + PRIORITY), terminal.fit(why, terminal.width - TIME - PRIORITY))


def _whither_width(terminal: Terminal) -> int:
    return WHITHER_FULL if terminal.width >= FULL else WHITHER_SHORT


def _priority(decision: Decision) -> str:
    if decision.outcome is Outcome.FILE:
        return "-"
    return decision.urgency.upper() if decision.urgency is Priority.URGENT else decision.urgency.value


def _kind(decision: Decision) -> str:
    """What the message is; of a held one, in brackets, what it claims to be."""
    claim = decision.claims[0] if decision.claims and decision.outcome is Outcome.HOLD else None
    words = (claim.category, claim.type) if claim else (decision.category, decision.type)
    name = named(*words)
    return f"({name})" if claim and name else name or "-"


def _whither(decision: Decision, *, full: bool) -> str:
    match decision.outcome:
        case Outcome.ROUTE:
            mailboxes = [each.mailbox for each in decision.destinations]
            others = f" +{len(mailboxes) - 1}" if len(mailboxes) > 1 else ""
            return f"-> {listed(mailboxes) if full else mailboxes[0] + others}"
        case Outcome.HOLD:
            return f"held: {(decision.hold_reason or '').replace('_', ' ')}"
        case Outcome.FILE:
            return "filed, not answered"


def _why(decision: Decision) -> str:
    """The place or the operation that decided, where one did, and the rule's own reason."""
    whys = [each.why for each in decision.destinations if each.role == "to"]
    looked_up = [why for why in whys if not why.startswith("the rule ")]
    return "; ".join([*looked_up[:1], decision.because])
