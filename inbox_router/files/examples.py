"""`examples`: messages that a rule must judge as written, or not be heard about."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from inbox_router.core.decision import Priority
from inbox_router.core.message import Trait
from inbox_router.core.rules import Ending, Example, Expectation, Rule, Status, TargetKind, Then
from inbox_router.files.addresses import is_address
from inbox_router.files.names import Names
from inbox_router.files.outcomes import hold_reason
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.sections import Section
from inbox_router.files.yaml_text import Scalar, Table

_KEYS = ("name", "from", "subject", "body", "attachment", "message is", "unverified", "expect")
_TRAITS = tuple(trait.value for trait in Trait)
_EXPECT_KEYS = ("type", "priority", "to", "hold", "outcome")
_HINTS = {
    "name": "home address decides, not the prison's town",
    "from": "duty@justice.gov.uk",
    "expect": "silent",
}
_SHAPE = "- {name: ..., from: duty@justice.gov.uk, subject: ..., body: ..., expect: silent}"


def read_examples(section: Section, types: Collection[str], names: Names, findings: Findings) -> tuple[Example, ...]:
    examples = tuple(_example(table, types, names, findings) for table in section.tables("examples", _SHAPE))
    first: dict[str, Example] = {}
    for example in examples:
        earlier = first.setdefault(example.name, example)
        if example.name and earlier is not example:
            findings.add(
                example.where,
                f'two examples are named "{example.name}": this and the one in line {earlier.where.line}',
                "give each a name of its own",
            )
    return examples


def _may_hold(then: Then) -> bool:
    """Examples know of no earlier mail, so a rule that only goes by it can show no more than that it holds."""
    return then.ending is Ending.HOLD or (bool(then.to) and all(each.kind is TargetKind.EARLIER for each in then.to))


def check_examples(rule: Rule, section: Section, findings: Findings) -> None:
    """A live rule shows what it is for, and what it must leave alone."""
    if rule.status is not Status.LIVE:
        return
    may_hold = any(_may_hold(then) for then in (rule.then, *(subtype.then for subtype in rule.types)))
    fires = [
        example for example in rule.examples if not example.expect.silent and (may_hold or not example.expect.hold)
    ]
    near_misses = [
        example for example in rule.examples if example.expect.silent or (example.expect.hold and not may_hold)
    ]
    where = section.at("examples")
    if "examples" not in section:
        findings.add(
            where,
            'a live rule needs "examples": a message that it fires on, and one that looks like it and is not',
            "write them; if they were there before, the file was saved only in part",
        )
        return
    if not fires:
        findings.add(
            where,
            "a live rule needs an example that it fires on",
            f"write under examples: {_SHAPE.replace('silent', _expected(rule))}",
        )
    if not near_misses:
        findings.add(
            where,
            "a live rule needs a near miss: an example that looks like it and is not",
            f"write under examples: {_SHAPE}",
        )


def _expected(rule: Rule) -> str:
    if rule.then.hold is not None:
        return f"{{hold: {rule.then.hold.replace('_', ' ')}}}"
    if rule.then.ending is Ending.FILE:
        return "{outcome: file}"
    return f"{{priority: {rule.then.priority or Priority.HIGH}}}"


def _example(table: Table, types: Collection[str], names: Names, findings: Findings) -> Example:
    section = Section(table, findings, what="an example", keys=_KEYS)
    section.need("name", "from", "expect", hints=_HINTS)
    if "subject" not in section and "body" not in section and "attachment" not in section:
        findings.add(section.where, "this example has no words", "write a subject and a body")
    sender = section.scalar("from")
    if sender is not None and not is_address(sender.text):
        hint = (
            f"write for example: duty@{sender.text}"
            if "@" not in sender.text
            else "write for example: duty@justice.gov.uk"
        )
        findings.add(sender.where, f'"{sender.text}" is not an address', hint)
    traits = section.texts("message is")
    for trait in traits:
        if trait.text not in _TRAITS:
            findings.add(trait.where, f'"message is" cannot be "{trait.text}"', did_you_mean(trait.text, _TRAITS))
    return Example(
        name=section.text("name"),
        sender="" if sender is None else sender.text,
        subject=section.text("subject"),
        body=section.text("body"),
        attachment=section.text("attachment"),
        traits=tuple(trait.text for trait in traits),
        unverified=section.yes("unverified"),
        expect=_expectation(section, types, names, findings),
        where=section.at("name"),
    )


def _expectation(section: Section, types: Collection[str], names: Names, findings: Findings) -> Expectation:
    node = section.node("expect")
    if node is None:
        return Expectation(silent=True)
    if isinstance(node, Scalar) and node.text == "silent":
        return Expectation(silent=True)
    if not isinstance(node, Table):
        findings.add(
            node.where,
            '"expect" is "silent", or says what the decision must be',
            "write for example: expect: {priority: high, to: [duty-manager]}",
        )
        return Expectation(silent=True)
    expected = Section(node, findings, what='"expect"', keys=_EXPECT_KEYS)
    subtype = expected.scalar("type")
    if subtype is not None and subtype.text not in types:
        hint = did_you_mean(subtype.text, types) or "delete it: this rule has no types"
        findings.add(subtype.where, f'this rule has no type "{subtype.text}"', hint)
    outcome = expected.scalar("outcome")
    if outcome is not None and outcome.text != "file":
        findings.add(outcome.where, f'"outcome" cannot be "{outcome.text}" here', "write: outcome: file")
    return Expectation(
        type=None if subtype is None else subtype.text,
        priority=expected.choice("priority", Priority),
        to=_mailboxes(expected, names, findings),
        hold=hold_reason(expected.scalar("hold"), findings),
        file=outcome is not None,
    )


def _mailboxes(expected: Section, names: Names, findings: Findings) -> tuple[str, ...] | None:
    if "to" not in expected:
        return None
    texts: Sequence[Scalar] = expected.texts("to")
    return tuple(names.mailbox(text, findings) for text in texts)
