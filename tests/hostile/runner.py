"""Takes messages the whole way, each in a process of its own that is held to its bounds.

Reads the paths of messages from standard input, one a line, and answers each with one JSON object. Run by
tests/hostile/running.py.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path

from inbox_router.edges.attachments import Extractor
from tests.hostile.whole_way import Ended, Way, broken_promises, shipped_way

MEMORY = 300_000_000
"""Octets by which the address space of the process may grow while it reads, decides and writes about one message."""
CPU_SECONDS = 10
"""When the kernel ends it. What is asserted is far less; this only keeps a runaway from stopping the tests."""
WALL_SECONDS = 60


def main() -> None:
    extractor = Extractor(workers=1)
    way = shipped_way(extractor.extract)
    way.go(b"From: warm@up.example\r\nSubject: so that nothing is loaded or compiled on account of a case\r\n\r\nx")
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_in_a_process_of_its_own(way, extractor, Path(line.strip()))), flush=True)


def _in_a_process_of_its_own(way: Way, extractor: Extractor, path: Path) -> dict[str, object]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as answer:
            answer.write(json.dumps(_measured(way, extractor, path)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    return json.loads(said) if said else {"died": os.waitstatus_to_exitcode(status)}


def _measured(way: Way, extractor: Extractor, path: Path) -> dict[str, object]:
    octets = path.read_bytes()
    _bound()
    before = _cpu()
    ended: Ended | None = None
    try:
        ended = way.go(octets)
    except Exception as error:  # noqa: BLE001 - that nothing escapes is what is tried here
        escaped = f"{type(error).__name__}: {error}"
    extractor.close()
    cpu = _cpu() - before
    _unbound()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    figures: dict[str, object] = {"cpu": cpu, "peak": peak}
    if ended is None:
        return {**figures, "escaped": escaped}
    return {**figures, "broken": broken_promises(way, ended, octets), **_told(ended)}


def _told(ended: Ended) -> dict[str, object]:
    message, decision = ended.message, ended.decision
    return {
        "outcome": decision.outcome,
        "reason": decision.hold_reason,
        "because": decision.because,
        "mailboxes": sorted(place.mailbox for place in decision.destinations),
        "claims": [claim.category for claim in decision.claims],
        "subject": message.subject,
        "words": [f"{passage.part}: {passage.text[:400]}" for passage in message.passages[:60]],
        "files": [[each.name, each.readability] for each in message.attachments],
        "defects": list(message.defects),
        "header": ended.sent.octets.partition(b"\r\n\r\n")[0].decode("ascii") if ended.sent else "",
    }


def _bound() -> None:
    """Soft limits only: the workers that read attachments set limits of their own."""
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)


def _unbound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _cpu() -> float:
    """Seconds of this process and of its workers that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
