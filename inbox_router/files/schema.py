"""The format of the rule files as a JSON Schema (draft-07), by which editors complete, explain and underline.

It holds the real names of mailboxes, lists, entities, templates and rules. What a schema cannot say (whether a phrase
can be used, whether names agree across files) is left to the check; whatever the schema underlines, the check refuses.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from inbox_router.core.decision import HoldReason, Priority
from inbox_router.core.message import Trait
from inbox_router.core.rules import Entity, Register, Status, Unlabelled
from inbox_router.core.templates import Role, role_of
from inbox_router.files.blocks import MESSAGE_IS, SenderIs
from inbox_router.files.entities import Check
from inbox_router.files.names import EARLIER

FILE = ".schema.json"
"""Where it is kept in the folder of rules. Files name it in their first line."""

Schema: TypeAlias = dict[str, Any]

_DURATION = r"^\s*[0-9]{1,6} ?(second|minute|hour|day)s?\s*$"
_DATE = r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$"
_SLUG = r"^[a-z0-9]+([-_][a-z0-9]+)*$"
_SENDER = r"^[^<>\s]+\.[^<>\s]+$"


def modeline(path: str) -> str:
    """The first line by which editors find the schema, for a file at `path` below the folder of rules."""
    part = {"lists.yaml": "#/definitions/lists", "entities.yaml": "#/definitions/entities"}.get(path, "")
    return f"# yaml-language-server: $schema={'../' * path.count('/')}{FILE}{part}"


def schema_text(named: Named) -> str:
    """The schema as it is kept in a file: the same names make the same octets."""
    return json.dumps(schema(named), indent=1, ensure_ascii=True) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Everything that has a name in a folder of rules and in the configuration."""

    mailboxes: Collection[str]
    templates: Collection[str]
    groups: Collection[str]
    phrases: Collection[str]
    entities: Mapping[str, Entity]
    registers: Mapping[str, Register]
    rules: Collection[str]


