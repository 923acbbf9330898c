"""JSON lines for people and machines that watch: every audit event once it is durable, and the service's own log.

Events go to standard output and to a file a day; the service's log goes to standard output only. The journal is the
record, these lines are copies of it: a line that cannot be written is counted, never in the way.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from inbox_router.core.audit import Action, Event

LEVELS: Mapping[Action, str] = {
    Action.ALARM: "error",
    Action.REFUSED: "error",
    Action.GIVEN_UP: "error",
    Action.RULES_REFUSED: "error",
    Action.DEFERRED: "warning",
    Action.UNCERTAIN: "warning",
    Action.FAILED: "warning",
}
"""What is not named here is `info`."""


class LineOutput:
    """Writes lines to standard output, and those of the audit log to `<folder>/audit-<UTC date>.jsonl` as well."""

    def __init__(self, folder: Path | None, standard_output: IO[str] | None = None) -> None:
        self._folder = folder
        self._standard_output = sys.stdout if standard_output is None else standard_output
        self._day = ""
        self._file: IO[str] | None = None
        self.lost = 0
        """Lines that could not be written."""

    def write(self, line: str, *, day: str = "") -> None:
        """`day` (`2026-11-30`) names the audit file that the line goes to as well; "" is for standard output only."""
        try:
            self._standard_output.write(line + "\n")
            self._standard_output.flush()
        except (OSError, ValueError):
            self.lost += 1
        if day and self._folder is not None:
            try:
                self._to_file(line, day, self._folder)
            except OSError:
                self.lost += 1

    def _to_file(self, line: str, day: str, folder: Path) -> None:
        if self._file is None or self._day != day:
            self.close()
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"audit-{day}.jsonl"
            self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")
            self._day = day
        self._file.write(line + "\n")
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class AuditMirror:
    """Hand this to the journal: it is called with each event after the commit that made it durable."""

    def __init__(self, output: LineOutput) -> None:
        self._log = _logger(output).bind(log="audit")

    def __call__(self, event: Event) -> None:
        write = getattr(self._log, LEVELS.get(event.action, "info"))
        write(event.action.value, day=f"{event.at:%Y-%m-%d}", **event_fields(event))


def event_fields(event: Event) -> dict[str, Any]:
    """An event as its JSON line shows it: empty fields left out, the time in ISO 8601, UTC."""
    fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    shown = {name: value for name, value in fields.items() if value not in ("", None, (), {})}
    del shown["action"]
    if event.detail:
        shown["detail"] = dict(event.detail)
    return shown | {"at": event.at.isoformat()}


def service_log(output: LineOutput) -> Any:
    """The service's own log. Callers give fields of their own making, never text out of a message."""
    return _logger(output).bind(log="service")


class _Lines:
    """The end of structlog's chain: what it is called with is a rendered line and the audit file's day."""

    def __init__(self, output: LineOutput) -> None:
        self._write = output.write

    def info(self, line: str, day: str) -> None:
        self._write(line, day=day)

    debug = warning = error = critical = info


def _logger(output: LineOutput) -> Any:
    return structlog.wrap_logger(
        _Lines(output),
        processors=[structlog.processors.add_log_level, _stamp, _render],
        wrapper_class=structlog.BoundLogger,
    )


def _stamp(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Events bring the time at which they happened; lines of the service's log happen now."""
    line.setdefault("at", datetime.now(UTC).isoformat())
    return line


def _render(_logger: WrappedLogger, _method: str, line: EventDict) -> tuple[tuple[str], dict[str, str]]:
    day = line.pop("day", "")
    first = {name: line.pop(name) for name in ("at", "level", "log", "event")}
    return (json.dumps(first | dict(line), ensure_ascii=True, default=str),), {"day": day}
