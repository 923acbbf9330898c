"""What the words of outgoing mail are made from: templates as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateText:
    """One template as it was written: Jinja sources of `<name>/subject.txt`, `<name>/body.txt` and `<name>/body.html`."""

    name: str
    """The folder's name, as rules give it: `prison-recall`."""
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSet:
    """Every template of a folder, and the shared layouts that they extend or include."""

    templates: Mapping[str, TemplateText]
    shared: Mapping[str, str] = field(default_factory=dict)
    """File name -> source, for the files that stand directly in the folder: `base.txt`, `base.html`."""
