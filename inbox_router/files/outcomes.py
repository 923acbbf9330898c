"""`then`: what is done with a message that a rule, or one of its types, fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from inbox_router.core.decision import HoldReason, Priority
from inbox_router.core.rules import Ending, Then
from inbox_router.files.names import Names
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.quantities import duration
from inbox_router.files.sections import Section
from inbox_router.files.yaml_text import Scalar, Table

_KEYS = (
    *("category", "priority", "to", "to every", "copy", "template"),
    *("acknowledge within", "hold", "outcome", "undoes", "one person by"),
)
_EXAMPLES = {
    "category": "prison_recall",
    "priority": "high",
    "to": "[duty-manager]",
    "template": "prison-recall",
}
_LONGEST_CLOCK = timedelta(days=30)
_NOTHING = Then(ending=Ending.ROUTE)


def read_then(table: Table, names: Names, findings: Findings, *, base: Then | None) -> Then:
    """What a table says; what it leaves out is taken from `base`, which is None for a rule's own `then`."""
    section = Section(table, findings, what='"then"', keys=_KEYS)
    inherited = base or _NOTHING
    ending = _ending(section, inherited, findings)
    every = "to every" in section
    if every and "to" in section:
        findings.add(section.at("to every"), '"to" and "to every" cannot stand together', "keep one of them")
    says_to = every or "to" in section
    to = names.targets(section.texts("to every" if every else "to"), findings)
    copy = names.targets(section.texts("copy"), findings)
    template = section.scalar("template")
    people = section.texts("one person by")
    clock = _clock(section, findings)
    then = Then(
        ending=ending,
        category=_category(section.scalar("category"), findings) or inherited.category,
        priority=section.choice("priority", Priority) or inherited.priority,
        to=to if says_to else inherited.to,
        all_to=every if says_to else inherited.all_to,
        copy=copy if "copy" in section else inherited.copy,
        template=names.template(template, findings) if template else inherited.template,
        acknowledge_within=clock or inherited.acknowledge_within,
        hold=hold_reason(section.scalar("hold"), findings) or (inherited.hold if ending is Ending.HOLD else None),
        undoes=section.yes("undoes", default=inherited.undoes),
        one_person_by=names.known_entities(people, findings) if people else inherited.one_person_by,
    )
    if ending is Ending.ROUTE and (base is None or base.ending is not Ending.ROUTE):
        _check_route(section, then)
    return then


def hold_reason(text: Scalar | None, findings: Findings) -> HoldReason | None:
    """A reason to hold, with spaces or underscores."""
    if text is None:
        return None
    reasons = {reason.value.replace("_", " "): reason for reason in HoldReason}
    found = reasons.get(text.text.replace("_", " "))
    if found is None:
        findings.add(text.where, f'"{text.text}" is not a reason to hold', did_you_mean(text.text, reasons))
    return found


def slug(text: Scalar, findings: Findings, *, what: str) -> str:
    """A name of small letters, digits and joining signs; `what` begins the sentence."""
    if not re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", text.text):
        better = "_".join(re.findall(r"[a-z0-9]+", text.text.casefold()))
        findings.add(
            text.where,
            f'{what} "{text.text}" may have only small letters, digits, "-" and "_"',
            f"write instead: {better}" if better else "write for example: prison_recall",
        )
    return text.text


def _category(text: Scalar | None, findings: Findings) -> str | None:
    return None if text is None else slug(text, findings, what="the category")


def _ending(section: Section, inherited: Then, findings: Findings) -> Ending:
    outcome = section.scalar("outcome")
    if outcome is None:
        return Ending.HOLD if "hold" in section else inherited.ending
    if "hold" in section:
        findings.add(section.at("outcome"), '"outcome" and "hold" cannot stand together', "keep one of them")
    endings: Sequence[Ending] = (Ending.FILE, Ending.ROUTE)
    if outcome.text not in endings:
        hint = "write for example: hold: no place" if outcome.text == "hold" else did_you_mean(outcome.text, endings)
        findings.add(outcome.where, f'"outcome" cannot be "{outcome.text}"', hint)
        return inherited.ending
    return Ending(outcome.text)


def _clock(section: Section, findings: Findings) -> timedelta | None:
    key = "acknowledge within"
    length = section.parsed(key, duration, "a length of time", "30 minutes")
    if length is not None and not timedelta() < length <= _LONGEST_CLOCK:
        findings.add(
            section.at(key), f'"{key}" must be more than nothing and at most 30 days', "write for example: 30 minutes"
        )
    return length


def _check_route(section: Section, then: Then) -> None:
    """A message cannot be sent without these."""
    given = {
        "category": bool(then.category) or "category" in section,
        "priority": bool(then.priority) or "priority" in section,
        "to": bool(then.to) or "to" in section or "to every" in section,
        "template": bool(then.template) or "template" in section,
    }
    section.need(*(key for key, there in given.items() if not there), hints=_EXAMPLES)
