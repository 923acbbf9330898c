"""What rules did over a time: how often each decided, or would have decided."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, func, select

from inbox_router.core.decision import Outcome
from inbox_router.edges.journal_schema import decisions, messages
from inbox_router.edges.journal_text import decision_from_text
from inbox_router.edges.journal_values import RuleCounts

_PAGE = 500


def rule_counts(connection: Connection, since: datetime) -> RuleCounts:
    """Held messages are read one by one, because only their decisions say which rules would have had them."""
    within = messages.c.decided_at >= since
    first = connection.scalar(select(func.min(messages.c.decided_at)))
    rows = connection.execute(
        select(messages.c.rule, func.count())
        .where(within, messages.c.outcome != Outcome.HOLD.value)
        .group_by(messages.c.rule)
    ).all()
    counts: Counter[str] = Counter({row[0]: row[1] for row in rows})
    decided = counts.total()
    newest = select(func.max(decisions.c.id)).group_by(decisions.c.message)
    held = connection.execute(
        select(decisions.c.decision)
        .join(messages, messages.c.id == decisions.c.message)
        .where(within, messages.c.outcome == Outcome.HOLD.value, decisions.c.id.in_(newest))
    )
    for row in held.yield_per(_PAGE):
        decided += 1
        decision = decision_from_text(row.decision)
        counts.update({decision.rule, *(claim.rule for claim in decision.claims)} - {""})
    return RuleCounts(messages=decided, by_rule=dict(counts), first=first)
