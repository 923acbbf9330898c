"""What was decided for a message, and why: the values that travel from decide to compose, journal and explain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from inbox_router.core.message import Span


class Outcome(StrEnum):
    """The three ways in which a message ends."""

    ROUTE = "route"
    HOLD = "hold"
    FILE = "file"


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    ROUTINE = "routine"


PRIORITIES = (Priority.URGENT, Priority.HIGH, Priority.ROUTINE)
"""Most pressing first."""


class HoldReason(StrEnum):
    NO_CATEGORY = "no_category"
    CONFLICTING_CATEGORIES = "conflicting_categories"
    SEVERAL_SUBJECTS = "several_subjects"
    NO_PLACE = "no_place"
    AMBIGUOUS_PLACE = "ambiguous_place"
    UNTRUSTED_SENDER = "untrusted_sender"
    OVER_CLASSIFIED = "over_classified"
    UNREADABLE = "unreadable"
    RESTRICTED_HANDLING = "restricted_handling"
    EXERCISE = "exercise"
    CONFIDENTIAL_SOURCE = "confidential_source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that was seen and that counted: the fact it made true, where, and the words themselves."""

    fact: str
    """Named as the rule names it: `says "licence revoked"`, `from <police>`, `last known address`."""
    part: str
    """The passage (`subject`, `own words`, `quoted`, `attachment notice.pdf`) or `header`."""
    text: str
    span: Span | None = None
    note: str = ""
    """`repaired`, `misspelt`, `check letter wrong`: why it may be doubted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One mailbox that a message goes to."""

    mailbox: str
    """The name that rules use: `c-division`."""
    address: str
    why: str
    """Completes "sent there because ...": `last known address HX1 1AA`."""
    role: Literal["to", "copy"] = "to"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFact:
    """A fact about the case that the forwarded message shows, with its label: `Last known address`, `HX1 1AA`."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a rule says is to be done with a message. For a held message: what would have been done."""

    category: str
    type: str | None
    priority: Priority | None
    destinations: tuple[Destination, ...] = ()
    template: str = ""
    acknowledge_within: timedelta | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A rule that was one test short, or vetoed, and what was missing."""

    rule: str
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done with one message. A hold has no category, priority or destinations of its own: see `claims`."""

    outcome: Outcome
    rule: str
    """The rule that decided; for a built-in hold that no rule brought about, its reason."""
    rules_version: str
    """Digest of the rule set, 64 hexadecimal digits."""
    because: str
    """Completes "because ...", in words that an officer would use."""
    category: str | None = None
    type: str | None = None
    priority: Priority | None = None
    destinations: tuple[Destination, ...] = ()
    hold_reason: HoldReason | None = None
    claims: tuple[Claim, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    key_facts: tuple[KeyFact, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    """(kind, canonical value) of every strong identifier seen, for linking: `("prison number", "A1234BC")`."""
    near_misses: tuple[NearMiss, ...] = ()
    trial: tuple[Claim, ...] = ()
    """What rules on trial would have done."""
    template: str = ""
    acknowledge_within: timedelta | None = None
    marking: str = ""
    """The protective marking that what we send must carry: never lower than the message's own."""

    @property
    def urgency(self) -> Priority:
        """How soon a person must look: a held message is as urgent as it claims to be."""
        claimed = {self.priority, *(claim.priority for claim in self.claims)}
        return next((priority for priority in PRIORITIES if priority in claimed), Priority.ROUTINE)
