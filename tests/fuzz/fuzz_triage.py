"""Damages sample mail at random and takes it the whole way: no exception, no broken promise, nothing that drags on.

    python -m tests.fuzz.fuzz_triage [--seconds 60] [--seed N]

A finding is written to tests/fuzz/findings as the message that brought it about, and is a test case from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.workbench import mail_files
from tests.hostile.whole_way import ROOT, Way, broken_promises, shipped_way

FINDINGS = Path(__file__).parent / "findings"
MAIL = (ROOT / "tests" / "data" / "mail" / "first", ROOT / "inbox_router" / "demo" / "mail")
LONGEST = 60_000
"""Octets of a damaged message: size has its own tests, and small messages are many a second."""
SLOW = 2.0
"""Seconds of processor time that no message of this size may take."""

TOKENS = (
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\x8b", b"\xe2\x80\xae"),
    *(b"\xc2\xa0", b"\xf0\x9f\x93\x8e", b"\t", b" " * 40, b" " * 4_000, b"\t" * 4_000, b"--", b"> ", b">" * 50),
    *(b"=?utf-8?q?=0D=0ABcc:_x?=", b"=?utf-8?b?", b"?=", b"=\r\n", b"=00", b"&#0;", b"&nbsp;"),
    *(b"<div style='display:none'>", b"<table><tr><td>", b"</td>", b"<!--", b"<blockquote>"),
    *(b"Content-Type: message/rfc822\r\n", b"Content-Type: text/html\r\n", b"Content-Type: multipart/mixed\r\n"),
    *(b"Content-Transfer-Encoding: base64\r\n", b'Content-Disposition: attachment; filename="a\r\n b.pdf"\r\n'),
    *(b"From: x <x@evil.example>\r\n", b"Reply-To: x@evil.example\r\n", b"Auto-Submitted: auto-replied\r\n"),
    *(b"-----Original Message-----\r\n", b"On 1 Nov 2026, x wrote:\r\n"),
    *(b"From: a\r\nSent: b\r\nTo: c\r\nSubject: d\r\n", b"[EXTERNAL]", b"SECRET\r\n", b"OFFICIAL-SENSITIVE"),
    *(b"Last known address: ", b"Victim: ", b"HX1 1AA", b"LS6 2AB", b"BD1", b"A1234BC", b"12/123456B"),
    *(b"Operation Larchwood", b"licence revoked", b"not been recalled", b"recaIl", b"EXERCISE"),
    *(b"[ ] ", b"[X] ", b"YES/NO ", b": N\r\n", b"No"),
)
WORDS = (
    *("", "A1234BC\tHX1 1AA\tNo", "\x00\ud800\u202e", "x" * 999, "SECRET"),
    "Licence revoked. Last known address: 4 Mill Lane, Halifax HX1 1AA",
    "From: a@x.example\nSubject: recall\n\nLicence revoked",
)
"""What attachments are said to hold."""


class Chance:
    """One message's share of luck: the same seed always makes the same damage."""

    def __init__(self, seed: int, samples: Sequence[bytes]) -> None:
        self.random = random.Random(seed)
        self.samples = samples

    def message(self) -> bytes:
        octets = bytearray(self.random.choice(self.samples)[:LONGEST])
        for _ in range(self.random.choice((1, 1, 2, 3, 5, 8, 20, 60))):
            wound = self.random.choice(WOUNDS)
            wound(self, octets)
        return bytes(octets[:LONGEST])

    def place(self, octets: bytearray) -> int:
        """Anywhere; as often as not within the header, where most of the meaning is."""
        header = octets.find(b"\r\n\r\n") + 1 or len(octets) + 1
        return self.random.randrange(header if self.random.random() < 0.5 else len(octets) + 1)

    def stretch(self, octets: bytearray) -> slice:
        start = self.place(octets)
        return slice(start, start + self.random.choice((1, 2, 5, 30, 200, 2_000)))

    def extract(self, files: Sequence[File]) -> list[Extract]:
        """What a reader of attachments could have said of them."""
        return [
            Extract(
                readability=self.random.choice(list(Readability)),
                text=self.random.choice(WORDS),
                is_message=self.random.random() < 0.2,
            )
            for _ in files
        ]


