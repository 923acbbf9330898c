"""The configuration file -> Config, or every problem in it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inbox_router.core.markings import OFFICIAL, TIERS
from inbox_router.core.parse import Limits as ParsingLimits
from inbox_router.core.rules import Where
from inbox_router.core.shifts import Shift
from inbox_router.files.addresses import is_domain
from inbox_router.files.case_settings import read_cases
from inbox_router.files.mail_settings import read_inbox, read_mailboxes, read_submission
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.quantities import time_of_day
from inbox_router.files.secret import Secret, SecretError
from inbox_router.files.sections import Section
from inbox_router.files.setting_values import count_of, one_of, seconds_of, size_of
from inbox_router.files.settings import (
    AttachmentLimits,
    AuditLog,
    Config,
    Folders,
    Force,
    Inbox,
    JournalFile,
    Limits,
    Mode,
    Server,
    Submitting,
    WhenUncertain,
)
from inbox_router.files.yaml_text import Scalar, read

__all__ = [
    "AttachmentLimits",
    "AuditLog",
    "Config",
    "Folders",
    "Force",
    "Inbox",
    "JournalFile",
    "Limits",
    "Mode",
    "Secret",
    "SecretError",
    "Server",
    "Shift",
    "Submitting",
    "WhenUncertain",
    "load",
    "shipped_example",
]

_KEYS = (
    *("format", "mode", "force", "inbox", "submission", "mailboxes", "review", "duty manager", "handovers", "tier"),
    *("rules", "templates", "journal", "audit", "limits", "cases", "shifts", "timezone", "reference prefix"),
)
_NEEDED = {
    "force": "{name: Pennine Police, domain: pennine.police.example}",
    "inbox": "(and under it, indented) address: force.intelligence@pennine.police.example",
    "submission": "(and under it, indented) smtp: {host: smtp.pennine.police.example}",
    "mailboxes": "{review: review@pennine.police.example}",
    "review": "review",
    "duty manager": "duty-manager",
}
_LONGEST_PREFIX = 10


def load(path: Path | None = None) -> Config:
    """Read `path`, else ./config.yaml, else the example that is shipped, which describes the reference force.

    Paths in the file are relative to the file. Raises `Problems` with every mistake in it.
    """
    chosen = path or (Path("config.yaml") if Path("config.yaml").exists() else shipped_example())
    findings = Findings()
    config = _read(chosen, findings)
    findings.refuse()
    assert config is not None, "a file that cannot be read has left its problem"  # noqa: S101 - for the type checker
    return config


def shipped_example() -> Path:
    """config.example.yaml: at the top of a source tree, inside an installed package."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "config.example.yaml"
    return beside if beside.exists() else package / "shipped" / "config.example.yaml"


def _read(path: Path, findings: Findings) -> Config | None:
    try:
        octets = path.read_bytes()
    except OSError as error:
        where = Where(file=str(path), line=1, column=1)
        findings.add(where, f"the configuration cannot be read: {error.strerror}", "look at the path after --config")
        return None
    table = read(str(path), octets, findings)
    if table is None:
        return None
    section = Section(table, findings, what="the configuration", keys=_KEYS)
    section.format_1()
    section.need(*_NEEDED, hints=_NEEDED)
    folder = path.parent
    force = _force(section, findings)
    inbox = read_inbox(section, folder, findings)
    mailboxes = read_mailboxes(section, inbox, force, findings)
    return Config(
        path=path,
        mode=section.choice("mode", Mode) or Mode.OBSERVE,
        force=force,
        inbox=inbox,
        submission=read_submission(section, inbox, folder, findings),
        mailboxes=mailboxes,
        review=_mailbox(section, "review", mailboxes, findings),
        duty_manager=_mailbox(section, "duty manager", mailboxes, findings),
        handover_to=_handover_to(section, mailboxes, findings),
        tier=one_of(section, "tier", TIERS, OFFICIAL, findings),
        rules=folder / section.text("rules", "rules"),
        templates=folder / section.text("templates", "templates"),
        journal=_journal(section, folder, findings),
        audit=_audit(section, folder, findings),
        limits=_limits(section, findings),
        cases=read_cases(section, findings),
        shifts=_shifts(section, findings),
        timezone=_timezone(section, findings),
        reference_prefix=_reference_prefix(section, findings),
    )


def _force(section: Section, findings: Findings) -> Force:
    table = section.table("force", _NEEDED["force"])
    if table is None:
        return Force(name="", domain="")
    inner = Section(table, findings, what='"force"', keys=("name", "domain"))
    inner.need("name", "domain", hints={"name": "Pennine Police", "domain": "pennine.police.example"})
    domain = inner.scalar("domain")
    if domain is not None and not is_domain(domain.text):
        findings.add(domain.where, f'"{domain.text}" is not a domain', "write for example: pennine.police.example")
    return Force(name=inner.text("name"), domain=inner.text("domain").lower())


