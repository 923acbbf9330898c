"""The life of one message in sentences, from its entries in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_router.core.audit import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of the log, told."""

    sequence: int
    at: datetime
    after: timedelta
    """Since the step before; zero for the first."""
    text: str


def trace(events: Iterable[Event]) -> Iterator[Step]:
    """`events` are those of one message, in their order."""
    before: datetime | None = None
    for event in events:
        told = _SENTENCES.get(event.action, _plainly)(event)
        after = event.at - before if before else timedelta()
        yield Step(sequence=event.sequence, at=event.at, after=after, text=told)
        before = event.at


def _detail(event: Event, name: str) -> str:
    return str(event.detail.get(name, "")).replace("_", " " if name in ("category", "type", "hold_reason") else "_")


def _received(event: Event) -> str:
    size = f", {event.detail['size']} octets" if "size" in event.detail else ""
    return f"Received from {_detail(event, 'folder') or 'the mailbox'}{size}, SHA-256 {event.sha256[:12]}."


def _decided(event: Event) -> str:
    what = " / ".join(word for word in (_detail(event, "category"), _detail(event, "type")) if word)
    ways = {
        "route": f"to be routed as {what}, {_detail(event, 'priority')}",
        "hold": f"held for a person: {_detail(event, 'hold_reason')}",
        "file": f"filed as {what}",
    }
    to = f", to {', '.join(event.recipients)}" if event.recipients else ""
    return (
        f"Decided by the rule {event.rule} of the rules {event.rules_version[:12]}: "
        f"{ways.get(event.outcome, event.outcome)}{to}."
    )


def _accepted(event: Event) -> str:
    return f"Accepted by the mail server for {', '.join(event.recipients)}{_words_of_the_server(event)}."


def _not_accepted(event: Event) -> str:
    ways = {
        Action.DEFERRED: "Put off by the mail server for",
        Action.REFUSED: "Refused by the mail server for",
        Action.UNCERTAIN: "Nobody knows whether the mail server accepted it for",
        Action.GIVEN_UP: "Given up for",
    }
    return f"{ways[event.action]} {', '.join(event.recipients)}{_words_of_the_server(event)}."


def _words_of_the_server(event: Event) -> str:
    reply = _detail(event, "reply")
    return f' ("{reply}")' if reply else ""


def _moved(event: Event) -> str:
    folder, uid = _detail(event, "folder"), _detail(event, "new_uid")
    where = f"in the folder {folder}" if folder else "nobody can say where"
    return f"Ended as {event.outcome}, {where}{f', UID {uid}' if uid else ''}."


def _looked_at(event: Event) -> str:
    return f"Looked at by {event.actor}: {event.outcome}."


def _plainly(event: Event) -> str:
    said = [event.outcome, *(_detail(event, name) for name in ("incident", "reason", "note"))]
    words = "; ".join(part for part in said if part)
    return f"{event.action.value.capitalize()}: {words or event.action.meaning}."


_SENTENCES: Mapping[Action, Callable[[Event], str]] = {
    Action.COLLECTION: _received,
    Action.ALTERATION: _decided,
    Action.DISCLOSURE: _accepted,
    Action.DEFERRED: _not_accepted,
    Action.REFUSED: _not_accepted,
    Action.UNCERTAIN: _not_accepted,
    Action.GIVEN_UP: _not_accepted,
    Action.FILED: _moved,
    Action.CONSULTATION: _looked_at,
}
