"""Rules without a network: load, check, test by their examples, explain on files. It reaches no socket."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from time import perf_counter

from inbox_router.core.advice import Advice, History, Kind, advise
from inbox_router.core.decide import Judgement
from inbox_router.core.decision import Decision
from inbox_router.core.exercise import Tried, tried
from inbox_router.core.index import Index, compile_rules
from inbox_router.core.kept_rules import SetFiles
from inbox_router.core.message import Message, Readability, Trait
from inbox_router.core.parse import Extract, File
from inbox_router.core.rules import Example, RuleSet, Status, Where
from inbox_router.core.templates import Templates, TemplateSet
from inbox_router.edges.attachments import Extractor
from inbox_router.files.config import Config
from inbox_router.files.problems import Findings
from inbox_router.files.rulefile import load_names, load_rules, rules_from
from inbox_router.files.schema import FILE as SCHEMA
from inbox_router.files.schema import Named, schema_text
from inbox_router.files.templates import read_templates
from inbox_router.triage import Triage

MAIL_SUFFIXES = (".eml",)


def load_index(config: Config) -> Index:
    """The rule set that the configuration names, compiled. Raises Problems with everything that is wrong with it."""
    templates = read_templates(config.templates)
    return compile_rules(load_rules(config.rules, config.mailboxes, tuple(templates.templates)))


def index_of(files: SetFiles, folder: Path, mailboxes: Mapping[str, str]) -> Index:
    """A set that was kept, compiled; `folder` is where its files stood. Raises Problems."""
    names = {path.partition("/")[0] for path in files.templates if "/" in path}
    return compile_rules(rules_from(files.rules, folder, mailboxes, names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A rule set and templates without a problem, and what a colleague would say of them."""

    folder: Path
    index: Index
    examples: tuple[Tried, ...]
    advice: tuple[Advice, ...]


def check_rules(config: Config, extractor: Extractor, *, now: datetime, history: History | None = None) -> Checked:
    """Reads rules and templates, and tries every example. Raises Problems with everything that is wrong with them.

    `now` is aware; `history` is what the journal knows, without the rules whose files were changed since.
    """
    findings = Findings()
    templates: TemplateSet | None = None
    with findings.noting():
        templates = read_templates(config.templates)
    compiled = Templates(templates) if templates else None
    for wrong in compiled.problems() if compiled else ():
        where = replace(wrong.where, file=f"{config.templates}/{wrong.where.file}")
        findings.add(where, wrong.message, wrong.hint)
    names = tuple(templates.templates) if templates else _folders(config.templates)
    index: Index | None = None
    with findings.noting():
        index = compile_rules(load_rules(config.rules, config.mailboxes, names))
    findings.refuse()
    assert index is not None  # noqa: S101 - for the type checker: what was not loaded has left its problems
    assert compiled is not None  # noqa: S101
    examples = tuple(try_examples(open_triage(config, index, extractor)))
    used = {then.template for rule in index.ruleset.rules for then in (rule.then, *(each.then for each in rule.types))}
    shows = {name: seen for name in used if (seen := compiled.shows(name)) is not None}
    if history is not None:
        history = replace(history, changed=_changed(index, now - timedelta(days=history.days)))
    today = now.astimezone(config.timezone).date()
    advice = (
        *_schema_advice(config, index.ruleset),
        *advise(index, examples, today=today, history=history, templates=shows),
    )
    return Checked(folder=config.rules, index=index, examples=examples, advice=advice)


def _changed(index: Index, since: datetime) -> frozenset[str]:
    """The rules whose files were written since then."""
    files = {rule.name: Path(rule.where.file) for rule in index.ruleset.rules}
    return frozenset(name for name, file in files.items() if file.stat().st_mtime > since.timestamp())


def _folders(templates: Path) -> tuple[str, ...]:
    """Names that rules may mean, where not every template can be read: a problem of a template is none of theirs."""
    return tuple(path.name for path in templates.iterdir() if path.is_dir()) if templates.is_dir() else ()


def schema_of(config: Config) -> str:
    """The JSON Schema of the rule files, with every name that there is. Raises Problems where names cannot be read."""
    return schema_text(load_names(config.rules, config.mailboxes, _folders(config.templates)))


def _schema_advice(config: Config, ruleset: RuleSet) -> Iterator[Advice]:
    """A schema that is kept and out of date has editors underline what is right."""
    path = config.rules / SCHEMA
    named = Named(
        mailboxes=ruleset.mailboxes,
        templates=_folders(config.templates),
        groups=ruleset.groups,
        phrases=ruleset.phrase_lists,
        entities=ruleset.entities,
        registers=ruleset.registers,
        rules=[rule.name for rule in ruleset.rules],
    )
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") != schema_text(named):
        yield Advice(
            where=Where(file=str(path), line=1, column=1),
            kind=Kind.SCHEMA,
            message="editors go by this schema, and names have changed since it was written",
            hint='run "inbox-router rules schema"',
        )


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
    judgement: Judgement

    @property
    def decision(self) -> Decision:
        return self.judgement.decision


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
        yield Explained(file=path.name, message=message, judgement=triage.judge(message))


def try_examples(triage: Triage, names: Collection[str] = ()) -> Iterator[Tried]:
    """Every example of every rule that is not retired, or of those of these names."""
    for rule in triage.index.ruleset.rules:
        if rule.status is Status.RETIRED or (names and rule.name not in names):
            continue
        for example in rule.examples:
            began = perf_counter()
            message = _example_message(example, triage)
            judgement = triage.judge(message)
            yield tried(rule, example, message, judgement, perf_counter() - began)


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
