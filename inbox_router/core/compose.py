"""Our outgoing mail: a decision and the message that it is about, as octets ready to be submitted."""

from __future__ import annotations

from inbox_router.core.templates import TemplateSet, TemplateText

__all__ = ["TemplateSet", "TemplateText"]
