"""The demo, as somebody sees it who types `make demo` for the first time."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inbox_router.core.parse import open_message
from inbox_router.demo.samples import sample_mail

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "inbox_router", "demo"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What it prints where nobody looks: in a file, without colour."""
    environment = {**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("demo"))}
    environment.pop("COLUMNS", None)
    return subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=110, check=False)


def test_it_ends_by_itself_with_everything_accounted_for(shown: subprocess.CompletedProcess[str]) -> None:
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stderr == ""
    assert "\x1b" not in shown.stdout
    assert " NO " not in shown.stdout.partition("Does it add up?")[2]


def test_every_sample_is_shown_with_its_decision_on_one_line(shown: subprocess.CompletedProcess[str]) -> None:
    lines = [line for line in shown.stdout.splitlines() if re.match(r"\d\d:\d\d:\d\d  (?!ALARM)", line)]
    assert len(lines) == len(list(sample_mail()))
    emergency = next(line for line in lines if "prison recall / emergency " in line)
    assert "URGENT" in emergency
    assert "-> c-division, offender-management, fugitives" in emergency
    assert "HX1 3QD" in emergency


def test_the_sums_are_those_of_the_sample_mail(shown: subprocess.CompletedProcess[str]) -> None:
    sums = re.search(r"(\d+) arrived = (\d+) routed \+ (\d+) held \+ (\d+) filed \+ 0 awaiting", shown.stdout)
    assert sums is not None
    arrived, *ends = map(int, sums.groups())
    assert arrived == sum(ends) == len(list(sample_mail()))


def test_every_command_that_it_suggests_works(shown: subprocess.CompletedProcess[str]) -> None:
    onward = shown.stdout.partition("Where to look next")[2]
    suggested = [line.strip() for line in onward.splitlines() if re.match(r"  \S*inbox-router ", line)]
    assert len(suggested) == 5
    for command in suggested:
        words = [sys.executable, "-m", "inbox_router", *shlex.split(command)[1:]]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout


def test_it_stays_until_it_is_interrupted(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    output = tmp_path / "shown"
    with output.open("w") as file:
        staying = subprocess.Popen([*COMMAND, "--stay"], cwd=ROOT, env=environment, stdout=file, stderr=file)
    try:
        give_up = time.monotonic() + 60
        while "All of it is settled" not in output.read_text():
            assert time.monotonic() < give_up
            time.sleep(0.1)
        assert staying.poll() is None
        staying.send_signal(signal.SIGINT)
        assert staying.wait(timeout=30) == 0, output.read_text()
    finally:
        staying.kill()
    assert "0 awaiting" in output.read_text()


def test_every_sample_came_through_the_gateway_and_can_be_read() -> None:
    for name, octets in sample_mail():
        opened = open_message(octets, gateway="mx.pennine.police.example", received=None)
        assert opened.message.subject, name
        assert opened.message.message_id, name
        assert b"\nReceived: " in octets, name


def test_the_people_in_the_samples_can_be_reached_by_nobody() -> None:
    """Telephone numbers are those that Ofcom keeps for drama."""
    for name, octets in sample_mail():
        for number in re.findall(rb"\b0\d{4} ?\d{6}\b", octets):
            assert number.replace(b" ", b"").startswith((b"07700900", b"01632960")), (name, number)
