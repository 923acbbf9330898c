"""The whole way of one message - read, decided, explained, written about - and what must hold at its end."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from inbox_router.core.compose import Originator, Templates, forward, notice
from inbox_router.core.decision import Decision, HoldReason, Outcome
from inbox_router.core.delivery import Submission
from inbox_router.core.explain import as_object, in_words
from inbox_router.core.index import Index
from inbox_router.core.message import Authentication, Message
from inbox_router.files.config import Config, load
from inbox_router.files.templates import read_templates
from inbox_router.triage import Extraction, Triage
from inbox_router.workbench import load_index

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 30, 9, 28, 45, tzinfo=UTC)
REFERENCE = "FI-261130-0042"
OURS = frozenset(
    {
        *("from", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type"),
        *("auto-submitted", "x-auto-response-suppress", "x-priority", "importance", "priority"),
        *("x-inbox-router-loop", "x-inbox-router-reference", "x-inbox-router-kind", "x-inbox-router-rules"),
        "x-inbox-router-original-sha256",
    }
)
"""Every field that what we send may have, each once."""
NEVER_ATTACHED = frozenset({HoldReason.CONFIDENTIAL_SOURCE, HoldReason.OVER_CLASSIFIED, HoldReason.RESTRICTED_HANDLING})
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
LINE_END = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    message: Message
    decision: Decision
    sent: Submission | None
    """Forward or notice; a message that is filed causes none."""
    explained: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    triage: Triage
    templates: Templates
    originator: Originator
    told: tuple[str, ...]
    """Who gets the notice of what is held."""

    def go(self, octets: bytes) -> Ended:
        message = self.triage.read(octets, RECEIVED)
        decision = self.triage.decide(message)
        as_json = json.dumps(as_object("hostile.eml", decision), ensure_ascii=False)
        as_json.encode("utf-8")
        return Ended(
            message=message,
            decision=decision,
            sent=self._sent(decision, message, octets),
            explained=in_words("hostile.eml", message, decision),
        )

    def _sent(self, decision: Decision, message: Message, octets: bytes) -> Submission | None:
        ours, templates = self.originator, self.templates
        match decision.outcome:
            case Outcome.ROUTE:
                return forward(
                    decision, message, octets, originator=ours, templates=templates, now=NOW, reference=REFERENCE
                )
            case Outcome.HOLD:
                return notice(
                    decision,
                    message,
                    octets,
                    to=self.told,
                    originator=ours,
                    templates=templates,
                    now=NOW,
                    reference=REFERENCE,
                )
            case _:
                return None


@cache
def settings() -> Config:
    return load(ROOT / "config.example.yaml")


@cache
def shipped_rules() -> Index:
    return load_index(settings())


def shipped_way(extract: Extraction) -> Way:
    """The shipped rules, templates and configuration, with text out of attachments by `extract`."""
    config = settings()
    return Way(
        triage=Triage(
            index=shipped_rules(),
            gateway=config.inbox.gateway,
            tier=config.tier,
            limits=config.limits.parsing,
            extract=extract,
        ),
        templates=Templates(read_templates(config.templates)),
        originator=Originator(
            name="Pennine Police",
            address="force.intelligence@pennine.police.example",
            return_path="returns@pennine.police.example",
            loop_token="our-loop",
            domain="pennine.police.example",
        ),
        told=("review@pennine.police.example", "duty.manager@pennine.police.example"),
    )


def broken_promises(way: Way, ended: Ended, octets: bytes) -> list[str]:
    """What does not hold of an ending though it must hold of every one, in words."""
    return [
        *_ending(way, ended),
        *_unclean_words(ended),
        *_spans(ended),
        *(_outgoing(way, ended, octets) if ended.sent else ()),
    ]


def _ending(way: Way, ended: Ended) -> Iterator[str]:
    decision = ended.decision
    allowed = way.triage.index.ruleset.mailboxes
    if any(allowed.get(place.mailbox) != place.address for place in decision.destinations):
        yield "a destination is not on the allow-list"
    if bool(decision.destinations) != (decision.outcome is Outcome.ROUTE):
        yield f"it is {decision.outcome} with {len(decision.destinations)} destinations"
    if bool(decision.hold_reason) != (decision.outcome is Outcome.HOLD):
        yield f"it is {decision.outcome} with {decision.hold_reason} for a reason to hold it"
    if decision.outcome is Outcome.HOLD and (decision.category or decision.priority):
        yield "it is held, and yet has a category or a priority"
    if decision.outcome is Outcome.ROUTE and not _vouched_for(way, ended):
        yield "it is routed on the word of a sender for whom nobody vouches"
    if not decision.because.strip():
        yield "nothing is said of why"


def _vouched_for(way: Way, ended: Ended) -> bool:
    """Whether the gateway vouches for the sender, or the rule asks for no sender in particular."""
    sender = ended.message.sender
    rule = next(rule for rule in way.triage.index.ruleset.rules if rule.name == ended.decision.rule)
    return not rule.senders or (sender.authentication is Authentication.PASS and len(sender.from_addresses) == 1)


def _unclean_words(ended: Ended) -> Iterator[str]:
    for where, text in _strings("decision", ended.decision):
        if CONTROL.search(text) or LINE_END.search(text) or "\n" in text:
            yield f"{where} holds a control character: {text!a:.80}"
    for where, text in _strings("message", ended.message):
        if CONTROL.search(text.replace("\t", " ")):
            yield f"{where} holds a control character: {text!a:.80}"
    for line in ended.explained.split("\n"):
        if not line.isprintable():
            yield f"a line of the explanation is not printable: {line!a:.80}"


def _strings(where: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text within a value, with the way to it."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _strings(where, each)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _strings(f"{where}.{one.name}", getattr(value, one.name))


def _spans(ended: Ended) -> Iterator[str]:
    passages = ended.message.passages
    for item in ended.decision.evidence:
        if item.span is None:
            continue
        text = passages[item.span.passage].text
        if not 0 <= item.span.start < item.span.end <= len(text):
            yield f"evidence {item.fact!r} is not within its passage"


def _outgoing(way: Way, ended: Ended, octets: bytes) -> Iterator[str]:
    assert ended.sent is not None
    head, _, _ = ended.sent.octets.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    names = [line.partition(b":")[0].decode("ascii").lower() for line in lines if line[:1] not in b" \t"]
    if not set(names) <= OURS or len(names) != len(set(names)):
        yield f"what is sent has other fields than ours: {sorted(names)}"
    if re.search(rb"[^\x20-\x7e\t]", b"".join(lines)):
        yield "the header of what is sent holds something besides printable ASCII"
    if any(len(line) > 998 for line in lines):
        yield "a line of what is sent is longer than RFC 5322 allows"
    allowed = {*way.triage.index.ruleset.mailboxes.values(), *way.told}
    if not set(ended.sent.recipients) <= allowed:
        yield "it goes to an address that is not on the allow-list"
    if ended.decision.hold_reason not in NEVER_ATTACHED and not _holds_original(ended.sent.octets, octets):
        yield "the original is not in it, octet for octet"


def _holds_original(sent: bytes, original: bytes) -> bool:
    """Whether the last part of what is sent is the original."""
    if len(original) > 1_000_000:
        encoded = sent[sent.rindex(b"\r\n\r\n") + 4 : sent.rindex(b"\r\n--")]
        return base64.b64decode(encoded) == original
    *_, last = email.message_from_bytes(sent, policy=email.policy.default).iter_attachments()
    return last.get_payload(decode=True) == original
