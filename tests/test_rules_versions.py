"""Every set of rules that was in force is kept: which there were, and what they said of a message of their day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from rule_office import RuleOffice

from inbox_router.core.audit import Action, Occurrence
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.journal import Arrival, Journal
from inbox_router.files.config import load
from inbox_router.service.in_force import load_in_force
from inbox_router.service.office import desk
from inbox_router.service.routing import Router

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
RECALL = "recall/prison-recall.yaml"


def notice(words: str) -> bytes:
    mail = EmailMessage()
    mail["Authentication-Results"] = "mx.pennine.police.example; dmarc=pass header.from=justice.gov.uk"
    mail["Received"] = "from mail.justice.gov.uk by mx.pennine.police.example; Mon, 02 Nov 2026 09:00:00 +0000"
    mail["From"], mail["Subject"] = "duty@justice.gov.uk", "a notice"
    mail.set_content(f"{words}: John DOE, A1234BC.\nLast known address: 12 High Street, Halifax HX1 1AA.\n")
    return mail.as_bytes()


class Days:
    """The office over some days: on each its rules come into force, and a message may be decided by them."""

    def __init__(self, office: RuleOffice, journal: Journal, extractor: Extractor) -> None:
        self.office, self.journal, self.extractor = office, journal, extractor
        self.day = 0

    @property
    def now(self) -> datetime:
        return START + timedelta(days=self.day)

    def rules_come_into_force(self) -> str:
        """Returns their version."""
        self.day += 1
        settings = load(self.office.folder / "config.yaml")
        self.in_force = load_in_force(settings, self.extractor, self.now)
        self.router = Router(self.in_force, self.journal, desk(settings))
        loaded = Occurrence(action=Action.RULES_LOADED, rules_version=self.in_force.version)
        self.journal.keep_rules(self.in_force.files, self.in_force.version, settings.mailboxes, loaded, self.now)
        return self.in_force.version

    def arrives(self, octets: bytes) -> int:
        uid = self.journal.sums().arrived + 1
        arrival = Arrival(
            account="a", folder="INBOX", uidvalidity=1, uid=uid, octets=octets, internaldate=self.now, size=len(octets)
        )
        (number,) = self.journal.receive([arrival], self.now)
        (stored,) = self.journal.awaiting(5)
        self.journal.route([self.router.prepare(stored, self.now).routing], self.now)
        return number


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    office = RuleOffice(tmp_path)
    path = load(tmp_path / "config.yaml").journal.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with Extractor() as extractor, Journal.open(path, instance="pennine") as journal:
        yield Days(office, journal, extractor)


def test_a_past_decision_is_explained_by_the_rules_of_its_day(days: Days) -> None:
    first = days.rules_come_into_force()
    number = days.arrives(notice("Licence revoked"))
    days.office.change("lists.yaml", "licence revoked", "licence annulled")
    days.office.change(RECALL, "Licence revoked", "Licence annulled")
    now = days.office.run("explain", str(number))
    then = days.office.run("explain", "--rules", "then", str(number))
    named = days.office.run("explain", "--rules", first[:10], str(number))
    assert (now.exit_code, then.exit_code) == (0, 0), now.output + then.output
    assert "HELD" in now.output
    assert 'says "licence revoked"' in then.output
    assert f"by the rules {first[:12]}: those that decided it" in then.output
    assert named.output == then.output


def test_looking_at_a_message_of_the_journal_is_recorded(days: Days) -> None:
    days.rules_come_into_force()
    number = days.arrives(notice("Licence revoked"))
    days.office.run("explain", "--rules", "then", str(number))
    (event,) = [event for event in days.journal.events() if event.action is Action.CONSULTATION]
    assert (event.message, event.outcome) == (number, "explained")


def test_versions_tells_when_each_set_came_and_which_files_changed_with_it(days: Days) -> None:
    first = days.rules_come_into_force()
    days.office.change("lists.yaml", "licence revoked", "licence revoked, licence annulled")
    (days.office.rules / "recall" / "extra.yaml").write_text(
        days.office.read(RECALL).replace("rule: prison-recall", "rule: extra"), encoding="utf-8"
    )
    second = days.rules_come_into_force()
    told = days.office.run("versions").output.splitlines()
    assert told == [
        f"2026-11-22 09:00:00 UTC  {second[:12]}  changed rules/lists.yaml; added rules/recall/extra.yaml",
        f"2026-11-21 09:00:00 UTC  {first[:12]}  the first that is kept",
    ]
    objects = [
        json.loads(line) for line in days.office.run("versions", "--json", "--since", "2026-11-22").output.splitlines()
    ]
    assert [(one["version"], one["changed"]) for one in objects] == [(second, ["rules/lists.yaml"])]


def test_each_content_of_a_file_is_kept_once(days: Days) -> None:
    days.rules_come_into_force()
    days.office.change("lists.yaml", "licence revoked", "licence revoked, licence annulled")
    days.rules_come_into_force()
    days.rules_come_into_force()
    sets = days.journal.rule_sets()
    assert len(sets) == 2
    digests = {digest for one in sets for digest in one.files.values()}
    assert len(digests) == len(sets[0].files) + 1
    assert days.journal.rule_files(sets[1]) == days.in_force.files


def test_a_version_that_is_not_kept_is_told_where_to_find_one(days: Days) -> None:
    days.rules_come_into_force()
    number = days.arrives(notice("Licence revoked"))
    result = days.office.run("explain", "--rules", "ffffffff", str(number))
    assert result.exit_code == 2
    assert "No set of rules is kept whose version begins with 'ffffffff'" in result.output
