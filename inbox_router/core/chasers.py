"""A question after an earlier message: it goes where that one went, unless its own words say something that is new.

A rule with the category `as_earlier` recognises such questions; what they are about is known from earlier mail only. So
a question is never the way in which news is made light of: new words that decide by themselves decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inbox_router.core.answers import Answer, best, destinations_of
from inbox_router.core.earlier import places_of, rules_of, same_matter
from inbox_router.core.firing import Fired
from inbox_router.core.index import Index
from inbox_router.core.message import Kind
from inbox_router.core.observe import Earlier, Observation
from inbox_router.core.rules import Ending

AS_EARLIER = "as_earlier"
"""In the place of a category: that of the earlier message that is asked after."""

_LONGEST = 100
"""Words. Who writes more than this has something to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chased:
    """What came of looking for the message that is asked after: what the rule comes to, or why it comes to nothing."""

    fired: Fired | None = None
    because: str = ""


def chased(chaser: Fired, others: Sequence[Fired], seen: Observation, index: Index) -> Chased | None:
    """What a question asks after; None where it is no mere question. `others` are the rules that fired besides."""
    if not _is_short_question(chaser, seen):
        return None
    routing = [one for one in others if one.then.ending is Ending.ROUTE]
    known = _asked_after(chaser, routing, seen, index)
    if not known:
        return Chased(because="it asks after an earlier message, and none about the same person or thread is known")
    if len({one.category for one in known}) > 1:
        return Chased(because="it asks after an earlier message, and those about the same person are of several kinds")
    latest = known[0]
    if any(_tells_more(one, latest, seen, index) for one in routing) or _other_place(latest, seen, index):
        return None
    then = replace(chaser.then, category=latest.category)
    allowed = chaser.sender_allowed and _may_send(latest.category, seen, index)
    return Chased(fired=replace(chaser, type_name=latest.type, then=then, sender_allowed=allowed))


def _is_short_question(chaser: Fired, seen: Observation) -> bool:
    written: dict[str, int] = {}
    for passage in seen.message.passages:
        if passage.kind is Kind.OWN and passage.depth == 0:
            written[passage.name] = written.get(passage.name, 0) + len(passage.text.split())
    attached = any(each.depth == 0 and not each.inline for each in seen.message.attachments)
    return chaser.depth == 0 and max(written.values(), default=0) <= _LONGEST and not attached


def _asked_after(chaser: Fired, routing: Sequence[Fired], seen: Observation, index: Index) -> list[Earlier]:
    """The earlier messages that it may be about, the newest first: those of its thread, or else of the same person.

    Where a rule recognises what it speaks of (the subject or the words quoted below), only those of that category.
    """
    spoken_of = {str(one.then.category) for one in routing}
    categories = {one.category for one in seen.earlier}
    people = chaser.then.one_person_by
    about = [one for name in categories for one in same_matter(name, people, seen, index)]
    known = [one for one in seen.earlier if one in about and (not spoken_of or one.category in spoken_of)]
    threads = {one.category for one in known if one.thread}
    return [one for one in known if not threads or one.category in threads]


def _tells_more(one: Fired, latest: Earlier, seen: Observation, index: Index) -> bool:
    """Whether its new words make a rule fire that says more than what was known: another type, or all that it needs."""
    anew = [proof.test for proof in one.proofs if any(_is_new(at.kind, at.depth) for _, at in proof.sightings)]
    if one.depth > 0 or not anew:
        return False
    of_type = next((each for each in one.rule.types if each.name == one.type_name), None)
    tells_type = of_type is not None and any(test in (*of_type.all_of, *of_type.any_of) for test in anew)
    if tells_type and one.type_name != latest.type:
        return True
    destined = destinations_of(one.then, seen, index)
    placed = [thing for name in _sought(one) for thing in best(seen.found.get(name, ()))]
    return destined.answer is Answer.ONE and (
        any(_is_new(thing.kind, thing.depth) for thing in placed) or (tells_type and not placed)
    )


def _sought(one: Fired) -> list[str]:
    return [target.name for target in one.then.to]


def _is_new(kind: Kind, depth: int) -> bool:
    """Not of the subject: an answer's subject is that of what it answers."""
    return depth == 0 and kind is not Kind.SUBJECT


def _other_place(latest: Earlier, seen: Observation, index: Index) -> bool:
    """Whether its new words name a place that leads elsewhere than the earlier message went."""
    placed = [thing for name in places_of(latest.category, index) for thing in best(seen.found.get(name, ()))]
    rows = [thing.row for thing in placed if thing.row is not None and _is_new(thing.kind, thing.depth)]
    led_to = {value for row in rows for value in row.values() if value in index.ruleset.mailboxes}
    return not led_to <= set(latest.mailboxes)


def _may_send(category: str, seen: Observation, index: Index) -> bool:
    """Whether the sender may send what is asked after."""
    names = set(seen.sender_names())
    rules = list(rules_of(category, index))
    return any(not rule.senders or (seen.trusted and not names.isdisjoint(rule.senders)) for rule in rules)