def schema(named: Named) -> Schema:
    """The schema of a rule file, with those of lists.yaml and entities.yaml among its definitions."""
    words = _Words.of(named)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$ref": "#/definitions/rule",
        "definitions": {
            **_vocabulary(words),
            "test": _test(),
            "then": _then(),
            "type": _type(),
            "example": _example(),
            "rule": _rule(),
            "lists": _lists(),
            "entities": _entities(words),
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The names that there are, as they are written in rules."""

    mailboxes: Sequence[str]
    targets: Sequence[str]
    senders: Sequence[str]
    phrases: Sequence[str]
    entities: Sequence[str]
    registers: Sequence[str]
    templates: Sequence[str]
    rules: Sequence[str]

    @classmethod
    def of(cls, named: Named) -> _Words:
        mailboxes = sorted(named.mailboxes)
        lookups = [f"<{entity}.{column}>" for entity, column in _lookups(named)]
        return cls(
            mailboxes=mailboxes,
            targets=[*mailboxes, *lookups, f"<{EARLIER}.mailbox>"],
            senders=[f"<{name}>" for name in named.groups],
            phrases=[f"<{name}>" for name in named.phrases],
            entities=list(named.entities),
            registers=sorted(named.registers),
            templates=sorted(name for name in named.templates if role_of(name) is Role.FORWARD),
            rules=sorted(named.rules),
        )


def _lookups(named: Named) -> list[tuple[str, str]]:
    """Entities with each column of their register that holds nothing but names of mailboxes."""
    found = []
    for entity in named.entities.values():
        register = named.registers.get(entity.register or "")
        for column in register.columns[1:] if register else ():
            cells = {row[column] for row in register.rows} - {""} if register else set()
            if cells and cells <= set(named.mailboxes):
                found.append((entity.name, column))
    return found


def _vocabulary(words: _Words) -> Schema:
    """Everything that has a name; a name in angle brackets must be one of those that there are."""
    return {
        "mailbox": _one_of(words.mailboxes),
        "target": _one_of(words.targets),
        "sender": {"anyOf": [_one_of(words.senders), {"type": "string", "pattern": _SENDER}]},
        "phrase": {
            "anyOf": [
                _one_of(words.phrases),
                {"type": ["string", "number"], "not": {"type": "string", "pattern": "^<[^<>]*>$"}},
            ]
        },
        "entity": _one_of(words.entities),
        "template": _one_of(words.templates),
        "other rule": _one_of(words.rules),
        "yes or no": {"enum": ["yes", "no", True, False]},
        "name": {"type": ["string", "number"], "pattern": _SLUG},
        "title": {"type": ["string", "number"]},
        "priority": _one_of([str(each) for each in Priority]),
        "hold reason": _one_of([each.value.replace("_", " ") for each in HoldReason]),
    }


def _one_of(values: Sequence[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _some(item: Schema) -> Schema:
    """One of them, or a list of them."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _table(properties: Mapping[str, tuple[str, Schema]], *required: str) -> Schema:
    """A table of these keys and no others; each has its hover text."""
    return {
        "type": "object",
        "properties": {
            key: {"description": text.replace("`", '"'), "markdownDescription": text, **kind}
            for key, (text, kind) in properties.items()
        },
        "required": list(required),
        "additionalProperties": False,
    }


def _described(key: str, text: str, kind: Schema) -> dict[str, tuple[str, Schema]]:
    return {key: (text, kind)}


_BLOCK_TEXTS = {
    "all of": "Tests each of which must hold.",
    "any of": "Tests of which at least one must hold.",
    "none of": "A veto: where one of these holds, in words as new as the rule's, the rule does not fire.",
}


def _blocks() -> dict[str, tuple[str, Schema]]:
    tests: Schema = {"type": "array", "items": _ref("test"), "minItems": 1}
    ignore = "Phrases inside which nothing counts: `not been recalled` takes the word `recalled` in it away."
    blocks = {key: (text, tests) for key, text in _BLOCK_TEXTS.items()}
    return {**blocks, **_described("ignore", ignore, _some(_ref("phrase")))}


def _test() -> Schema:
    phrases, words = _some(_ref("phrase")), "Phrases, or `<names>` of lists; any one of them will do. "
    test = _table(
        {
            "says": (f"{words}Looked for in the subject, the own words, the attachments and quoted words.", phrases),
            "subject says": (f"{words}Looked for in the subject only.", phrases),
            "own words say": (f"{words}Looked for in the sender's own words only.", phrases),
            "attachment says": (f"{words}Looked for in attachments only.", phrases),
            "quoted says": (f"{words}Looked for in quoted or forwarded messages only.", phrases),
            "from": (
                "The sender's address, domain or `<list>`, whether or not anybody vouches for it.",
                _some(_ref("sender")),
            ),
            "has": ("Something of entities.yaml that was recognised in the message.", _some(_ref("entity"))),
            "sender is": ("What is known of the sender.", _some(_one_of([str(each) for each in SenderIs]))),
            "message is": ("What the message is by its structure, not its words.", _some(_one_of(MESSAGE_IS))),
        }
    )
    return {**test, "minProperties": 1, "maxProperties": 1}


def _then() -> Schema:
    targets = _some(_ref("target"))
    return _table(
        {
            "category": (
                "What the message is: small letters, digits, `_`. Two categories at once are held.",
                _ref("name"),
            ),
            "priority": ("`urgent`, `high` or `routine`.", _ref("priority")),
            "to": ("Where it goes: the first that the message answers; two answers are held.", targets),
            "to every": ("In place of `to`: every answer counts, so that two operations go to both owners.", targets),
            "copy": ("Who else is told: each that the message answers.", targets),
            "template": ("The folder of templates/ with the words of what is sent.", _ref("template")),
            "acknowledge within": (
                "How soon the recipient must answer, counted from the arrival.",
                {"type": "string", "pattern": _DURATION, "examples": ["30 minutes", "2 hours", "1 day"]},
            ),
            "hold": ("Hold it for a person, for this reason, in place of sending it.", _ref("hold reason")),
            "outcome": (
                "`file`: put it away and send nothing. `route`, which is usual, need not be said.",
                _one_of(["file", "route"]),
            ),
            "undoes": ("It calls something off: whoever was copied on that is copied on this.", _ref("yes or no")),
            "one person by": (
                "Entities that name a person: two different values of one are several subjects, and held.",
                _some(_ref("entity")),
            ),
        }
    )


def _type() -> Schema:
    return _table(
        {
            "type": ("The name of the type: small letters, digits, `_`.", _ref("name")),
            "title": ('Completes "because ..."; without it the rule\'s own title does.', _ref("title")),
            **_blocks(),
            "then": ("What differs from the rule's `then`; the rest is inherited.", _ref("then")),
        },
        "type",
    )


def _example() -> Schema:
    mailboxes = _some(_ref("mailbox"))
    expected = _table(
        {
            "type": ("The type that it must come to.", {"type": ["string", "number"]}),
            "priority": ("The priority that it must have.", _ref("priority")),
            "to": ("Every mailbox that it must go to, copies too, in any order.", mailboxes),
            "hold": ("The reason for which it must be held.", _ref("hold reason")),
            "outcome": ("`file`: it must be filed.", _one_of(["file"])),
        }
    )
    text: Schema = {"type": ["string", "number"]}
    return _table(
        {
            "name": ("What the example shows; each has a name of its own.", text),
            "from": ("The address that it comes from, vouched for by the gateway.", {"type": "string", "pattern": "@"}),
            "subject": ("Its subject. A text with `: ` or ` #` in it goes in quotes.", text),
            "body": ("Its words. `|` after the key, then indented lines. Invented people only.", text),
            "attachment": ("The text of an attachment.", text),
            "message is": ("What it is by its structure.", _some(_one_of([str(each) for each in Trait]))),
            "unverified": ("`yes`: nobody vouches for its sender.", _ref("yes or no")),
            "expect": (
                "`silent`: this rule must not be heard of. Else what the decision must be; what is not said is free.",
                {"anyOf": [{"const": "silent"}, expected]},
            ),
        },
        *("name", "from", "expect"),
    )


def _rule() -> Schema:
    return _table(
        {
            "format": ("The edition of the format: 1.", {"const": 1}),
            "rule": ("The rule's name, which is the file's.", _ref("name")),
            "title": ('Completes "because ...", as recipients read it.', _ref("title")),
            "owner": ("Who answers for it.", {"type": ["string", "number"]}),
            "status": (
                "`live`; `trial`: runs and is recorded, touches nothing; `retired`: does not run.",
                _one_of([str(each) for each in Status]),
            ),
            "review by": (
                "The day by which somebody must read it through again: `2027-04-01`.",
                {"type": "string", "pattern": _DATE},
            ),
            "from": ("Who may say this. From anybody else it is held: untrusted sender.", _some(_ref("sender"))),
            **_blocks(),
            "then": ("What is done with a message that it fits.", _ref("then")),
            "types": (
                "The type of which the newest words speak, then the first in the file. One without a test comes last.",
                {"type": "array", "items": _ref("type")},
            ),
            "outranks": ("Rules that give way to this one where both fire.", _some(_ref("other rule"))),
            "examples": (
                "At least one message that it fires on, and one near miss that looks like it and is not.",
                {"type": "array", "items": _ref("example")},
            ),
        },
        *("format", "rule", "title", "status", "then"),
    )


def _lists() -> Schema:
    phrase: Schema = {"type": ["string", "number"], "not": {"type": "string", "pattern": "^<[^<>]*>$"}}
    sender: Schema = {"type": "string", "pattern": _SENDER}
    return _table(
        {
            "format": ("The edition of the format: 1.", {"const": 1}),
            "senders": (
                "Lists of domains and addresses. A rule names one in angle brackets: `<police>`.",
                {"type": "object", "additionalProperties": _some(sender)},
            ),
            "phrases": (
                "Lists of phrases. A rule names one in angle brackets: `<recall words>`.",
                {"type": "object", "additionalProperties": _some(phrase)},
            ),
        },
        "format",
    )


def _entities(words: _Words) -> Schema:
    phrases, register = _some({"type": ["string", "number"]}), _one_of(words.registers)
    entity = _table(
        {
            "title": ("As the forwarded message labels it.", _ref("title")),
            "pattern": (
                "RE2 syntax; the first pair of brackets, if there is one, keeps the value.",
                {"type": "string"},
            ),
            "register": ("The register whose keys are sought.", register),
            "before": ("Words one of which must stand before the key.", phrases),
            "check": ("The scheme of its check letter.", _one_of([str(each) for each in Check])),
            "after": ("Labels that make it this one; the nearest label before a value decides.", phrases),
            "not after": ("Labels that make it somebody else's.", phrases),
            "unlabelled": (
                "What counts with no label at all: `no`, a whole `postcode`, or `yes`.",
                {"enum": [*(str(each) for each in Unlabelled), True, False]},
            ),
            "never": ("A register of values that never count.", register),
            "shown": ("Whether the forwarded message lists it among the key facts.", _ref("yes or no")),
            "identifies": ("Whether messages that share it are linked.", _ref("yes or no")),
        },
        "title",
    )
    return _table(
        {
            "format": ("The edition of the format: 1.", {"const": 1}),
            "entities": (
                "What can be recognised in text, by name.",
                {"type": "object", "additionalProperties": entity},
            ),
        },
        "format",
    )
