"""One message from octets to decision: the single path that the service, `rules explain` and `rules test` all take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_router.core.decide import decide
from inbox_router.core.decision import Decision
from inbox_router.core.index import Index
from inbox_router.core.message import Message
from inbox_router.core.observe import Earlier
from inbox_router.core.parse import Extract, File, Limits, complete, open_message

Extraction = Callable[[Sequence[File]], list[Extract]]
"""Gets text out of attachments; the service hands in the bounded extractor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """Everything that a decision depends on besides the message. A new rule set makes a new Triage."""

    index: Index
    gateway: str
    """The authserv-id of the force's own mail gateway: the only one whose results are believed."""
    tier: str
    limits: Limits
    extract: Extraction

    def read(self, octets: bytes, received: datetime | None = None) -> Message:
        """The message in `octets`. Never raises for what they hold; `received` is the server's time of arrival, UTC."""
        opened = open_message(octets, gateway=self.gateway, received=received, limits=self.limits)
        extracts = self.extract(opened.files) if opened.files else []
        return complete(opened, extracts)

    def decide(self, message: Message, earlier: Sequence[Earlier] = ()) -> Decision:
        return decide(message, self.index, tier=self.tier, earlier=earlier)
