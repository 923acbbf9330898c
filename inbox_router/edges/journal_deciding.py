"""Recording decisions together with the mail that they cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.decision import PRIORITIES, Decision, Priority
from inbox_router.core.delivery import DeliveryState, Submission
from inbox_router.core.lines import one_line
from inbox_router.edges.journal_schema import (
    decisions,
    deliveries,
    identifiers,
    message_submissions,
    messages,
    submissions,
)
from inbox_router.edges.journal_settling import complete
from inbox_router.edges.journal_states import advance, chunks
from inbox_router.edges.journal_text import decision_to_text, pack
from inbox_router.edges.journal_values import JournalError, MessageState, Routing

MESSAGE_ID_CHARACTERS = 998
"""The longest line of a header (RFC 5322): a Message-ID beyond it is nobody's."""

Packed = Mapping[str, tuple[str, bytes]]
"""By Message-ID of ours: how the octets are packed, and they."""


def prepare(mail: Sequence[Submission]) -> Packed:
    """Packs octets: work that no transaction need wait for."""
    return {submission.message_id: pack(submission.octets) for submission in mail}


def route(connection: Connection, routings: Sequence[Routing], packed: Packed, now: datetime) -> list[Occurrence]:
    for routing in routings:
        if routing.observed and routing.submissions:
            raise JournalError(f"Message {routing.message_id} is only observed, so it cannot cause mail.")
    hashes = _hashes(connection, [routing.message_id for routing in routings])
    advance(connection, {routing.message_id: _columns(routing, now) for routing in routings})
    _insert_decisions(connection, routings, now)
    mail = [(each, routing.decision.urgency) for routing in routings for each in routing.submissions]
    numbers, owners = _insert_submissions(connection, mail, packed, now)
    links = {
        (routing.message_id, numbers[each.message_id]): True for routing in routings for each in routing.submissions
    }
    _link(connection, links)
    occurrences: list[Occurrence] = []
    for routing in routings:
        duplicate_of = _first_owner(routing, owners)
        occurrences.append(_alteration(routing, hashes[routing.message_id], duplicate_of))
        owners |= dict.fromkeys((each.message_id for each in routing.submissions), duplicate_of or routing.message_id)
        if routing.earlier:
            occurrences.append(_combination(routing, hashes[routing.message_id]))
    decided = [routing.message_id for routing in routings if not routing.observed]
    return occurrences + complete(connection, decided, now)


def queue(
    connection: Connection,
    mail: Sequence[Submission],
    packed: Packed,
    now: datetime,
    message_id: int | None,
    urgency: Priority,
) -> list[Occurrence]:
    before = _present(connection, [submission.message_id for submission in mail])
    fresh = {each.message_id: each for each in mail if each.message_id not in before}
    numbers, _ = _insert_submissions(connection, [(each, urgency) for each in fresh.values()], packed, now)
    if message_id is not None:
        _link(connection, {(message_id, number): False for number in numbers.values()})
    return [
        Occurrence(
            action=Action.QUEUED,
            message=message_id,
            sha256=each.original_sha256,
            recipients=each.recipients,
            outcome=each.kind,
            detail={"kind": each.kind, "message_id": each.message_id, "reference": each.reference},
        )
        for each in fresh.values()
    ]


def _hashes(connection: Connection, message_ids: Sequence[int]) -> dict[int, str]:
    if len(set(message_ids)) < len(message_ids):
        raise JournalError("A message stands twice among the decisions to be recorded.")
    return {
        row.id: row.sha256
        for chunk in chunks(message_ids)
        for row in connection.execute(select(messages.c.id, messages.c.sha256).where(messages.c.id.in_(chunk)))
    }


def _columns(routing: Routing, now: datetime) -> dict[str, Any]:
    decision = routing.decision
    sender_message_id = routing.message.message_id if routing.message else ""
    return {
        "state": (MessageState.OBSERVED if routing.observed else MessageState.DELIVERING).value,
        "decided_at": now,
        "outcome": decision.outcome.value,
        "category": decision.category,
        "type": decision.type,
        "urgency": PRIORITIES.index(decision.urgency),
        "hold_reason": decision.hold_reason and decision.hold_reason.value,
        "rule": decision.rule,
        "rules_version": decision.rules_version,
        "sender_message_id": one_line(sender_message_id, MESSAGE_ID_CHARACTERS) or None,
        "target": routing.folder,
    }


def _insert_decisions(connection: Connection, routings: Sequence[Routing], now: datetime) -> None:
    if not routings:
        return
    connection.execute(
        insert(decisions),
        [
            {
                "message": routing.message_id,
                "decided_at": now,
                "decision": decision_to_text(routing.decision),
            }
            for routing in routings
        ],
    )
    for chunk in chunks([routing.message_id for routing in routings]):
        connection.execute(delete(identifiers).where(identifiers.c.message.in_(chunk)))
    rows = {
        (routing.message_id, kind, one_line(value)): {
            "message": routing.message_id,
            "kind": kind,
            "value": one_line(value),
        }
        for routing in routings
        for kind, value in routing.decision.identifiers
    }
    if rows:
        connection.execute(insert(identifiers), list(rows.values()))


