"""`inbox-router demo`: mail servers, sample mail, the real service as a process of its own, and what it did."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from inbox_router.commands.terminal import Terminal, counted
from inbox_router.demo.accounts import Check, checks
from inbox_router.demo.decision_line import print_decision, print_heading
from inbox_router.demo.samples import sample_mail
from inbox_router.demo.setting import Setting, prepare
from inbox_router.edges.journal import Journal

PATIENCE = 90.0
"""Seconds after which what is not accounted for is given up."""
FAREWELL = 15.0
ERRORS = "service.stderr"


def show(terminal: Terminal, *, stay: bool) -> bool:
    """Runs the demo; returns whether every message is accounted for. The folder is kept."""
    folder = Path(tempfile.mkdtemp(prefix="inbox-router-demo-"))
    samples = dict(sample_mail())
    with prepare(folder) as setting:
        _introduce(terminal, setting, len(samples))
        setting.deliver(samples.values())
        with _service(setting) as service:
            _follow(terminal, setting, service, len(samples), stay=stay)
        if not setting.settings.journal.path.exists():
            terminal.line(terminal.ink("The service did not start. It said:", "bold", "red"))
            terminal.line(terminal.ink((folder / ERRORS).read_text(encoding="utf-8").strip()))
            return False
        results = checks(setting, samples.values())
    holds = _conclude(terminal, results)
    _point_onward(terminal, setting)
    return holds


def _introduce(terminal: Terminal, setting: Setting, arriving: int) -> None:
    terminal.line(
        terminal.ink("inbox-router", "bold"),
        "  Pennine Police, Force Intelligence (an invented force, invented people)",
    )
    terminal.wrapped(
        f"{counted(arriving, 'sample message')} wait in an inbox on {setting.mail.host}:{setting.mail.imap_port}. The "
        "service that runs now is the real one, with the shipped rules; it sees an IMAP server and an SMTP server, and "
        "cannot know that they are part of a demo.",
        0,
        "dim",
    )
    terminal.line()
    print_heading(terminal)


@contextmanager
def _service(setting: Setting) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "inbox_router", "run", "--config", str(setting.config)]
    with (setting.folder / ERRORS).open("w") as errors:
        service = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603 - our own
    try:
        yield service
    finally:
        service.send_signal(signal.SIGTERM)
        try:
            service.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()


def _follow(terminal: Terminal, setting: Setting, service: subprocess.Popen[str], expected: int, *, stay: bool) -> None:
    """Prints each decision as the service tells of it, until all that is expected is settled. Ctrl-C ends it too."""
    impatience = threading.Timer(PATIENCE, service.terminate)
    impatience.start()
    settled: set[int] = set()
    try:
        for event in _events(service):
            match event["event"]:
                case "alteration":
                    _print(terminal, setting, event)
                case "filed":
                    settled.add(event["message"])
                case "alarm":
                    _print_alarm(terminal, event)
            if len(settled) == expected and event["event"] == "filed":
                impatience.cancel()
                if not stay:
                    return
                _invite(terminal, setting)
    except KeyboardInterrupt:
        terminal.line()
    finally:
        impatience.cancel()


def _invite(terminal: Terminal, setting: Setting) -> None:
    mail, inbox = setting.mail, setting.settings.inbox.address
    terminal.line()
    terminal.wrapped(
        f"All of it is settled. The service and its servers stay until Ctrl-C: IMAP on {mail.host}:{mail.imap_port}, "
        f"SMTP on {mail.host}:{mail.smtp_port}. Every mailbox has its address as user name and the password in "
        f"{setting.folder / 'password'}; mail sent to {inbox} is worked like any other.",
        0,
        "dim",
    )
    terminal.line()


def _events(service: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """The service's audit events, from its log on standard output."""
    for line in service.stdout or ():
        event = json.loads(line)
        if event["log"] == "audit":
            yield event


def _print(terminal: Terminal, setting: Setting, event: dict[str, Any]) -> None:
    with Journal.open(setting.settings.journal.path, read_only=True) as journal:
        record = journal.message(event["message"])
    if record is not None and record.decision is not None:
        print_decision(terminal, record.decision, event["at"])


def _print_alarm(terminal: Terminal, event: dict[str, Any]) -> None:
    at = datetime.fromisoformat(event["at"]).astimezone()
    terminal.line(
        terminal.ink(f"{at:%H:%M:%S}  ", "dim"), terminal.ink(f"{'ALARM':<9}{event['detail']['note']}", "red")
    )


def _conclude(terminal: Terminal, results: list[Check]) -> bool:
    terminal.heading("Does it add up?")
    terminal.table(
        [
            [terminal.ink("yes", "green") if each.holds else terminal.ink("NO", "bold", "red"), each.what, each.found]
            for each in results
        ]
    )
    return all(each.holds for each in results)


def _point_onward(terminal: Terminal, setting: Setting) -> None:
    """Commands that can be pasted; they stand alone on their lines, whatever the window's width."""
    terminal.heading("Where to look next")
    with Journal.open(setting.settings.journal.path, read_only=True) as journal:
        held = journal.held()
    for what, command in setting.onward(held[0].reference if held else "REFERENCE"):
        terminal.line("  ", terminal.ink(f"# {what}", "dim"))
        terminal.line("  ", command)
    terminal.line()
    terminal.line(
        "  ", terminal.ink(f"Everything is kept in {setting.folder}; delete it when you have seen enough.", "dim")
    )
