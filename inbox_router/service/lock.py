"""One process owns an inbox: a lock on a file beside the journal, which names its owner."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from inbox_router.service.refusal import InboxOwnedError


def lock_path(journal: Path) -> Path:
    return journal.with_name(journal.name + ".lock")


def owner(journal: Path) -> str | None:
    """Who owns the inbox now, `process 812 on mail1`, or None."""
    try:
        descriptor = os.open(lock_path(journal), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _name(descriptor)
    finally:
        os.close(descriptor)
    return None


class InboxLock:
    """Held from `__enter__` to `__exit__`. The kernel frees it when the process ends, however it ends."""

    def __init__(self, journal: Path) -> None:
        self._path = lock_path(journal)
        self._descriptor = -1

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            name = _name(self._descriptor)
            os.close(self._descriptor)
            raise InboxOwnedError(
                f"{name} already works this inbox ({self._path}), and only one may: stop that one first"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def _name(descriptor: int) -> str:
    return os.pread(descriptor, 256, 0).decode("utf-8", "replace").strip() or "a process that gave no name"
