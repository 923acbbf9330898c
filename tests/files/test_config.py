"""The configuration: the example that is shipped, what holds where nothing is said, and passwords."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from inbox_router.files.config import Mode, Secret, SecretError, WhenUncertain, load, shipped_example
from inbox_router.files.problems import Problems
from inbox_router.files.rulefile import load_rules
from inbox_router.files.templates import read_templates

LEAST = """\
format: 1
force: {name: Pennine Police, domain: pennine.police.example}
inbox:
  address: force.intelligence@pennine.police.example
  gateway: MX.pennine.police.example
  imap: {host: imap.pennine.police.example}
submission:
  smtp: {host: smtp.pennine.police.example}
mailboxes: {review: review@pennine.police.example}
review: review
duty manager: review
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_describes_the_reference_force() -> None:
    config = load(shipped_example())
    assert config.mode is Mode.OBSERVE
    assert config.inbox.address == "force.intelligence@pennine.police.example"
    assert config.inbox.gateway == "mx.pennine.police.example"
    assert config.mailboxes["c-division"] == "c.division@pennine.police.example"
    assert len(config.mailboxes) == 18
    assert [shift.name for shift in config.shifts] == ["early", "late", "night"]
    assert config.shifts[2].start == time(23, 0)


def test_the_shipped_rules_load_with_the_shipped_configuration() -> None:
    config = load(shipped_example())
    templates = read_templates(config.templates)
    assert load_rules(config.rules, config.mailboxes, tuple(templates.templates)).rules


def test_every_line_that_the_example_shows_as_usual_is_what_holds_without_it(tmp_path: Path) -> None:
    text = shipped_example().read_text(encoding="utf-8")
    uncommented = re.sub(r"(?m)^( *)# ( *[a-z ]+:(?: |$))", r"\1\2", text)
    assert uncommented.count("\n") == text.count("\n")
    assert "\n  poll every: 60 seconds" in uncommented
    assert "\n  parts: 500" in uncommented
    path = written(tmp_path, uncommented)
    usual = load(shipped_example())
    shown = load(path)
    moved = {name: getattr(usual, name) for name in ("path", "rules", "templates", "journal", "audit")}
    assert replace(shown, **moved) == replace(usual, inbox=shown.inbox, submission=shown.submission)
    assert replace(shown.inbox, imap=usual.inbox.imap) == usual.inbox
    assert replace(shown.submission, smtp=usual.submission.smtp) == usual.submission
    for server, other in ((shown.inbox.imap, usual.inbox.imap), (shown.submission.smtp, usual.submission.smtp)):
        assert replace(server, ca_file=None, password=None) == replace(other, password=None)


def test_without_a_path_the_configuration_of_the_working_directory_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().path == shipped_example()
    written(tmp_path, LEAST)
    assert load().path == Path("config.yaml")


def test_what_is_not_said_has_a_sensible_value(tmp_path: Path) -> None:
    config = load(written(tmp_path, LEAST))
    assert config.mode is Mode.OBSERVE
    assert config.inbox.gateway == "mx.pennine.police.example"
    assert (config.inbox.imap.port, config.inbox.imap.security) == (993, "tls")
    assert config.inbox.folder == "INBOX"
    assert config.inbox.poll_every == timedelta(seconds=60)
    assert config.submission.smtp.port == 465
    assert config.submission.sender == config.submission.return_path == config.inbox.address
    assert config.submission.when_uncertain is WhenUncertain.RESEND
    assert config.rules == tmp_path / "rules"
    assert config.timezone.key == "Europe/London"


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("plain", 25)])
def test_the_port_follows_the_security(tmp_path: Path, security: str, port: int) -> None:
    text = LEAST.replace("{host: smtp.", f"{{security: {security}, host: smtp.")
    assert load(written(tmp_path, text)).submission.smtp.port == port


def test_a_configuration_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="No such file"):
        load(tmp_path / "none.yaml")


def test_a_password_is_never_repeated_in_a_message(tmp_path: Path) -> None:
    text = LEAST.replace("{host: imap", "{username: x, password: correct horse, host: imap")
    with pytest.raises(Problems) as refused:
        load(written(tmp_path, text))
    assert "correct horse" not in str(refused.value)


def test_a_password_is_read_from_its_file_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b" correct horse \r\n")
    (tmp_path / "secret").chmod(0o640)
    text = LEAST.replace("{host: imap", "{username: x, password: {file: secret}, host: imap")
    password = load(written(tmp_path, text)).inbox.imap.password
    assert password is not None
    assert password.read() == " correct horse "
    assert "correct" not in repr(password)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o622, 0o602])
def test_a_password_that_others_can_read_or_change_is_not_used(tmp_path: Path, mode: int) -> None:
    (tmp_path / "secret").write_text("correct horse\n", encoding="utf-8")
    (tmp_path / "secret").chmod(mode)
    with pytest.raises(SecretError, match="chmod 600") as refused:
        Secret(file=tmp_path / "secret").read()
    assert "correct" not in str(refused.value)


@pytest.mark.parametrize("octets", [b"", b"\n", b"\xff\xfe"])
def test_a_file_without_a_password_is_told(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "secret").write_bytes(octets)
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(SecretError):
        Secret(file=tmp_path / "secret").read()


def test_a_password_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "correct horse")
    assert Secret(env="IMAP_PASSWORD").read() == "correct horse"
    monkeypatch.delenv("IMAP_PASSWORD")
    with pytest.raises(SecretError, match="IMAP_PASSWORD"):
        Secret(env="IMAP_PASSWORD").read()
