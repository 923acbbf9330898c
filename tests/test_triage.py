"""What becomes of a message before it is decided."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from inbox_router.core.decision import HoldReason
from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File, Limits
from inbox_router.triage import Triage
from tests.core.deciding import shipped_rules


def test_the_attachments_of_a_message_marked_above_the_tier_are_never_opened() -> None:
    opened: list[str] = []

    def extract(files: Sequence[File]) -> list[Extract]:
        opened.extend(file.name for file in files)
        return [Extract(readability=Readability.READ, text="words") for _ in files]

    triage = Triage(index=shipped_rules(), gateway="mx.example", tier="OFFICIAL", limits=Limits(), extract=extract)
    for subject in ("[SECRET] note", "note"):
        mail = EmailMessage()
        mail["From"] = "desk@nca.gov.uk"
        mail["Subject"] = subject
        mail.set_content("See attached.")
        mail.add_attachment(b"%PDF-1.4", "application", "pdf", filename=f"{len(subject)}.pdf")
        decision = triage.decide(triage.read(mail.as_bytes()))
        assert (decision.hold_reason is HoldReason.OVER_CLASSIFIED) is subject.startswith("[SECRET]")
    assert opened == ["4.pdf"]
