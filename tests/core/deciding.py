"""Messages made of passages, decided by the shipped rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from inbox_router.core.decide import decide
from inbox_router.core.decision import Decision
from inbox_router.core.index import Index
from inbox_router.core.message import Attachment, Authentication, Kind, Message, Passage, Readability, Sender, Trait
from inbox_router.files.config import load
from inbox_router.workbench import load_index

ROOT = Path(__file__).parent.parent.parent
PRISON = "duty.caseworker@justice.gov.uk"
POLICE = "a.officer@westshire.police.uk"
BUREAU = "reports@crimestoppers-uk.org"


@cache
def shipped_rules() -> Index:
    return load_index(load(ROOT / "config.example.yaml"))


def message(
    own: str = "",
    *,
    subject: str = "",
    quoted: tuple[str, ...] = (),
    attached: tuple[str, ...] = (),
    sender: str = PRISON,
    authentication: Authentication = Authentication.PASS,
    from_addresses: tuple[str, ...] = (),
    traits: frozenset[Trait] = frozenset(),
    shut: Readability | None = None,
    **fields: object,
) -> Message:
    """A message with these words; `quoted` goes from the newest to the oldest; `shut` adds an attachment not read."""
    passages = [
        Passage(kind=Kind.SUBJECT, depth=0, text=subject),
        Passage(kind=Kind.OWN, depth=0, text=own),
        *(Passage(kind=Kind.ATTACHMENT, depth=0, text=text, name="attached.pdf") for text in attached),
        *(Passage(kind=Kind.QUOTED, depth=depth, text=text) for depth, text in enumerate(quoted, 1)),
    ]
    attachments = ()
    if shut is not None:
        attachments = (
            Attachment(
                name="notice.pdf", media_type="application/pdf", size=9, sha256="0" * 64, depth=0, readability=shut
            ),
        )
    return Message(
        sha256="0" * 64,
        size=len(own),
        message_id="1@example.org",
        subject=subject,
        sender=Sender(
            address=sender,
            domain=sender.rpartition("@")[2],
            authentication=authentication,
            from_addresses=from_addresses or (sender,),
        ),
        passages=tuple(passages),
        attachments=attachments,
        traits=traits,
        **fields,  # type: ignore[arg-type]
    )


def decided(own: str = "", **fields: object) -> Decision:
    return decide(message(own, **fields), shipped_rules(), tier="OFFICIAL")  # type: ignore[arg-type]


def mailboxes(decision: Decision) -> set[str]:
    return {place.mailbox for place in decision.destinations}
