"""What the words of outgoing mail are made from: templates as people write them, compiled, checked and filled in."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import jinja2
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from inbox_router.core import hostile
from inbox_router.core.lines import one_line, printable, within_columns
from inbox_router.core.rules import Where
from inbox_router.core.wording import Shown, ShownClaim, Values

TEXT_COLUMNS = 76
SUBJECT_CHARACTERS = 120
"""Without the marking and the reference, which every subject carries of itself."""

_FILTERS = (
    "capitalize", "default", "e", "escape", "first", "indent", "join", "last", "length", "list", "lower", "replace",
    "title", "trim", "truncate", "upper", "wordcount",
)  # fmt: skip
"""None that marks text as safe, none that is random, none that reaches an attribute by name."""

_OUTSIDE = ("<script", "<img", "<link", "<iframe", "<object", "<embed", "<form", "url(", "src=", "@import")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateText:
    """One template as it was written: the Jinja sources `<name>/subject.txt`, `<name>/body.txt`, `<name>/body.html`."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """What the mail made with a template shows, in its text and in its HTML."""

    facts: bool
    """The key facts of the case."""
    clock: bool
    """By when to acknowledge."""
    because: bool
    """Why the message came to its reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateProblem:
    """Why a template is refused. `where.file` is relative to the folder of templates."""

    where: Where
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f" - {self.hint}" if self.hint else "")


class TemplateError(Exception):
    """A template that could not be filled in for a real message; says which, and where in it."""


class Role(StrEnum):
    """What a template is for decides which values it may show."""

    FORWARD = "forward"
    HELD = "held"
    CONFIDENTIAL = "confidential-source"
    SECURITY = "security-hold"
    ALARM = "alarm"


_NOTICES = (Role.HELD, Role.CONFIDENTIAL, Role.SECURITY, Role.ALARM)


def role_of(name: str) -> Role:
    """The service's own notices have fixed names; every other template is for forwarding."""
    return Role(name) if name in {role.value for role in _NOTICES} else Role.FORWARD


class Templates:
    """Every template, compiled in a sandbox. Immutable: a changed folder makes a new one."""

    def __init__(self, templates: TemplateSet) -> None:
        self._sources: dict[str, str] = dict(templates.shared)
        self.names = tuple(sorted(templates.templates))
        for name, text in templates.templates.items():
            files = {"subject.txt": text.subject, "body.txt": text.text, "body.html": text.html}
            self._sources.update({f"{name}/{file}": source for file, source in files.items()})
        self._environment = _environment(self._sources)

    def render(self, name: str, subject: Values, body: Values) -> Rendered:
        """The template's words. Raises TemplateError where there is no such template or it cannot be filled in."""
        try:
            return self._render(name, subject, body)
        except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise TemplateError(str(self._problem(error, f"{name}/body.txt"))) from error

    def problems(self) -> tuple[TemplateProblem, ...]:
        """Everything wrong with every template, found by filling each in with the worst that mail has to offer."""
        missing = [
            TemplateProblem(
                where=Where(file=f"{role.value}/body.txt", line=1, column=1),
                message=f"there is no template {role.value!r}, and the service sends notices with it",
                hint="restore the folder from the shipped templates",
            )
            for role in _NOTICES
            if role.value not in self.names
        ]
        found = [problem for name in self.names for problem in self._problems_of(name)]
        return tuple(dict.fromkeys([*missing, *found]))

    def shows(self, name: str) -> Shows | None:
        """What mail made with a template for forwarding shows of what it is handed; None where it cannot be made."""
        marks = {"facts": "mark-of-facts", "clock": "mark-of-clock", "because": "mark-of-because"}
        fact = Shown(label="fact", value=marks["facts"])
        told = {"facts": [fact], "acknowledge_by": marks["clock"], "because": marks["because"]}
        sample = hostile.samples(Role.FORWARD)[0]
        try:
            texts = [self._fill(f"{name}/{file}", {**sample.body, **told}) for file in ("body.txt", "body.html")]
        except Exception:  # noqa: BLE001 - in as many ways as Python can; `problems` tells what is wrong
            return None
        return Shows(**{what: all(mark in text for text in texts) for what, mark in marks.items()})

    def _render(self, name: str, subject: Values, body: Values) -> Rendered:
        if f"{name}/subject.txt" not in self._sources:
            raise LookupError(f"there is no template {name!r}")
        return Rendered(
            subject=one_line(self._fill(f"{name}/subject.txt", subject), SUBJECT_CHARACTERS),
            text=_tidy(within_columns(printable(self._fill(f"{name}/body.txt", body)), TEXT_COLUMNS)),
            html=printable(self._fill(f"{name}/body.html", body)),
        )

    def _fill(self, file: str, values: Values) -> str:
        return self._environment.get_template(file).render(values)

    def _problems_of(self, name: str) -> list[TemplateProblem]:
        problems: list[TemplateProblem] = []
        for sample in hostile.samples(role_of(name).value):
            problems.extend(self._problems_in(f"{name}/subject.txt", sample.subject))
            problems.extend(self._problems_in(f"{name}/body.txt", sample.body))
            problems.extend(self._problems_in(f"{name}/body.html", sample.body))
        return problems

    def _problems_in(self, file: str, values: Values) -> list[TemplateProblem]:
        """One file against one sample. The fence is wide because a template can fail in as many ways as Python can."""
        try:
            filled = self._fill(file, values)
        except Exception as error:  # noqa: BLE001 - becomes the problem that the person reads
            return [self._problem(error, file)]
        where = Where(file=file, line=1, column=1)
        return [TemplateProblem(where=where, message=words, hint=hint) for words, hint in _faults(file, filled, values)]

    def _problem(self, error: Exception, file: str) -> TemplateProblem:
        where, message = Where(file=file, line=1, column=1), str(error) or type(error).__name__
        if isinstance(error, jinja2.TemplateSyntaxError):
            where = Where(file=error.filename or error.name or file, line=error.lineno, column=1)
            message = error.message or message
        else:
            frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename in self._sources]
            if frames:
                where = Where(file=frames[-1].filename, line=frames[-1].lineno or 1, column=1)
        return TemplateProblem(where=where, message=one_line(message), hint=_hint(error))


