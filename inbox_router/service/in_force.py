"""What decides and what writes, as they are now: read, checked and replaced as a whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox_router.core.compose import Originator, Templates
from inbox_router.edges.attachments import Extractor
from inbox_router.files.config import Config
from inbox_router.files.templates import read_templates
from inbox_router.service.refusal import RefusedError
from inbox_router.triage import Triage
from inbox_router.workbench import load_index, open_triage, try_examples


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """One state of rules and templates. A message is decided and written about by one of these, never by two."""

    triage: Triage
    templates: Templates
    originator: Originator
    examples: int
    """How many examples were tried, all of which hold."""
    since: datetime

    @property
    def version(self) -> str:
        """Digest of the rule set, 64 hexadecimal digits."""
        return self.triage.index.version


def load_in_force(settings: Config, extractor: Extractor, now: datetime) -> InForce:
    """Reads and checks everything. Raises Problems for what cannot be read, RefusedError for what fails its check."""
    templates = Templates(read_templates(settings.templates))
    triage = open_triage(settings, load_index(settings), extractor)
    faults = [f"{settings.templates}/{problem}" for problem in templates.problems()]
    tried = list(try_examples(triage))
    for one in tried:
        faults += [f"{one.example.where}: example {one.example.name!r}: {failure}" for failure in one.failures]
    if faults:
        raise RefusedError(faults)
    return InForce(triage=triage, templates=templates, originator=originator(settings), examples=len(tried), since=now)


def originator(settings: Config) -> Originator:
    """Who our mail is from."""
    return Originator(
        name=f"{settings.force.name} - Force Intelligence",
        address=settings.submission.sender,
        return_path=settings.submission.return_path,
        loop_token=settings.inbox.address,
        domain=settings.force.domain,
    )
