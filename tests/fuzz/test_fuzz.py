"""Damaged sample mail, always the same three thousand messages, and whatever longer runs have found before."""

from __future__ import annotations

import pytest

from tests.fuzz.fuzz_triage import FINDINGS, Chance, fault, no_text, samples
from tests.hostile.whole_way import Way, shipped_way

MESSAGES = 3_000
"""About a minute on one core; `make fuzz SECONDS=600` goes on for as long as is asked, with other seeds."""


@pytest.fixture(scope="module")
def way() -> Way:
    return shipped_way(no_text)


@pytest.mark.parametrize("batch", range(15))
def test_no_damage_to_a_message_breaks_a_promise(batch: int, way: Way) -> None:
    mail = samples()
    each = MESSAGES // 15
    for seed in range(batch * each, (batch + 1) * each):
        chance = Chance(seed, mail)
        octets = chance.message()
        assert fault(octets, chance.extract, way) == "", f"python -m tests.fuzz.fuzz_triage --seed {seed}"


def test_what_was_once_found_stays_mended(way: Way) -> None:
    faults = {path.name: fault(path.read_bytes(), no_text, way) for path in FINDINGS.glob("*.eml")}
    assert {name: wrong for name, wrong in faults.items() if wrong} == {}
