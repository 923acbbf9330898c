"""Rules as the program runs them: immutable, with every name resolved, compiled once and swapped by one reference.

What people write is read by `inbox_router.files.rulefile`; this is the other shape of the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from inbox_router.core.decision import HoldReason, Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in a file that people edit; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Word(StrEnum):
    """The words that a test may begin with."""

    SAYS = "says"
    SUBJECT_SAYS = "subject says"
    OWN_SAYS = "own words say"
    ATTACHMENT_SAYS = "attachment says"
    QUOTED_SAYS = "quoted says"
    FROM = "from"
    HAS = "has"
    SENDER_IS = "sender is"
    MESSAGE_IS = "message is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One word and its list; the list always means "any of these".

    `values` holds phrases for the `says` words, domains, addresses or `<group>` names for `from`, entity names for
    `has`, and words of the closed vocabularies for `sender is` and `message is`. Lists of phrases are written out.
    """

    word: Word
    values: tuple[str, ...]
    where: Where
    written: tuple[str, ...] = ()
    """The list as it stands in the file, with the names of lists as names."""


class TargetKind(StrEnum):
    MAILBOX = "mailbox"
    LOOKUP = "lookup"
    """`<home place.mailbox>`: the register's column, in the row that the entity picked out."""
    EARLIER = "earlier"
    """`<earlier.mailbox>`: wherever the earlier messages about the same person went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    kind: TargetKind
    name: str
    """The mailbox's name, or the entity's name for a lookup."""
    column: str = ""
    where: Where


class Ending(StrEnum):
    ROUTE = "route"
    HOLD = "hold"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What a rule wants done. In a type, what it does not say it inherits from the rule: already merged here."""

    ending: Ending
    category: str | None = None
    priority: Priority | None = None
    to: tuple[Target, ...] = ()
    """Tried in order: the first that the message answers; two answers of one target are held as ambiguous."""
    all_to: bool = False
    """True (`to every:`): every answer of every target counts, none is ambiguous (two operations, both owners)."""
    copy: tuple[Target, ...] = ()
    """Each that the message answers is added; one that it does not answer adds nothing."""
    template: str = ""
    acknowledge_within: timedelta | None = None
    hold: HoldReason | None = None
    undoes: bool = False
    """Whether it calls off what the message would otherwise be (a cancellation): whoever would have been copied on that
    is copied on this."""
    one_person_by: tuple[str, ...] = ()
    """Entities that name a person: two different values of one of them are several subjects, and held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A subtype: read top to bottom, the first that fits is taken; none fits: the plain rule."""

    name: str
    title: str = ""
    """Completes "because ..."; the rule's where it has none of its own."""
    all_of: tuple[Test, ...] = ()
    any_of: tuple[Test, ...] = ()
    none_of: tuple[Test, ...] = ()
    ignore: tuple[str, ...] = ()
    then: Then
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an example must come to. `silent`: this rule must not fire. Else what is given must be so."""

    silent: bool = False
    type: str | None = None
    priority: Priority | None = None
    to: tuple[str, ...] | None = None
    """Mailbox names, all of them, in any order."""
    hold: HoldReason | None = None
    file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    name: str
    sender: str
    """Taken as verified by the gateway unless `unverified` is set."""
    subject: str
    body: str
    attachment: str = ""
    """Text of an attachment."""
    traits: tuple[str, ...] = ()
    unverified: bool = False
    expect: Expectation
    where: Where


class Status(StrEnum):
    TRIAL = "trial"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    title: str
    """Completes "because ..."."""
    owner: str = ""
    status: Status
    review_by: date | None = None
    senders: tuple[str, ...] = ()
    """Domains, addresses or `<group>`: who may say this. Empty: anyone."""
    all_of: tuple[Test, ...] = ()
    any_of: tuple[Test, ...] = ()
    none_of: tuple[Test, ...] = ()
    ignore: tuple[str, ...] = ()
    then: Then
    types: tuple[Type, ...] = ()
    outranks: tuple[str, ...] = ()
    """Names of rules that give way to this one where both fire."""
    examples: tuple[Example, ...] = ()
    where: Where
    keys: Mapping[str, Where] = field(default_factory=dict, compare=False)
    """Where each key of the rule stands in its file."""

    def at(self, key: str) -> Where:
        """Where a key of the rule stands, or the rule where it has none of that name."""
        return self.keys.get(key, self.where)


class ListKind(StrEnum):
    SENDERS = "senders"
    PHRASES = "phrases"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedList:
    """A list of lists.yaml, and what names it."""

    name: str
    kind: ListKind
    where: Where
    items: Mapping[str, Where]
    """Each phrase or sender of it, and where it stands."""
    used: bool = True
    """Whether any rule or entity names it."""


class Unlabelled(StrEnum):
    """What counts with no label at all, where no labelled one was found."""

    NO = "no"
    POSTCODE = "postcode"
    """A whole postcode only: neither half of one nor a town's name."""
    YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Something that can be recognised in text. Exactly one of `pattern` and `register` is set."""

    name: str
    title: str
    """As the forwarded message labels it: `Last known address`."""
    pattern: str | None = None
    """RE2 syntax; group 1, where there is one, is the value."""
    register: str | None = None
    """What is sought are this register's keys."""
    before: tuple[str, ...] = ()
    """For registers of names: words one of which must stand directly before the key (`operation`, `op`)."""
    check: str | None = None
    """The check-letter scheme: `pnc`, `cro`; a value that fails is suspect: shown, not used."""
    after: tuple[str, ...] = ()
    """Labels, as phrases: it counts only where the nearest label before it is one of these."""
    not_after: tuple[str, ...] = ()
    """Labels that make it somebody else's."""
    unlabelled: Unlabelled = Unlabelled.NO
    never: str | None = None
    """A register whose keys never count (postcodes of prisons, courts and offices)."""
    shown: bool = False
    """Whether the forwarded message lists it among the key facts."""
    identifies: bool = False
    """Whether it names a person, report or case, so that messages that share it are linked."""
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A table kept by the business (a CSV file). The first column is the key; `*` is the row for every other key."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Everything that decides, read and checked, not yet compiled."""

    rules: tuple[Rule, ...]
    groups: Mapping[str, tuple[str, ...]]
    """Sender lists by name: domains and addresses."""
    phrase_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lists: tuple[NamedList, ...] = ()
    """Every list of lists.yaml, with its place and whether anything names it."""
    entities: Mapping[str, Entity]
    registers: Mapping[str, Register]
    mailboxes: Mapping[str, str]
    """Name -> address: the allow-list, from the configuration."""
    version: str
    """SHA-256 over every file of the set, in the order of their names, and over the allow-list."""
