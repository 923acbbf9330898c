"""The names that a rule may use, and what they mean; every unknown one is answered with the nearest right one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from inbox_router.core.rules import Entity, Target, TargetKind
from inbox_router.files.addresses import is_address, is_domain, meant
from inbox_router.files.phrase_text import named, written_out
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.registers import ReadRegister
from inbox_router.files.yaml_text import Scalar

EARLIER = "earlier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Everything that has a name. None: the file could not be read, so nothing is said of names that it would list."""

    mailboxes: Mapping[str, str]
    templates: Collection[str]
    groups: Mapping[str, tuple[str, ...]] | None
    phrases: Mapping[str, tuple[str, ...]] | None
    entities: Mapping[str, Entity] | None
    registers: Mapping[str, ReadRegister | None]
    """A register that could not be read is None."""

    def written_out(self, texts: Sequence[Scalar], findings: Findings) -> tuple[str, ...]:
        """Phrases, with `<list>` names replaced by what they stand for."""
        return written_out(texts, self.phrases, findings)

    def senders(self, texts: Sequence[Scalar], findings: Findings) -> tuple[str, ...]:
        """Domains and addresses in lower case; `<group>` stays as it is."""
        return tuple(self._sender(text, findings) for text in texts)

    def _sender(self, text: Scalar, findings: Findings) -> str:
        group = named(text.text)
        if group is not None:
            if self.groups is not None and group not in self.groups:
                hint = did_you_mean(group, self.groups)
                findings.add(text.where, f'there is no list of senders named "{group}" in lists.yaml', hint)
            return f"<{group}>"
        if not (is_domain(text.text) or is_address(text.text)):
            in_brackets = self.groups is not None and text.text in self.groups
            hint = f"write instead: <{text.text}>" if in_brackets else meant(text.text)
            findings.add(text.where, f'"{text.text}" is neither a domain nor an address', hint)
        return text.text.lower()

    def known_entities(self, texts: Sequence[Scalar], findings: Findings) -> tuple[str, ...]:
        """Names of entities, as they are."""
        for text in texts:
            if self.entities is not None and text.text not in self.entities:
                hint = did_you_mean(text.text.strip("<>"), self.entities)
                findings.add(text.where, f'there is no "{text.text}" in entities.yaml', hint)
        return tuple(text.text for text in texts)

    def mailbox(self, text: Scalar, findings: Findings) -> str:
        """A name of the allow-list."""
        if text.text not in self.mailboxes:
            hint = did_you_mean(text.text, self.mailboxes)
            if "@" in text.text:
                by_address = {address.casefold(): name for name, address in self.mailboxes.items()}
                name = by_address.get(text.text.casefold())
                hint = f"write its name instead: {name}" if name else "give it a name in the configuration's mailboxes"
                findings.add(text.where, f'"{text.text}" is an address; rules name mailboxes', hint)
            else:
                findings.add(text.where, f'there is no mailbox "{text.text}" in the configuration', hint)
        return text.text

    def template(self, text: Scalar, findings: Findings) -> str:
        if text.text not in self.templates:
            findings.add(text.where, f'there is no template "{text.text}"', did_you_mean(text.text, self.templates))
        return text.text

    def targets(self, texts: Sequence[Scalar], findings: Findings) -> tuple[Target, ...]:
        """Mailboxes and lookups."""
        return tuple(self._target(text, findings) for text in texts)

    def _target(self, text: Scalar, findings: Findings) -> Target:
        name = named(text.text)
        if name is None:
            return Target(kind=TargetKind.MAILBOX, name=self.mailbox(text, findings), where=text.where)
        entity, dot, column = (part.strip() for part in name.rpartition("."))
        if not dot:
            findings.add(text.where, f'"{text.text}" says nothing of a column', f"write instead: <{name}.mailbox>")
        elif entity == EARLIER:
            if column != "mailbox":
                findings.add(text.where, f'earlier messages have no "{column}"', f"write instead: <{EARLIER}.mailbox>")
            return Target(kind=TargetKind.EARLIER, name=EARLIER, column="mailbox", where=text.where)
        elif self.entities is not None:
            self._check_lookup(text, entity, column, findings)
        return Target(kind=TargetKind.LOOKUP, name=entity, column=column, where=text.where)

    def _check_lookup(self, text: Scalar, entity: str, column: str, findings: Findings) -> None:
        entities = self.entities or {}
        found = entities.get(entity)
        if found is None:
            findings.add(
                text.where, f'there is no "{entity}" in entities.yaml', did_you_mean(entity, [*entities, EARLIER])
            )
            return
        if found.register is None:
            findings.add(
                text.where,
                f'"{entity}" has no register, so it leads to no mailbox',
                did_you_mean(entity, [name for name, other in entities.items() if other.register]),
            )
            return
        read = self.registers.get(found.register)
        if read is None:
            return
        if column not in read.register.columns:
            columns = read.register.columns[1:]
            findings.add(
                text.where, f'the register {found.register}.csv has no column "{column}"', did_you_mean(column, columns)
            )
            return
        self._check_column(read, column, findings)

    def _check_column(self, read: ReadRegister, column: str, findings: Findings) -> None:
        """Every value of a column that mail is sent by is a mailbox; told at the row, which is what must be mended.

        An empty cell is an answer too: this key (`no fixed abode`) leads nowhere.
        """
        for number, row in enumerate(read.register.rows):
            if row[column]:
                self.mailbox(Scalar(text=row[column], where=read.at(number)), findings)
