"""A message, and what is known of earlier mail, turned into facts: what was seen, where, and how old the words are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inbox_router.core import forms
from inbox_router.core.areas import Areas
from inbox_router.core.canonical import canonical
from inbox_router.core.entities import Found, find_entities
from inbox_router.core.index import Fact, FactKind, Index
from inbox_router.core.labels import Label
from inbox_router.core.markings import Marking, find_marking
from inbox_router.core.message import Authentication, Kind, Message, Passage, Span, Trait
from inbox_router.core.senders import group_of, lookalike_of

MATCHED = frozenset({Kind.SUBJECT, Kind.OWN, Kind.QUOTED, Kind.ATTACHMENT})
"""The passages that rules look at; signatures, disclaimers and banners say nothing about what a message is."""

OVER_TIER = "over tier"

MOST_SEEN = 5_000
"""Words of the rules, and as many things recognised, that one message may hold; a person weighs what holds more."""
_LONG = 20_000
"""Characters from which a passage may hold so many that it is looked at before it is scanned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A phrase where it was seen."""

    span: Span
    kind: Kind
    depth: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A message that was routed before and shares a person, report or thread with this one."""

    reference: str
    category: str
    type: str | None
    mailboxes: tuple[str, ...]
    shared: str
    """What the two share, in words: `prison number`, `thread`."""
    to: tuple[str, ...] = ()
    """Of the mailboxes, those that it was addressed to; the others had copies."""
    kinds: tuple[str, ...] = ()
    """The kinds of identifier of which both name the same."""
    differs: tuple[str, ...] = ()
    """The kinds of identifier of which each names another: the two may be about different people."""
    thread: bool = False
    """This message names that one's Message-ID, or the one of what was sent because of it."""
    received: datetime | None = None
    """When that one arrived, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Every fact about one message that a rule could ask for."""

    message: Message
    sightings: Mapping[int, tuple[Sighting, ...]]
    """By phrase; those that the form answers with "no" or leaves unticked are not in it."""
    found: Mapping[str, tuple[Found, ...]]
    """By entity, newest words first."""
    group: str | None
    """The sender's group by its domain, whether or not anybody vouches for it."""
    sender_traits: frozenset[str]
    lookalike: str = ""
    """The domain that the sender's domain imitates."""
    marking: Marking
    earlier: tuple[Earlier, ...] = field(default=())
    overfull: bool = False
    """Whether it holds more than is weighed (MOST_SEEN), so that not everything in it was looked at."""

    @property
    def trusted(self) -> bool:
        """Whether the gateway vouches for the From domain and nothing about the From field is odd."""
        return "verified" in self.sender_traits and not self.sender_traits & {"two froms", "lookalike"}

    def facts(self) -> Iterator[Fact]:
        yield from ((FactKind.PHRASE, phrase) for phrase in self.sightings)
        yield from ((FactKind.ENTITY, entity) for entity in self.found)
        yield from ((FactKind.SENDER, name) for name in self.sender_names())
        yield from ((FactKind.SENDER_TRAIT, trait) for trait in self.sender_traits)
        yield from ((FactKind.TRAIT, str(trait)) for trait in self.message.traits)
        if self.marking.over_tier:
            yield FactKind.TRAIT, OVER_TIER

    def sender_names(self) -> tuple[str, ...]:
        """The names by which a rule may mean this sender: its address, its domains, its group."""
        sender = self.message.sender
        labels = sender.domain.split(".")
        domains = [".".join(labels[start:]) for start in range(len(labels))] if sender.domain else []
        return tuple(name for name in (sender.address, *domains, f"<{self.group}>" if self.group else "") if name)