def set_octets(chance: Chance, octets: bytearray) -> None:
    for _ in range(chance.random.choice((1, 4, 40))):
        if octets:
            octets[chance.random.randrange(len(octets))] = chance.random.randrange(256)


def delete(chance: Chance, octets: bytearray) -> None:
    del octets[chance.stretch(octets)]


def repeat(chance: Chance, octets: bytearray) -> None:
    stretch = chance.stretch(octets)
    octets[stretch] = octets[stretch] * chance.random.choice((2, 2, 10, 100))
    del octets[LONGEST:]


def insert(chance: Chance, octets: bytearray) -> None:
    place = chance.place(octets)
    octets[place:place] = chance.random.choice(TOKENS) * chance.random.choice((1, 1, 1, 2, 50))


def transplant(chance: Chance, octets: bytearray) -> None:
    """A stretch of another message."""
    other = bytearray(chance.random.choice(chance.samples))
    place = chance.place(octets)
    octets[place:place] = other[chance.stretch(other)]


def move(chance: Chance, octets: bytearray) -> None:
    stretch = chance.stretch(octets)
    moved = octets[stretch]
    del octets[stretch]
    place = chance.place(octets)
    octets[place:place] = moved


def cut_off(chance: Chance, octets: bytearray) -> None:
    del octets[chance.place(octets) :]


def swap_line_ends(chance: Chance, octets: bytearray) -> None:
    octets[:] = octets.replace(b"\r\n", chance.random.choice((b"\n", b"\r", b"\r\r\n", b"\x85", b"\r\n ")))


def nest(chance: Chance, octets: bytearray) -> None:
    head = b"From: x@justice.gov.uk\r\nSubject: FW\r\nContent-Type: message/rfc822\r\n\r\n"
    octets[:] = head * chance.random.choice((1, 2, 25)) + octets


WOUNDS: Sequence[Callable[[Chance, bytearray], None]] = (
    *(set_octets, delete, repeat, insert, insert, insert, transplant, move),
    *(cut_off, swap_line_ends, nest),
)


def samples() -> list[bytes]:
    return [path.read_bytes() for path in mail_files(MAIL)]


def fault(octets: bytes, extract: Callable[[Sequence[File]], list[Extract]], way: Way) -> str:
    """What is wrong with how this message ends, in words; "" where nothing is."""
    ours = replace(way, triage=replace(way.triage, extract=extract))
    begun = time.process_time()
    try:
        ended = ours.go(octets)
    except Exception:  # noqa: BLE001 - that nothing escapes is what is tried here
        return traceback.format_exc()
    spent = time.process_time() - begun
    faults = broken_promises(ours, ended, octets)
    if "could not be read at all" in " ".join(ended.message.defects):
        faults.append("the reading of it broke: " + " ".join(ended.message.defects))
    if spent > SLOW:
        faults.append(f"it took {spent:.1f} seconds")
    return "; ".join(faults)


def no_text(files: Sequence[File]) -> list[Extract]:
    return [Extract(readability=Readability.NO_TEXT) for _ in files]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--seed", type=int, default=None, help="the first seed; without it, another every time")
    given = arguments.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 32)
    first, found = seed, 0
    way, mail = shipped_way(no_text), samples()
    end = time.monotonic() + given.seconds
    while time.monotonic() < end:
        chance = Chance(seed, mail)
        octets = chance.message()
        wrong = fault(octets, chance.extract, way)
        if wrong:
            found += 1
            path = FINDINGS / f"{hashlib.sha256(octets).hexdigest()[:16]}.eml"
            FINDINGS.mkdir(exist_ok=True)
            path.write_bytes(octets)
            print(f"seed {seed}: {wrong}\n  kept as {path}")
        seed += 1
    print(f"{seed - first} messages from seed {first}, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
