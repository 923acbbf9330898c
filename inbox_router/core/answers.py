"""Where a message goes: each target of a rule answered from what the message says, by one answer or by none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from inbox_router.core.decision import Destination, Evidence
from inbox_router.core.earlier import preceding, told_before
from inbox_router.core.entities import Found
from inbox_router.core.evidence import called, found_evidence
from inbox_router.core.index import Index
from inbox_router.core.labels import Standing
from inbox_router.core.observe import Earlier, Observation
from inbox_router.core.rules import Target, TargetKind, Then

_CHANGED = "changed place"


class Answer(StrEnum):
    ONE = "one"
    NONE = "none"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destined:
    """The destinations that a rule's targets come to, or why they come to none."""

    answer: Answer
    destinations: tuple[Destination, ...] = ()
    because: str = ""
    evidence: tuple[Evidence, ...] = ()
    repaired: bool = False
    """It rests on a postcode that had to be repaired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    mailboxes: tuple[str, ...]
    why: str = ""
    found: tuple[Found, ...] = field(default=())
    target: Target | None = None
    """The lookup that answered."""
    earlier: Earlier | None = None
    """The earlier message that answered."""

    @property
    def is_one(self) -> bool:
        """One mailbox, or all those of one earlier message."""
        return len(self.mailboxes) == 1 or (self.earlier is not None and bool(self.mailboxes))


def destinations_of(then: Then, seen: Observation, index: Index) -> Destined:
    """The mailboxes that `then` sends this message to; `copy` is added whether or not `to` has an answer."""
    answered = _first_answer(then, seen, index)
    copies = [_answer(target, then, seen, index) for target in then.copy]
    if answered.is_one:
        copies += _left_behind(answered, then, seen, index)
    evidence = tuple(found_evidence(thing, seen, index) for one in (answered, *copies) for thing in one.found[:3])
    places = _destinations(answered, copies, seen, index)
    if len(answered.mailboxes) > 1 and not (then.all_to or answered.is_one):
        because = f"its places lead to different mailboxes: {', '.join(answered.mailboxes)}"
        return Destined(answer=Answer.SEVERAL, destinations=(), because=because, evidence=evidence)
    if not answered.mailboxes:
        because = f"nothing in it answers where it goes ({', '.join(_asked(target, index) for target in then.to)})"
        return Destined(answer=Answer.NONE, destinations=places, because=because, evidence=evidence)
    return Destined(
        answer=Answer.ONE,
        destinations=places,
        evidence=evidence,
        repaired=bool(answered.found) and all(thing.repaired for thing in answered.found),
    )


def _asked(target: Target, index: Index) -> str:
    match target.kind:
        case TargetKind.LOOKUP:
            return index.ruleset.entities[target.name].title.lower()
        case TargetKind.EARLIER:
            return "an earlier message about the same person"
        case _:
            return target.name


def _first_answer(then: Then, seen: Observation, index: Index) -> _Answered:
    answers = [_answer(target, then, seen, index) for target in then.to]
    if then.all_to:
        mailboxes = tuple(dict.fromkeys(name for one in answers for name in one.mailboxes))
        return _Answered(mailboxes=mailboxes, found=tuple(thing for one in answers for thing in one.found))
    return next((one for one in answers if one.mailboxes), answers[0] if answers else _Answered(mailboxes=()))


def _answer(target: Target, then: Then, seen: Observation, index: Index) -> _Answered:
    match target.kind:
        case TargetKind.MAILBOX:
            return _Answered(mailboxes=(target.name,), why="rule")
        case TargetKind.EARLIER:
            latest = next(iter(preceding(then, seen, index)), None)
            if latest is None:
                return _Answered(mailboxes=())
            # The allow-list may have lost a name since: without those that it was addressed to, nobody would answer.
            known = tuple(name for name in latest.mailboxes if name in index.ruleset.mailboxes)
            answers = not latest.to or any(name in latest.to for name in known)
            return _Answered(mailboxes=known if answers else (), earlier=latest)
        case TargetKind.LOOKUP:
            found = best(seen.found.get(target.name, ()))
            rows = [thing.row[target.column] for thing in found if thing.row is not None]
            nowhere = any(not mailbox for mailbox in rows)
            mailboxes = () if nowhere else tuple(dict.fromkeys(rows))
            return _Answered(mailboxes=mailboxes, why=target.name, found=found, target=target)


def _left_behind(answered: _Answered, then: Then, seen: Observation, index: Index) -> list[_Answered]:
    """Where the place has changed: the mailbox of the place before, so that nobody there goes on looking."""
    latest = next(iter(preceding(then, seen, index)), None)
    if latest is None or answered.target is None:
        return []
    before = told_before(answered.target.name, answered.target.column, latest, seen, index)
    known = tuple(name for name in before if name in index.ruleset.mailboxes)
    return [_Answered(mailboxes=known, why=_CHANGED, earlier=latest)]


def best(found: Sequence[Found]) -> tuple[Found, ...]:
    """Of everything found the best placed: labelled first, then by the newest words, a postcode before a town.

    Without a label a whole postcode counts more than how new the words are: a town may be named for any reason.
    """
    usable = [thing for thing in found if not thing.suspect]
    if not usable:
        return ()
    first = min(_placing(thing) for thing in usable)
    placed = [thing for thing in usable if _placing(thing) == first]
    if _leads_nowhere(placed[0]):
        return (placed[0],)
    places = [thing for thing in placed if not _leads_nowhere(thing)]
    finest = min(_coarseness(thing) for thing in places)
    return tuple(thing for thing in places if _coarseness(thing) == finest)


def _leads_nowhere(thing: Found) -> bool:
    """No Fixed Abode, which counts where it is the first thing said of an address: `(no address)` later on does not."""
    return thing.row is not None and not any(list(thing.row.values())[1:])


def _placing(thing: Found) -> tuple[bool, int, int]:
    if thing.standing is Standing.UNLABELLED:
        return True, _coarseness(thing), thing.depth
    return False, thing.depth, thing.standing


def _coarseness(thing: Found) -> int:
    return 2 if thing.is_name else int(thing.partial)


def _destinations(
    answered: _Answered, copies: Sequence[_Answered], seen: Observation, index: Index
) -> tuple[Destination, ...]:
    places: dict[str, Destination] = {}
    wanted: tuple[tuple[_Answered, Literal["to", "copy"]], ...] = (
        (answered, "to"),
        *((copied, "copy") for copied in copies),
    )
    for one, role in wanted:
        for mailbox in one.mailboxes:
            if mailbox not in places:
                address, why = index.ruleset.mailboxes[mailbox], _why(one, role, mailbox, seen, index)
                copied = one.earlier is not None and bool(one.earlier.to) and mailbox not in one.earlier.to
                places[mailbox] = Destination(
                    mailbox=mailbox, address=address, why=why, role="copy" if copied else role
                )
    return tuple(places.values())


def _why(answered: _Answered, role: str, mailbox: str, seen: Observation, index: Index) -> str:
    for thing in answered.found:
        if thing.row is not None and mailbox in thing.row.values():
            return f"{called(thing, seen, index)}: {thing.value}"
    if answered.why == _CHANGED:
        return "told because the earlier message about this person went there"
    if answered.earlier is not None:
        about = "about the same person" if answered.earlier.kinds else "of the same thread"
        return f"the earlier message {about} ({answered.earlier.reference}) went there"
    return "the rule sends it there" if role == "to" else "the rule copies them"
