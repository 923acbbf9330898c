"""Rules without a network: load, check, test by their examples, explain on files. It reaches no socket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from inbox_router.core.decision import Decision, Outcome
from inbox_router.core.index import Index, compile_rules
from inbox_router.core.message import Message, Readability, Trait
from inbox_router.core.parse import Extract, File
from inbox_router.core.rules import Example, Expectation, Rule, Status
from inbox_router.edges.attachments import Extractor
from inbox_router.files.config import Config
from inbox_router.files.rulefile import load_rules
from inbox_router.files.templates import read_templates
from inbox_router.triage import Triage

MAIL_SUFFIXES = (".eml",)


def load_index(config: Config) -> Index:
    """The rule set that the configuration names, compiled. Raises Problems with everything that is wrong with it."""
    templates = read_templates(config.templates)
    return compile_rules(load_rules(config.rules, config.mailboxes, tuple(templates.templates)))


def open_triage(config: Config, index: Index, extractor: Extractor) -> Triage:
    return Triage(
        index=index,
        gateway=config.inbox.gateway,
        tier=config.tier,
        limits=config.limits.parsing,
        extract=extractor.extract,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One message of a file, read and decided exactly as the service would."""

    file: str
    message: Message
    decision: Decision


def mail_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named, and every .eml file below the folders named, in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in MAIL_SUFFIXES)
        else:
            yield path


def explain_files(triage: Triage, paths: Sequence[Path]) -> Iterator[Explained]:
    for path in mail_files(paths):
        message = triage.read(path.read_bytes())
        yield Explained(file=path.name, message=message, decision=triage.decide(message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One example of a rule, judged by the final decision of the whole set."""

    rule: Rule
    example: Example
    decision: Decision
    message: Message
    failures: tuple[str, ...]
    """What was expected and what came, one sentence each; empty where the example holds."""


def try_examples(triage: Triage) -> Iterator[Tried]:
    """Every example of every rule that is not retired."""
    for rule in triage.index.ruleset.rules:
        if rule.status is Status.RETIRED:
            continue
        for example in rule.examples:
            message = _example_message(example, triage)
            decision = triage.decide(message)
            failures = tuple(_failures(rule, example.expect, decision))
            yield Tried(rule=rule, example=example, decision=decision, message=message, failures=failures)


def _example_message(example: Example, triage: Triage) -> Message:
    """The example as mail that came through the gateway, read like any other."""
    attached = example.attachment

    def extract(files: Sequence[File]) -> list[Extract]:
        return [Extract(readability=Readability.READ, text=attached) for _ in files]

    message = replace(triage, extract=extract).read(_example_octets(example, triage.gateway))
    return replace(message, traits=message.traits | {Trait(trait) for trait in example.traits})


def _example_octets(example: Example, gateway: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    local, _, domain = example.sender.rpartition("@")
    verdict = "none" if example.unverified else "pass"
    mail["Authentication-Results"] = f"{gateway}; dmarc={verdict} header.from={domain}"
    mail["Received"] = f"from mail.{domain} by {gateway}; Mon, 02 Nov 2026 09:00:00 +0000"
    mail["From"] = Address(username=local, domain=domain)
    mail["Subject"] = " ".join(example.subject.split())
    mail.set_content(example.body)
    if example.attachment:
        mail.add_attachment(example.attachment.encode(), "application", "pdf", filename="attached.pdf")
    return mail.as_bytes()


def _failures(rule: Rule, expect: Expectation, decision: Decision) -> Iterator[str]:
    fired = decision.rule == rule.name or any(claim.rule == rule.name for claim in decision.claims)
    if expect.silent:
        if fired:
            yield f"the rule was to stay silent, yet it fired: {_came_to(decision)}"
        return
    wanted = (
        Outcome.FILE if expect.file else Outcome.HOLD if expect.hold else Outcome.ROUTE,
        expect.hold,
    )
    if (decision.outcome, decision.hold_reason) != wanted:
        ending = f"held: {_spaced(str(expect.hold))}" if expect.hold else "filed" if expect.file else "routed"
        yield f"it was to be {ending}, yet it was {_came_to(decision)}"
        return
    if expect.type is not None and decision.type != expect.type:
        yield f"its type was to be {expect.type}, yet it is {decision.type or 'none'}"
    if expect.priority is not None and decision.priority != expect.priority:
        yield f"its priority was to be {expect.priority}, yet it is {decision.priority or 'none'}"
    mailboxes = {place.mailbox for place in decision.destinations}
    if expect.to is not None and mailboxes != set(expect.to):
        goes = ", ".join(sorted(mailboxes)) or "nobody"
        yield f"it was to go to {', '.join(sorted(expect.to))}, yet it goes to {goes}"


def _came_to(decision: Decision) -> str:
    match decision.outcome:
        case Outcome.HOLD:
            return f"held: {_spaced(str(decision.hold_reason))}, because {decision.because}"
        case Outcome.FILE:
            return f"filed as {decision.type or decision.category}"
        case Outcome.ROUTE:
            mailboxes = ", ".join(place.mailbox for place in decision.destinations)
            return f"routed by {decision.rule} to {mailboxes}"


def _spaced(word: str) -> str:
    return word.replace("_", " ")