def observe(message: Message, index: Index, *, tier: str, earlier: Sequence[Earlier] = ()) -> Observation:
    """Work out every fact that the rules could ask for; one scan of each passage."""
    sightings: dict[int, list[Sighting]] = {}
    scanned: list[_Scanned] = []
    room = MOST_SEEN
    for number, passage in enumerate(message.passages):
        here = _scan(number, passage, index, room)
        room -= len(here.seen)
        for phrase, sighting in here.seen:
            sightings.setdefault(phrase, []).append(sighting)
        scanned.append(here)
    recognised = find_entities(
        message.passages, MATCHED, index, [here.labels for here in scanned], [here.names for here in scanned], MOST_SEEN
    )
    groups = index.ruleset.groups
    lookalike = _lookalike(message, index)
    return Observation(
        message=message,
        sightings={phrase: tuple(sorted(seen, key=lambda s: s.depth)) for phrase, seen in sightings.items()},
        found=recognised,
        group=None if lookalike else group_of(message.sender.address, message.sender.domain, groups),
        sender_traits=_sender_traits(message, lookalike, groups),
        lookalike=lookalike,
        marking=find_marking(message, tier),
        earlier=tuple(earlier),
        overfull=any(here.overfull for here in scanned) or sum(map(len, recognised.values())) >= MOST_SEEN,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scanned:
    """What of the rules stands in one passage."""

    seen: list[tuple[int, Sighting]] = field(default_factory=list)
    labels: dict[str, list[Label]] = field(default_factory=dict)
    """By entity, in the order of their ends."""
    names: list[tuple[int, int, int]] = field(default_factory=list)
    """Keys of registers: phrase, start, end."""
    overfull: bool = False


def _scan(number: int, passage: Passage, index: Index, room: int) -> _Scanned:
    """Everything of the rules in one passage, or nothing where that is more than there is `room` for."""
    if passage.kind not in MATCHED:
        return _Scanned()
    words = canonical(forms.blank(passage.text, forms.unchosen(passage.text)))
    if room <= 0 or (len(passage.text) > _LONG and index.lexicon.occurrences(words) > room):
        return _Scanned(overfull=True)
    hits = index.lexicon.scan(words)
    if len(hits) > room:
        return _Scanned(overfull=True)
    here = _Scanned()
    void = Areas(forms.negated(passage.text))
    for hit in hits:
        for entity, ours in index.label_owners.get(hit.phrase, ()):
            here.labels.setdefault(entity, []).append(Label(start=hit.start, end=hit.end, ours=ours))
        if hit.phrase in index.keys:
            here.names.append((hit.phrase, hit.start, hit.end))
        if not void.overlap(hit.start, hit.end):
            span = Span(passage=number, start=hit.start, end=hit.end)
            here.seen.append((hit.phrase, Sighting(span=span, kind=passage.kind, depth=passage.depth, note=hit.note)))
    for of_entity in here.labels.values():
        of_entity.sort(key=lambda label: label.end)
    return here


def _lookalike(message: Message, index: Index) -> str:
    if not message.sender.domain:
        return ""
    known = [name for names in index.ruleset.groups.values() for name in names if "@" not in name]
    return lookalike_of(message.sender.domain, known) or ""


def _sender_traits(message: Message, lookalike: str, groups: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    sender = message.sender
    traits = {
        {
            Authentication.PASS: "verified",
            Authentication.FAIL: "failed",
            Authentication.NONE: "unverified",
        }[sender.authentication]
    }
    if lookalike:
        traits.add("lookalike")
    if len(sender.from_addresses) > 1:
        traits.add("two froms")
    if any(_belongs_elsewhere(address, sender.domain, groups) for address in sender.reply_to):
        traits.add("reply elsewhere")
    if "@" in sender.display and sender.address and sender.address not in sender.display.lower():
        traits.add("display name trick")
    if Trait.OURS in message.traits:
        traits.add("ours")
    return frozenset(traits)


def _belongs_elsewhere(address: str, domain: str, groups: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether replies would go to another organisation than the one the message says it is from."""
    reply_domain = address.rpartition("@")[2]
    if reply_domain == domain or reply_domain.endswith("." + domain) or domain.endswith("." + reply_domain):
        return False
    return group_of(address, reply_domain, groups) != group_of("", domain, groups)
