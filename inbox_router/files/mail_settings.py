"""The parts of the configuration that say where mail comes from and where it may go."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import cast

from inbox_router.files.addresses import domain_of, is_address
from inbox_router.files.problems import Findings
from inbox_router.files.secret import Secret
from inbox_router.files.sections import Section, text_of
from inbox_router.files.setting_values import count_of, one_of, seconds_of
from inbox_router.files.settings import Folders, Force, Inbox, Security, Server, Submitting, WhenUncertain
from inbox_router.files.yaml_text import Scalar, Table

_SERVER_KEYS = ("host", "port", "security", "username", "password", "timeout", "ca file")
_PORTS = {
    "imap": {"tls": 993, "starttls": 143, "plain": 143},
    "smtp": {"tls": 465, "starttls": 587, "plain": 25},
}
_SECURITY = ("tls", "starttls", "plain")
_ALMOST = 0.85
"""How alike two domains are before one is taken for a slip of the other (`pennine.police.exmaple`)."""


def read_inbox(section: Section, folder: Path, findings: Findings) -> Inbox:
    table = section.table("inbox", "(and under it, indented) address: force.intelligence@pennine.police.example")
    keys = ("address", "gateway", "imap", "folder", "poll every", "idle for at most", "cycle deadline", "folders")
    inner = Section(table or section.nothing(), findings, what='"inbox"', keys=keys)
    if table is not None:
        hints = {
            "address": "force.intelligence@pennine.police.example",
            "gateway": "mx.pennine.police.example",
            "imap": "{host: imap.pennine.police.example, username: ..., password: {file: ...}}",
        }
        inner.need("address", "gateway", "imap", hints=hints)
    gateway = inner.scalar("gateway")
    if gateway is not None and not re.fullmatch(r"[\w.-]+", gateway.text):
        findings.add(
            gateway.where,
            f'"{gateway.text}" is not the name of a server',
            "write for example: mx.pennine.police.example",
        )
    return Inbox(
        address=mailbox_address(inner.scalar("address"), findings),
        gateway="" if gateway is None else gateway.text.lower(),
        imap=_server(inner, "imap", folder, findings),
        folder=inner.text("folder", "INBOX"),
        poll_every=seconds_of(inner, "poll every", "60 seconds", findings, most="10 minutes"),
        idle_for=seconds_of(inner, "idle for at most", "9 minutes", findings, most="10 minutes"),
        cycle_deadline=seconds_of(inner, "cycle deadline", "5 minutes", findings, most="1 hour"),
        folders=_folders(inner, findings),
    )


def read_submission(section: Section, inbox: Inbox, folder: Path, findings: Findings) -> Submitting:
    """What is sent is from the inbox, and bounces and answers come back to it, unless the file says otherwise."""
    table = section.table("submission", "(and under it, indented) smtp: {host: smtp.pennine.police.example}")
    keys = ("smtp", "connections", "from", "return path", "when uncertain", "give up after")
    inner = Section(table or section.nothing(), findings, what='"submission"', keys=keys)
    if table is not None:
        inner.need("smtp", hints={"smtp": "{host: smtp.pennine.police.example}"})
    return Submitting(
        smtp=_server(inner, "smtp", folder, findings),
        connections=count_of(inner, "connections", 2, findings, most=20),
        sender=mailbox_address(inner.scalar("from"), findings) or inbox.address,
        return_path=mailbox_address(inner.scalar("return path"), findings) or inbox.address,
        when_uncertain=inner.choice("when uncertain", WhenUncertain) or WhenUncertain.RESEND,
        give_up_after=seconds_of(inner, "give up after", "2 days", findings, most="7 days"),
    )


def read_mailboxes(section: Section, inbox: Inbox, force: Force, findings: Findings) -> dict[str, str]:
    """Name -> address: the allow-list."""
    table = section.table("mailboxes", "{review: review@pennine.police.example}")
    mailboxes: dict[str, str] = {}
    names: dict[str, Scalar] = {}
    for entry in () if table is None else table.entries:
        text = text_of(entry.value, findings, what=f'"{entry.key.text}"')
        if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", entry.key.text):
            better = "-".join(re.findall(r"[a-z0-9]+", entry.key.text.casefold()))
            findings.add(
                entry.key.where,
                f'the name of a mailbox, "{entry.key.text}", may have only small letters, digits and "-"',
                f"write instead: {better}" if better else "write for example: c-division",
            )
        address = mailbox_address(text, findings)
        mailboxes[entry.key.text] = address
        if text is None or not address:
            continue
        _check_target(text, address, inbox, force, findings)
        first = names.setdefault(address.casefold(), entry.key)
        if first is not entry.key:
            findings.add(
                text.where,
                f'"{address}" is the address of "{first.text}" already (line {first.where.line})',
                "give each mailbox its own address, or use one name for both",
            )
    return mailboxes


def mailbox_address(text: Scalar | None, findings: Findings) -> str:
    """A good address, or "" and a problem; "" without one where there is no text."""
    if text is None:
        return ""
    if not is_address(text.text):
        findings.add(
            text.where, f'"{text.text}" is not an address', "write for example: duty.manager@pennine.police.example"
        )
        return ""
    return text.text


def _check_target(text: Scalar, address: str, inbox: Inbox, force: Force, findings: Findings) -> None:
    if address.casefold() == inbox.address.casefold():
        findings.add(
            text.where,
            "this is the inbox's own address: mail would go round in circles",
            "write another address, or delete it",
        )
    domain = domain_of(address)
    likeness = difflib.SequenceMatcher(None, domain, force.domain).ratio()
    if force.domain and domain != force.domain and not domain.endswith(f".{force.domain}") and likeness > _ALMOST:
        findings.add(
            text.where,
            f'the domain "{domain}" is almost, but not quite, the force\'s own',
            f'did you mean "{address.rpartition("@")[0]}@{force.domain}"?',
        )


def _folders(section: Section, findings: Findings) -> Folders:
    table = section.table("folders", "{routed: Routed, held: Held, filed: Filed}")
    usual = Folders()
    if table is None:
        return usual
    inner = Section(table, findings, what='"folders"', keys=("routed", "held", "filed"))
    folders = Folders(
        routed=inner.text("routed", usual.routed),
        held=inner.text("held", usual.held),
        filed=inner.text("filed", usual.filed),
    )
    inbox = section.text("folder", "INBOX")
    if len({folders.routed, folders.held, folders.filed, inbox}) < 4:
        hint = f"give routed, held and filed a folder each, none of them {inbox}"
        findings.add(inner.where, "two of the folders are the same", hint)
    return folders


def _server(section: Section, key: str, folder: Path, findings: Findings) -> Server:
    table = section.table(key, f"{{host: {key}.pennine.police.example}}")
    inner = Section(table or section.nothing(), findings, what=f'"{key}"', keys=_SERVER_KEYS)
    if table is not None:
        inner.need("host", hints={"host": f"{key}.pennine.police.example"})
    host = inner.scalar("host")
    if host is not None and not re.fullmatch(r"[\w.:-]+", host.text):
        findings.add(
            host.where, f'"{host.text}" is not the name of a server', f"write for example: {key}.pennine.police.example"
        )
    security = cast("Security", one_of(inner, "security", _SECURITY, "tls", findings))
    password = _password(inner, folder, findings)
    if ("username" in inner) != ("password" in inner):
        findings.add(inner.where, f'"{key}" has only one of username and password', "write both, or neither")
    return Server(
        host="" if host is None else host.text,
        port=count_of(inner, "port", _PORTS[key].get(security, 0), findings, most=65_535),
        security=security,
        username=inner.text("username"),
        password=password,
        timeout=seconds_of(
            inner, "timeout", "30 seconds" if key == "imap" else "60 seconds", findings, most="10 minutes"
        ),
        ca_file=folder / inner.text("ca file") if "ca file" in inner else None,
    )


def _password(section: Section, folder: Path, findings: Findings) -> Secret | None:
    node = section.node("password")
    if node is None:
        return None
    if not isinstance(node, Table):
        # What stands here may be a password: it is never repeated.
        findings.add(
            node.where,
            "a password does not stand in this file, where it would be copied and backed up",
            "write password: {file: /etc/inbox-router/password} and put it alone into that file, or {env: NAME}",
        )
        return None
    inner = Section(node, findings, what='"password"', keys=("file", "env"))
    if ("file" in inner) == ("env" in inner):
        findings.add(node.where, "a password is in a file or in an environment variable", "write one of file and env")
        return None
    return Secret(file=folder / inner.text("file") if "file" in inner else None, env=inner.text("env"))
