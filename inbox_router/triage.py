"""One message from octets to decision: the single path that the service, `rules explain` and `rules test` all take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inbox_router.core.decide import Judgement, judge
from inbox_router.core.decision import Decision
from inbox_router.core.index import Index
from inbox_router.core.markings import find_marking
from inbox_router.core.message import Message, Readability
from inbox_router.core.observe import Earlier
from inbox_router.core.parse import Extract, File, Limits, Opened, complete, open_message

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
        return complete(opened, self._texts(opened))

    def _texts(self, opened: Opened) -> list[Extract]:
        """The text of the attachments; those of a message marked above the tier are not opened."""
        if not opened.files:
            return []
        marking = find_marking(opened.message, self.tier)
        if marking.over_tier:
            unopened = Extract(readability=Readability.NOT_OPENED, detail=f"The message is marked {marking.level}.")
            return [unopened for _ in opened.files]
        return self.extract(opened.files)

    def decide(self, message: Message, earlier: Sequence[Earlier] = ()) -> Decision:
        return self.judge(message, earlier).decision

    def judge(self, message: Message, earlier: Sequence[Earlier] = ()) -> Judgement:
        """The decision together with what it was made from."""
        return judge(message, self.index, tier=self.tier, earlier=earlier)