def _insert_submissions(
    connection: Connection, mail: Sequence[tuple[Submission, Priority]], packed: Packed, now: datetime
) -> tuple[dict[str, int], dict[str, int]]:
    """Queues what is not here yet. By Message-ID: the number of each, and for those that were here, whose they are."""
    by_id = {submission.message_id: (submission, urgency) for submission, urgency in mail}
    present = _present(connection, list(by_id))
    fresh = [each for name, each in by_id.items() if name not in present]
    numbers = {name: number for name, (number, _) in present.items()}
    if fresh:
        returned = connection.scalars(
            insert(submissions).returning(submissions.c.id, sort_by_parameter_order=True),
            [_submission(submission, urgency, packed, now) for submission, urgency in fresh],
        )
        numbers |= {submission.message_id: number for (submission, _), number in zip(fresh, returned, strict=True)}
        connection.execute(
            insert(deliveries),
            [
                _delivery(numbers[submission.message_id], recipient, now)
                for submission, _ in fresh
                for recipient in dict.fromkeys(submission.recipients)
            ],
        )
    return numbers, {name: owner for name, (_, owner) in present.items() if owner is not None}


def _present(connection: Connection, names: Sequence[str]) -> dict[str, tuple[int, int | None]]:
    """Which of these Message-IDs are here already: their number, and the first message that caused them."""
    rows = connection.execute(
        select(submissions.c.message_id, submissions.c.id, message_submissions.c.message)
        .outerjoin(message_submissions, message_submissions.c.submission == submissions.c.id)
        .where(submissions.c.message_id.in_(names))
        .order_by(message_submissions.c.message.desc())
    )
    return {row.message_id: (row.id, row.message) for row in rows}


def _submission(submission: Submission, urgency: Priority, packed: Packed, now: datetime) -> dict[str, Any]:
    if not submission.recipients:
        raise JournalError(f"The mail {submission.message_id} has no recipient.")
    packing, octets = packed[submission.message_id]
    return {
        "message_id": submission.message_id,
        "kind": submission.kind,
        "reference": submission.reference,
        "sender": submission.sender,
        "original_sha256": submission.original_sha256,
        "urgency": PRIORITIES.index(urgency),
        "queued_at": now,
        "waiting": True,
        "due_at": now,
        "packing": packing,
        "octets": octets,
    }


def _delivery(submission: int, recipient: str, now: datetime) -> dict[str, Any]:
    return {
        "submission": submission,
        "recipient": recipient,
        "state": DeliveryState.QUEUED.value,
        "code": None,
        "enhanced": "",
        "reply": "",
        "phase": "",
        "attempts": 0,
        "next_try": now,
        "changed_at": now,
        "doubtful": False,
    }


def _link(connection: Connection, links: Mapping[tuple[int, int], bool]) -> None:
    if links:
        connection.execute(
            insert(message_submissions),
            [
                {"message": message, "submission": number, "decided": decided}
                for (message, number), decided in links.items()
            ],
        )


def _first_owner(routing: Routing, owners: Mapping[str, int]) -> int | None:
    """The earlier message with which this one shares its mail."""
    return next((owners[each.message_id] for each in routing.submissions if each.message_id in owners), None)


def _alteration(routing: Routing, sha256: str, duplicate_of: int | None) -> Occurrence:
    decision = routing.decision
    detail = _detail(decision)
    for submission in routing.submissions[:1]:
        detail |= {"message_id": submission.message_id, "reference": submission.reference}
    if duplicate_of is not None:
        detail["duplicate_of"] = duplicate_of
    recipients = dict.fromkeys(recipient for each in routing.submissions for recipient in each.recipients)
    return Occurrence(
        action=Action.ALTERATION,
        message=routing.message_id,
        sha256=sha256,
        rule=decision.rule,
        rules_version=decision.rules_version,
        recipients=tuple(recipients),
        outcome=f"{decision.outcome}, only observed" if routing.observed else decision.outcome,
        detail=detail,
    )


def _detail(decision: Decision) -> dict[str, str | int]:
    given = {
        "category": decision.category,
        "type": decision.type,
        "priority": decision.priority,
        "hold_reason": decision.hold_reason,
        "trial": ", ".join(claim.rule for claim in decision.trial),
    }
    return {name: str(value) for name, value in given.items() if value}


def _combination(routing: Routing, sha256: str) -> Occurrence:
    detail: dict[str, str | int] = {"earlier": ", ".join(str(number) for number in routing.earlier)}
    if routing.shared:
        detail["kind"] = "; ".join(routing.shared)
    return Occurrence(
        action=Action.COMBINATION,
        message=routing.message_id,
        sha256=sha256,
        rule=routing.decision.rule,
        rules_version=routing.decision.rules_version,
        outcome="linked",
        detail=detail,
    )
