"""A folder of rules, lists, entities and registers -> a RuleSet, or every problem of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from inbox_router.core.kept_rules import Contents
from inbox_router.core.rules import Entity, Register, Rule, RuleSet, Where
from inbox_router.files.entities import read_entities
from inbox_router.files.lists import Lists, names_within, read_lists
from inbox_router.files.names import Names
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.registers import ReadRegister, read_register
from inbox_router.files.rule_text import read_rule
from inbox_router.files.schema import Named
from inbox_router.files.yaml_text import Scalar, Table, read

LISTS = "lists.yaml"
ENTITIES = "entities.yaml"
REGISTERS = "registers"


def load_rules(
    folder: Path, mailboxes: Mapping[str, str], templates: Collection[str], laid_over: Contents | None = None
) -> RuleSet:
    """Read the whole folder.

    `mailboxes` is the allow-list, name -> address; `templates` the names of the templates that there are. `laid_over`
    are files to be read as though they stood in the folder already, in the place of those of the same path.
    Raises `Problems` with every mistake of every file, in the order of file, line and column.
    """
    findings = Findings()
    contents = {**_contents(folder, findings), **(laid_over or {})}
    return _loaded(str(folder), contents, findings, mailboxes, templates)


def rule_contents(folder: Path) -> dict[str, bytes]:
    """The files of a set as they are now. Raises `Problems` where the folder or a file cannot be read, or is misplaced.

    What `rules_from` makes of them is one state of the folder, whatever is done to it meanwhile.
    """
    findings = Findings()
    contents = _contents(folder, findings)
    findings.refuse()
    return contents


def rules_from(contents: Contents, folder: Path, mailboxes: Mapping[str, str], templates: Collection[str]) -> RuleSet:
    """The set that these files make; `folder` is where problems are said to stand. Raises `Problems`."""
    return _loaded(str(folder), contents, Findings(), mailboxes, templates)


def _loaded(
    folder: str, contents: Contents, findings: Findings, mailboxes: Mapping[str, str], templates: Collection[str]
) -> RuleSet:
    ruleset = _Loader(folder, contents, findings).load(mailboxes, templates)
    findings.refuse()
    return ruleset


def load_names(folder: Path, mailboxes: Mapping[str, str], templates: Collection[str]) -> Named:
    """What rules may name, and the names of the rules: to be had even while a rule is being written.

    Raises `Problems` with every mistake of the lists, entities and registers.
    """
    findings = Findings()
    loader = _Loader(str(folder), _contents(folder, findings), findings)
    _, names = loader.names(mailboxes, templates)
    findings.refuse()
    return Named(
        mailboxes=mailboxes,
        templates=templates,
        groups=names.groups or (),
        phrases=names.phrases or (),
        entities=names.entities or {},
        registers=_readable(names.registers),
        rules=[PurePosixPath(path).stem for path in loader.rule_paths()],
    )


def version_of(contents: Contents, mailboxes: Mapping[str, str]) -> str:
    """The digest of a set: the same for the same files and the same allow-list, wherever the folder stands."""
    digest = hashlib.sha256()
    for name, octets in sorted(contents.items()):
        digest.update(f"{name}\0{len(octets)}\0".encode())
        digest.update(octets)
    for name, address in sorted(mailboxes.items()):
        digest.update(f"{name}\0{address}\0".encode())
    return digest.hexdigest()


class _Loader:
    """One reading of one folder: what the files have in common while they are read."""

    def __init__(self, folder: str, contents: Contents, findings: Findings) -> None:
        self.folder = folder
        self.contents = contents
        self.findings = findings
        self._named: set[str] = set()
        """Every name in angle brackets that rules and entities use."""

    def load(self, mailboxes: Mapping[str, str], templates: Collection[str]) -> RuleSet:
        lists, names = self.names(mailboxes, templates)
        registers, entities = names.registers, names.entities
        rules = self._rules(names)
        return RuleSet(
            rules=tuple(rules),
            groups=lists.senders if lists else {},
            phrase_lists=lists.phrases if lists else {},
            lists=tuple(replace(each, used=each.name in self._named) for each in (lists.lists if lists else ())),
            entities=dict(entities or {}),
            registers=_readable(registers),
            mailboxes=dict(mailboxes),
            version=version_of(self.contents, mailboxes),
        )

    def names(self, mailboxes: Mapping[str, str], templates: Collection[str]) -> tuple[Lists | None, Names]:
        """The lists, and everything that rules may name."""
        registers = self._registers()
        lists = self._lists()
        entities = self._entities(lists, registers)
        return lists, Names(
            mailboxes=mailboxes,
            templates=templates,
            groups=lists.senders if lists else None,
            phrases=lists.phrases if lists else None,
            entities=entities,
            registers=registers,
        )

    def rule_paths(self) -> list[str]:
        return [path for path in self.contents if path.endswith(".yaml") and path not in {LISTS, ENTITIES}]

    def _registers(self) -> dict[str, ReadRegister | None]:
        found: dict[str, ReadRegister | None] = {}
        for path, octets in self.contents.items():
            if path.endswith(".csv"):
                name = PurePosixPath(path).stem
                found[name] = read_register(name, self._file(path), octets, self.findings)
        return found

    def _lists(self) -> Lists | None:
        table = self._needed(LISTS)
        return None if table is None else read_lists(table, self.findings)

    def _entities(self, lists: Lists | None, registers: Mapping[str, ReadRegister | None]) -> dict[str, Entity] | None:
        table = self._needed(ENTITIES)
        if table is None:
            return None
        self._named.update(names_within(table))
        phrases = lists.phrases if lists else None
        return read_entities(table, phrases=phrases, registers=registers, findings=self.findings)

    def _needed(self, name: str) -> Table | None:
        """A file that every set has: where it is gone, it is lost, and a set without it would match far too little."""
        octets = self.contents.get(name)
        if octets is None:
            where = Where(file=self._file(name), line=1, column=1)
            self.findings.add(where, "this file is missing", 'put it back, or write a new one that begins "format: 1"')
            return None
        return read(self._file(name), octets, self.findings)

    def _rules(self, names: Names) -> list[Rule]:
        paths = self.rule_paths()
        if not paths:
            where = Where(file=self.folder, line=1, column=1)
            self.findings.add(
                where, "there are no rules in this folder", "rules stand in files such as recall/prison-recall.yaml"
            )
        rules = []
        outranked: list[tuple[str, Sequence[Scalar]]] = []
        for path in paths:
            if not self._in_its_place(path):
                continue
            table = read(self._file(path), self.contents[path], self.findings)
            if table is None:
                continue
            self._named.update(names_within(table))
            found = read_rule(table, names, self.findings)
            if found is not None:
                rules.append(found[0])
                outranked.append((found[0].name, found[1]))
        self._check_twice(paths)
        stems = {PurePosixPath(path).stem for path in paths}
        for name, others in outranked:
            self._check_outranks(name, others, stems)
        return rules

    def _in_its_place(self, path: str) -> bool:
        where = Where(file=self._file(path), line=1, column=1)
        topic = path.partition("/")[0]
        if topic == path:
            stands = f"put it into a folder that names its topic: recall/{path}"
            hint = did_you_mean(path, [LISTS, ENTITIES])
            self.findings.add(where, "a rule does not stand here", hint if hint.startswith("did") else stands)
        elif topic == REGISTERS:
            self.findings.add(where, "only .csv files stand in registers", "move it into a folder that names its topic")
        return topic not in {path, REGISTERS}

    def _check_twice(self, paths: Sequence[str]) -> None:
        first: dict[str, str] = {}
        for path in paths:
            stem = PurePosixPath(path).stem
            earlier = first.setdefault(stem, path)
            if earlier != path:
                self.findings.add(
                    Where(file=self._file(path), line=1, column=1),
                    f'there are two rules named "{stem}": this and {self._file(earlier)}',
                    "rename one of them (the file and its rule), or delete it",
                )

    def _check_outranks(self, name: str, others: Sequence[Scalar], known: Collection[str]) -> None:
        for other in others:
            if other.text == name:
                self.findings.add(other.where, "a rule cannot outrank itself", "delete this name")
            elif other.text not in known:
                hint = did_you_mean(other.text, known)
                self.findings.add(other.where, f'there is no rule "{other.text}" to outrank', hint)

    def _file(self, path: str) -> str:
        return f"{self.folder}/{path}"


def _contents(folder: Path, findings: Findings) -> dict[str, bytes]:
    """Every file that belongs to the set; what editors leave behind (`~`, `.swp`, hidden files) does not."""
    contents: dict[str, bytes] = {}
    top = Where(file=str(folder), line=1, column=1)
    if not folder.is_dir():
        findings.add(top, "there is no such folder", 'look at "rules" in the configuration')
        findings.refuse()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        name = relative.as_posix()
        if any(part.startswith(".") for part in relative.parts) or not path.is_file():
            continue
        where = Where(file=str(path), line=1, column=1)
        if path.suffix == ".yml":
            findings.add(where, "this file would not be read", f"rename it to {path.stem}.yaml")
        elif path.suffix == ".csv" and relative.parts[:-1] != (REGISTERS,):
            findings.add(where, "a register does not stand here", f"move it to {REGISTERS}/{path.name}")
        elif path.suffix in {".yaml", ".csv"}:
            try:
                contents[name] = path.read_bytes()
            except OSError as error:
                findings.add(where, f"this file cannot be read: {error.strerror}", "look at its permissions")
    return contents


def _readable(registers: Mapping[str, ReadRegister | None]) -> dict[str, Register]:
    return {name: read.register for name, read in registers.items() if read is not None}
