"""What decides and what writes, as they are now: read, checked and replaced as a whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox_router.core.compose import Originator, Templates
from inbox_router.core.index import compile_rules
from inbox_router.core.kept_rules import Contents, SetFiles
from inbox_router.edges.attachments import Extractor
from inbox_router.files.config import Config
from inbox_router.files.problems import Findings
from inbox_router.files.rulefile import rule_contents, rules_from
from inbox_router.files.templates import template_contents, templates_from
from inbox_router.service.refusal import RefusedError
from inbox_router.triage import Triage
from inbox_router.workbench import open_triage, try_examples


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """One state of rules and templates. A message is decided and written about by one of these, never by two."""

    triage: Triage
    templates: Templates
    originator: Originator
    files: SetFiles
    """What all this was made from."""
    examples: int
    """How many examples were tried, all of which hold."""
    since: datetime

    @property
    def version(self) -> str:
        """Digest of the rule set, 64 hexadecimal digits."""
        return self.triage.index.version


def read_files(settings: Config) -> SetFiles:
    """The files of rules and templates as they are now. Raises Problems."""
    findings = Findings()
    rules: Contents = {}
    templates: Contents = {}
    with findings.noting():
        rules = rule_contents(settings.rules)
    with findings.noting():
        templates = template_contents(settings.templates)
    findings.refuse()
    return SetFiles(rules=rules, templates=templates)


def load_in_force(settings: Config, extractor: Extractor, now: datetime, files: SetFiles | None = None) -> InForce:
    """Reads and checks everything, or what `files` holds in the place of the folders.

    Raises Problems for what cannot be read, RefusedError for what fails its check.
    """
    files = files or read_files(settings)
    read = templates_from(files.templates, settings.templates)
    templates = Templates(read)
    ruleset = rules_from(files.rules, settings.rules, settings.mailboxes, tuple(read.templates))
    triage = open_triage(settings, compile_rules(ruleset), extractor)
    faults = [f"{settings.templates}/{problem}" for problem in templates.problems()]
    tried = list(try_examples(triage))
    for one in tried:
        faults += [f"{one.example.where}: example {one.example.name!r}: {failure}" for failure in one.failures]
    if faults:
        raise RefusedError(faults)
    return InForce(
        triage=triage,
        templates=templates,
        originator=originator(settings),
        files=files,
        examples=len(tried),
        since=now,
    )


def originator(settings: Config) -> Originator:
    """Who our mail is from."""
    return Originator(
        name=f"{settings.force.name} - Force Intelligence",
        address=settings.submission.sender,
        return_path=settings.submission.return_path,
        loop_token=settings.inbox.address,
        domain=settings.force.domain,
    )
