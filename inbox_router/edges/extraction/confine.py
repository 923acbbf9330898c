"""What the worker gives up before it looks at anything: memory, time, files, privileges and the network."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from typing import Final

from inbox_router.edges.extraction.bounds import Bounds

_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWNET: Final = 0x4000_0000
_OPEN_FILES: Final = 64
_ALARM_MARGIN: Final = 5.0


def confine(bounds: Bounds) -> None:
    """Limit this process for good. Limits that the machine does not know are left out; the wall clock remains."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_AS, bounds.memory_octets)
    # The hard limit is for a worker that no longer obeys; the soft one is set anew for each file.
    _limit(resource.RLIMIT_CPU, bounds.cpu_seconds * (bounds.files_per_worker + 1))
    if sys.platform == "linux":
        _leave_network_and_privileges()


def allow_one_file(bounds: Bounds) -> None:
    """Grant the time for one file: processor time by limit, wall time by an alarm that kills.

    The alarm is for the case that the service died while a file was being read: nobody else would end this process.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + bounds.cpu_seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))
    signal.setitimer(signal.ITIMER_REAL, bounds.seconds + _ALARM_MARGIN)


def rest() -> None:
    """Stop the alarm while there is nothing to read."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (ceiling, ceiling))


def _leave_network_and_privileges() -> None:
    """Best effort: a container may forbid namespaces; the unit file of the service then has to shut the network off."""
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    library.unshare(flags)
