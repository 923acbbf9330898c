"""A set of rules as it is kept for good: the content of its files, by digest, and what sets it apart from another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from inbox_router.core.lines import one_line

Contents = Mapping[str, bytes]
"""Octets by path, relative to the folder, with `/` between the names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFiles:
    """Everything that people edit and that decides or words a message, as it was read in one go."""

    rules: Contents
    templates: Contents

    def named(self) -> dict[str, bytes]:
        """All of them by `rules/...` and `templates/...`, whatever the folders are called."""
        return {f"{folder}/{path}": octets for folder, files in self._folders() for path, octets in files.items()}

    @classmethod
    def of(cls, named: Contents) -> Self:
        """The set of the files that `named` gave."""
        parts = {folder: {} for folder in ("rules", "templates")}  # type: dict[str, dict[str, bytes]]
        for name, octets in named.items():
            folder, _, path = name.partition("/")
            parts[folder][path] = octets
        return cls(rules=parts["rules"], templates=parts["templates"])

    def _folders(self) -> tuple[tuple[str, Contents], ...]:
        return (("rules", self.rules), ("templates", self.templates))


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One time that a set came into force, or was refused; what the files were is known by their digests."""

    number: int
    version: str
    """The digest that decisions carry; of a refused set, that of the set which stayed in force."""
    at: datetime
    files: Mapping[str, str]
    """SHA-256 by `rules/...` and `templates/...`; empty for a refused set."""
    mailboxes: Mapping[str, str]
    """The allow-list that it was in force with."""
    refused: str = ""
    """Why the set was refused, in one line; "" for one that came into force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Which files two sets differ in."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    mailboxes: bool = False
    """Whether the allow-list differs."""

    @property
    def files(self) -> tuple[str, ...]:
        return (*self.added, *self.changed, *self.removed)

    def __str__(self) -> str:
        """`changed rules/recall/prison-recall.yaml; added rules/lists.yaml`."""
        kinds = (("changed", self.changed), ("added", self.added), ("removed", self.removed))
        parts = [f"{kind} {', '.join(names)}" for kind, names in kinds if names]
        if self.mailboxes:
            parts.append("changed the mailboxes of the configuration")
        return one_line("; ".join(parts)) or "nothing"


def digests(files: SetFiles) -> dict[str, str]:
    """SHA-256 of each file, by its name."""
    return {name: hashlib.sha256(octets).hexdigest() for name, octets in files.named().items()}


def differences(
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    mailboxes: bool = False,
) -> Differences:
    """From one set of digests to another; `mailboxes`: whether the allow-list changed between them."""
    return Differences(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(name for name in after.keys() & before.keys() if after[name] != before[name])),
        removed=tuple(sorted(before.keys() - after.keys())),
        mailboxes=mailboxes,
    )
