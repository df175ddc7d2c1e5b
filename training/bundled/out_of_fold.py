"""What each member says of the fold it never saw: the honest ground for calibration and for every figure.

Each photograph is read as it is, in a lighter and in a darker tone.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from training.augmentation import normalise
from training.bundled.evidence import evidence_from
from training.bundled.members import folds
from training.bundled.plan import Plan
from training.bundled.views import whole
from training.photographs import Photographs
from training.simulated_clinical import real_clinical
from triage.findings import CONDITIONS
from vlm.mpoxvlm.lesion import LesionViT
from vlm.signals.tone import SHIFT, turned

TURNS = {"plain": 0.0, "lighter": SHIFT, "darker": -SHIFT}
AT_ONCE = 64
Table = NDArray[np.float64]


@dataclass(frozen=True)
class OutOfFold:
    """Log-probabilities (N, 10) of the photographs alone, by view, and what each row's facts add (N, 10)."""

    views: dict[str, Table]
    facts: Table

    def scaled(self, temperature: float) -> dict[str, Table]:
        """Log-probabilities at a temperature, with the facts: what the whole model is to say."""
        return {view: _normalised(table / temperature + self.facts) for view, table in self.views.items()}


def out_of_fold(plan: Plan, photographs: Photographs, data: Path, run: Path) -> OutOfFold:
    """Every member of `run` reads the fold that it left out."""
    views = {view: np.zeros((len(photographs), len(CONDITIONS))) for view in TURNS}
    facts = np.zeros((len(photographs), len(CONDITIONS)))
    for number, rows in enumerate(folds(photographs, plan)):
        member = LesionViT.from_pretrained(run / f"member-{number + 1}" / "model")
        cast(Any, member).eval()
        patients = frozenset(photographs.rows[row].get("patient_id", "") for row in rows)
        evidence = evidence_from(data, plan.evidence, patients)
        for view, turn in TURNS.items():
            pixels = photographs.pixels[rows]
            views[view][rows] = _said(member, turned(pixels, turn) if turn else pixels, plan.side)
        for row in rows:
            facts[row] = evidence.of(real_clinical(photographs.rows[row]))
    return OutOfFold(views, facts)


def write_predictions(file: Path, photographs: Photographs, said: dict[str, Table]) -> None:
    """The csv that `dermtriage evaluate triage --predictions` and `calibrate --predictions` read."""
    part = file.with_suffix(".part")
    with part.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["file", "view", *CONDITIONS])
        writer.writerows(_rows(photographs, said))
    part.replace(file)


def _rows(photographs: Photographs, said: dict[str, Table]) -> Iterator[list[str]]:
    for view, table in said.items():
        for row, log_probabilities in zip(photographs.rows, table, strict=True):
            yield [row["path"], view, *(f"{p:.6g}" for p in np.exp(log_probabilities))]


@torch.inference_mode()
def _said(member: LesionViT, pixels: NDArray[np.uint8], side: int) -> Table:
    parts = torch.from_numpy(pixels).split(AT_ONCE)
    logits = [member(normalise(whole(part, side))).logits for part in parts]
    return torch.cat(logits).double().log_softmax(-1).numpy()


def _normalised(scores: Table) -> Table:
    lifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(lifted - np.log(np.exp(lifted).sum(axis=1, keepdims=True)))