class _Sandbox(ImmutableSandboxedEnvironment):
    """Narrower than Jinja's own: a template reads the columns of a row, and has no method of anything."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:  # noqa: ARG002
        return isinstance(obj, (Shown, ShownClaim, LoopContext)) and not attr.startswith("_")


def _environment(sources: Mapping[str, str]) -> _Sandbox:
    def load(name: str) -> tuple[str, str, None] | None:
        return (sources[name], name, None) if name in sources else None

    environment = _Sandbox(
        loader=jinja2.FunctionLoader(load),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS} | {"column": _column}
    return environment


def _column(label: str, width: int = 24) -> str:
    """The label, filled up so that values stand under each other; always two spaces before the value."""
    return f"{label}  ".ljust(width)


def _faults(file: str, filled: str, values: Values) -> list[tuple[str, str]]:
    """What is wrong with the words that came out: (what, what to do)."""
    if file.endswith("subject.txt"):
        return _subject_faults(filled)
    faults = []
    if filled.count(str(values["marking"])) < 2:
        hint = "extend the shared layout, or show {{ marking }} at both"
        faults.append(("the protective marking must stand at the head and at the foot", hint))
    if str(values["reference"]) not in filled:
        faults.append(("the reference is not shown", "show {{ reference }}"))
    if file.endswith(".html"):
        if hostile.MARKUP in filled:
            faults.append(("a value stands in the HTML unescaped", "remove {% autoescape false %}"))
        outside = next((word for word in _OUTSIDE if word in filled.lower().replace(hostile.MARKUP.lower(), "")), "")
        if outside:
            faults.append(
                (f"the HTML holds {outside!r}", "our mail loads nothing and runs nothing: use text and tables")
            )
    return faults


def _subject_faults(filled: str) -> list[tuple[str, str]]:
    words = filled.strip()
    if not words:
        return [("the subject is empty", "write a few words that say what it is")]
    if "\n" in words:
        return [("the subject has more than one line", "keep it on the first line of the file")]
    if len(words) > SUBJECT_CHARACTERS:
        return [(f"the subject is longer than {SUBJECT_CHARACTERS} characters", "shorten it")]
    return []


def _hint(error: Exception) -> str:
    if isinstance(error, jinja2.UndefinedError):
        return "this kind of template has no such value; the shipped ones show those that there are"
    if isinstance(error, jinja2.TemplateNotFound):
        return "shared layouts stand directly in the folder of templates: base.txt, base.html"
    if isinstance(error, jinja2.TemplateSyntaxError):
        return "every {% if %}, {% for %} and {% block %} needs its end, every {{ its }}"
    return ""


def _tidy(text: str) -> str:
    """No trailing spaces, and never two empty lines together, whatever blocks were left out."""
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept) + "\n"
