"""The shipped rules on labelled sample mail: nobody is sent what is not theirs, and little waits that need not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inbox_router.core.decision import Outcome
from inbox_router.core.explain import as_object
from inbox_router.edges.attachments import Extractor
from inbox_router.files.config import load
from inbox_router.workbench import explain_files, load_index, open_triage

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests" / "data" / "mail"
SETS = sorted(folder.name for folder in SAMPLES.iterdir() if folder.is_dir())


@dataclass(frozen=True)
class Judged:
    label: dict[str, Any]
    decided: dict[str, Any]

    @property
    def right(self) -> bool:
        accepted = [self.label, *self.label["alternatives"]]
        return any(self._agrees(one) for one in accepted)

    def _agrees(self, accepted: dict[str, Any]) -> bool:
        if self.decided["outcome"] != accepted["outcome"]:
            return False
        if accepted["outcome"] == Outcome.HOLD:
            return self.decided["hold_reason"] in accepted.get("hold_reasons", self.label["hold_reasons"])
        decided = (self.decided["category"], self.decided["type"], self.decided["priority"])
        wanted = (accepted["category"], accepted["subtype"], accepted["priority"])
        return decided == wanted and self.decided["destinations"] == sorted(accepted["destinations"])

    @property
    def sent_wrong(self) -> bool:
        """Forwarded to somebody who should not have it, or not to all who should."""
        accepted = [
            one["destinations"] for one in [self.label, *self.label["alternatives"]] if one["outcome"] == "route"
        ]
        routed = self.decided["outcome"] == Outcome.ROUTE
        return routed and self.decided["destinations"] not in [sorted(one) for one in accepted]

    def __str__(self) -> str:
        decided = " ".join(str(self.decided[key]) for key in ("outcome", "category", "type", "hold_reason"))
        wanted = " ".join(str(self.label[key]) for key in ("outcome", "category", "subtype", "hold_reasons"))
        return f"{self.label['file']}: decided {decided}; wanted {wanted} ({self.label['why']})"


@pytest.fixture(scope="module", params=SETS)
def judged(request: pytest.FixtureRequest) -> list[Judged]:
    folder = SAMPLES / request.param
    config = load(ROOT / "config.example.yaml")
    with Extractor() as extractor:
        triage = open_triage(config, load_index(config), extractor)
        decided = {one.file: as_object(one.file, one.decision) for one in explain_files(triage, [folder])}
    lines = (folder / "labels.jsonl").read_text().splitlines()
    return [Judged(label, decided[label["file"]]) for label in map(json.loads, lines)]


def test_no_sample_is_sent_to_a_wrong_destination(judged: list[Judged]) -> None:
    assert [str(one) for one in judged if one.sent_wrong] == []


def test_at_least_98_in_100_samples_are_decided_as_labelled(judged: list[Judged]) -> None:
    wrong = [str(one) for one in judged if not one.right]
    assert len(wrong) <= 0.02 * len(judged), "\n".join(wrong)


def test_no_label_is_left_out(judged: list[Judged]) -> None:
    assert judged
    assert len({one.label["file"] for one in judged}) == len(judged)