def _mailbox(section: Section, key: str, mailboxes: dict[str, str], findings: Findings) -> str:
    name = section.scalar(key)
    if name is not None and mailboxes and name.text not in mailboxes:
        hint = did_you_mean(name.text, mailboxes)
        findings.add(name.where, f'"{name.text}" is not one of the mailboxes below "mailboxes"', hint)
    return "" if name is None else name.text


def _handover_to(section: Section, mailboxes: dict[str, str], findings: Findings) -> str:
    if "handovers" not in section:
        return section.text("duty manager")
    return "" if section.text("handovers") == "none" else _mailbox(section, "handovers", mailboxes, findings)


def _journal(section: Section, folder: Path, findings: Findings) -> JournalFile:
    table = section.table("journal", "{path: journal/journal.sqlite3}")
    inner = None if table is None else Section(table, findings, what='"journal"', keys=("path",))
    return JournalFile(path=folder / (inner.text("path") if inner and "path" in inner else "var/journal.sqlite3"))


def _audit(section: Section, folder: Path, findings: Findings) -> AuditLog:
    table = section.table("audit", "{folder: audit}")
    inner = None if table is None else Section(table, findings, what='"audit"', keys=("folder",))
    return AuditLog(folder=folder / (inner.text("folder") if inner and "folder" in inner else "var/audit"))


def _limits(section: Section, findings: Findings) -> Limits:
    table = section.table("limits", "{octets: 40 MB}")
    if table is None:
        return Limits()
    names = {field.name.replace("_", " ") for field in fields(ParsingLimits)}
    inner = Section(table, findings, what='"limits"', keys=(*sorted(names), "attachments"))
    usual = ParsingLimits()
    parsing = ParsingLimits(
        octets=size_of(inner, "octets", usual.octets, findings),
        depth=count_of(inner, "depth", usual.depth, findings, most=100),
        parts=count_of(inner, "parts", usual.parts, findings, most=100_000),
        header_octets=size_of(inner, "header octets", usual.header_octets, findings),
        text_characters=count_of(inner, "text characters", usual.text_characters, findings, most=100_000_000),
    )
    return Limits(parsing=parsing, attachments=_attachment_limits(inner, findings))


def _attachment_limits(section: Section, findings: Findings) -> AttachmentLimits:
    usual = AttachmentLimits()
    table = section.table("attachments", "{at most: 20 seconds}")
    if table is None:
        return usual
    inner = Section(table, findings, what='"attachments"', keys=("at most", "memory", "text characters"))
    at_most = seconds_of(inner, "at most", "20 seconds", findings, most="10 minutes")
    return AttachmentLimits(
        seconds=at_most.total_seconds(),
        memory=size_of(inner, "memory", usual.memory, findings),
        output=count_of(inner, "text characters", usual.output, findings, most=100_000_000),
    )


def _shifts(section: Section, findings: Findings) -> tuple[Shift, ...]:
    example = "- {name: early, from: 07:00, to: 15:00}"
    shifts = []
    for table in section.tables("shifts", example):
        inner = Section(table, findings, what="a shift", keys=("name", "from", "to"))
        inner.need("name", "from", "to", hints={"name": "early", "from": "07:00", "to": "15:00"})
        start = inner.parsed("from", time_of_day, "a time of day", "07:00")
        end = inner.parsed("to", time_of_day, "a time of day", "15:00")
        if start is not None and end is not None:
            shifts.append(Shift(name=inner.text("name"), start=start, end=end))
    for shift, following in zip(shifts, [*shifts[1:], *shifts[:1]], strict=True):
        if shift.end != following.start:
            findings.add(
                section.at("shifts"),
                f'"{shift.name}" ends at {shift.end:%H:%M}, but "{following.name}" begins at {following.start:%H:%M}',
                "let each shift begin when the one before ends, so that no hour is nobody's or twice somebody's",
            )
    return tuple(shifts)


def _timezone(section: Section, findings: Findings) -> ZoneInfo:
    name = section.scalar("timezone") or Scalar(text="Europe/London", where=section.where)
    try:
        return ZoneInfo(name.text)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        findings.add(name.where, f'there is no time zone "{name.text}"', "write for example: Europe/London")
        return ZoneInfo("UTC")


def _reference_prefix(section: Section, findings: Findings) -> str:
    prefix = section.text("reference prefix", "FIR")
    if not (prefix.isascii() and prefix.isalnum() and prefix.isupper() and len(prefix) <= _LONGEST_PREFIX):
        findings.add(
            section.at("reference prefix"),
            f'the reference prefix "{prefix}" is not 1 to {_LONGEST_PREFIX} capital letters and digits',
            "write for example: FIR",
        )
    return prefix
