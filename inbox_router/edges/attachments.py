"""Text out of hostile files, in worker processes that may crash, hang or fill up without harm to the service."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Final, Self

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction import wire
from inbox_router.edges.extraction.bounds import Bounds

_KEPT_ENVIRONMENT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Where the machine may have hidden Python's own libraries. All else, secrets above all, stays with the service."""
_OCTETS_PER_CHARACTER: Final = 4
_FAREWELL_SECONDS: Final = 1.0

_OVER_TIME: Final = Extract(
    readability=Readability.TIMED_OUT,
    detail="The file took longer to read than is allowed: open it by hand, with care.",
)
_TIME_USED_UP: Final = Extract(
    readability=Readability.TIMED_OUT,
    detail="The other attachments of the message had used up the time, so this one was not opened: open it by hand.",
)
_TEXT_USED_UP: Final = Extract(
    readability=Readability.TOO_LARGE,
    detail="The other attachments of the message hold as much text as is read, so this one was not opened.",
)
_OVER_SIZE: Final = Extract(
    readability=Readability.TOO_LARGE, detail="The file is too large to be looked into: open it by hand."
)
_OVER_MEMORY: Final = Extract(
    readability=Readability.TOO_LARGE,
    detail="The file needed more memory than is allowed, or broke the program that reads it: open it with care.",
)
_CRASHED: Final = Extract(
    readability=Readability.CORRUPT,
    detail="The file broke the program that reads it: do not open it unless the sender confirms it.",
)
_BY_SIGNAL: Final[Mapping[int, Extract]] = {
    -signal.SIGXCPU: _OVER_TIME,
    -signal.SIGALRM: _OVER_TIME,
    -signal.SIGKILL: _OVER_MEMORY,
    -signal.SIGABRT: _OVER_MEMORY,
    -signal.SIGTRAP: _OVER_MEMORY,
}


class ExtractorUnavailableError(Exception):
    """No worker could be started: a fault of the machine or the installation, never of a file."""


class Extractor:
    """Looks into attachments. Safe to use from several threads; nothing is started before the first file.

    At most `workers` processes exist at a time, and a thread that finds them all busy waits its turn. A process is kept
    for the next file, and replaced after a crash, a limit reached, or `bounds.files_per_worker` files.
    """

    def __init__(self, *, bounds: Bounds | None = None, workers: int = 2) -> None:
        self._bounds = bounds or Bounds()
        self._places = workers
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._turns = threading.BoundedSemaphore(self._places)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._closed = False

    def extract(self, files: Sequence[File]) -> list[Extract]:
        """One Extract per file, in order.

        Whatever a file holds or does is told in its Extract. Raises ExtractorUnavailableError only where no worker can
        be started at all, and RuntimeError after `close`.
        """
        if not files:
            return []
        deadline = time.monotonic() + self._bounds.message_seconds
        extracts: list[Extract] = []
        room = self._bounds.characters
        for file in files:
            extract = self._extract(file, deadline) if room > 0 else _TEXT_USED_UP
            room -= len(extract.text)
            extracts.append(extract)
        return extracts

    def close(self) -> None:
        """End the workers and wait for them. One that is reading ends when its file does."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _extract(self, file: File, deadline: float) -> Extract:
        if len(file.octets) > self._bounds.file_octets:
            return _OVER_SIZE
        if self._process != os.getpid():
            # After a fork the workers belong to the parent, and a lock may be held by a thread that is not here.
            self._begin()
        left = deadline - time.monotonic()
        if left <= 0 or not self._turns.acquire(timeout=left):
            return _TIME_USED_UP
        try:
            return self._in_turn(file, deadline)
        finally:
            self._turns.release()

    def _in_turn(self, file: File, deadline: float) -> Extract:
        worker = self._take()
        used = worker.files > 0
        try:
            extract = worker.ask(file, deadline)
        except (EOFError, OSError, wire.OverlongError, ValueError) as lost:
            worker.kill()
            if isinstance(lost, TimeoutError):
                return _OVER_TIME
            verdict = _BY_SIGNAL.get(worker.returncode, _CRASHED)
            # What broke a worker may have been an earlier file, so this one is judged by a fresh worker only.
            return self._in_turn(file, deadline) if used and verdict is not _OVER_TIME else verdict
        except BaseException:
            worker.kill()
            raise
        self._put_back(worker)
        return extract

    def _take(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise RuntimeError("the extractor is closed")
            if self._idle:
                return self._idle.pop()
        return _Worker(self._bounds)

    def _put_back(self, worker: _Worker) -> None:
        with self._lock:
            keep = not self._closed and not worker.spent and worker.files < self._bounds.files_per_worker
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.end()


class _Worker:
    """One process and the socket to it; used by one thread at a time."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.files = 0
        self.spent = False
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._popen = _start(theirs, bounds)
            except OSError as refused:
                ours.close()
                raise ExtractorUnavailableError(f"The attachment reader could not be started: {refused}.") from refused
        self._socket = ours
        try:
            wire.receive(ours, most=0, deadline=time.monotonic() + bounds.start_seconds)
        except (EOFError, OSError, wire.OverlongError, ValueError) as silent:
            self.kill()
            raise ExtractorUnavailableError(
                f"The attachment reader ended before it was ready (status {self.returncode}): "
                f"check that inbox-router is installed for {sys.executable}, and bounds.memory_octets."
            ) from silent

    @property
    def returncode(self) -> int:
        return self._popen.returncode if self._popen.returncode is not None else 0

    def ask(self, file: File, deadline: float) -> Extract:
        """Have one file read. Raises what `wire` raises where the worker crashed, hung or answered nonsense."""
        self.files += 1
        limit = min(deadline, time.monotonic() + self._bounds.seconds)
        heading: wire.Heading = {
            "name": file.name,
            "media_type": file.media_type,
        }
        wire.send(self._socket, heading, file.octets, deadline=limit)
        answer, text = wire.receive(self._socket, most=_OCTETS_PER_CHARACTER * self._bounds.characters, deadline=limit)
        self.spent = bool(answer.get("spent"))
        return Extract(
            readability=Readability(str(answer.get("readability"))),
            text=text.decode("utf-8", "replace").replace("\0", ""),
            detail=str(answer.get("detail", "")),
            is_message=bool(answer.get("is_message")),
        )

    def end(self) -> None:
        """Close the socket, which ends the process, and wait for it."""
        self._socket.close()
        try:
            self._popen.wait(_FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process whatever it does. A crash that is under way keeps its own status."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(0.05)
        self._popen.kill()
        self._popen.wait()


def _start(connection: socket.socket, bounds: Bounds) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own module, isolated from both cwd and environment
        [sys.executable, "-I", "-B", "-m", "inbox_router.edges.extraction", json.dumps(asdict(bounds))],
        stdin=connection.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment, "LC_ALL": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )
