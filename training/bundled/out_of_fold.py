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
from torch import Tensor

from training.bundled.dictionaries import features_of, pictures, plain_features, trained
from training.bundled.evidence import evidence_from
from training.bundled.folds import folds
from training.bundled.mixing import Mixture
from training.bundled.parts import once
from training.bundled.plan import Plan
from training.photographs import Photographs
from training.simulated_clinical import real_clinical
from triage.findings import CONDITIONS
from vlm.mpoxvlm.lesion import LesionViT
from vlm.mpoxvlm.textures import resized
from vlm.signals.tone import SHIFT

TURNS = {"plain": 0.0, "lighter": SHIFT, "darker": -SHIFT}
Table = NDArray[np.float64]


@dataclass(frozen=True)
class OutOfFold:
    """What is said of photographs alone, by view, and what each row's facts add (N, 10).

    `views`: log-probabilities (1 + D, N, 10) of the ViT and of each dictionary. `held_out`: each fold's
    rows.
    """

    views: dict[str, Table]
    facts: Table
    held_out: list[NDArray[np.int64]]

    def answers(self, mixtures: list[Mixture]) -> dict[str, Table]:
        """Log-probabilities (N, 10) with the facts, each fold by its mixture: what the model is to say."""
        return {view: self._answers(said, mixtures) for view, said in self.views.items()}

    def _answers(self, said: Table, mixtures: list[Mixture]) -> Table:
        together = np.zeros_like(self.facts)
        for rows, mixture in zip(self.held_out, mixtures, strict=True):
            scores = mixture.of(said[:, rows]) + self.facts[rows]
            together[rows] = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        return together


def out_of_fold(plan: Plan, photographs: Photographs, data: Path, run: Path) -> OutOfFold:
    """Every member of `run` reads the fold that it left out; photographs are of the plan's side."""
    held_out = folds(photographs, plan)
    views = {view: np.stack([*_voices(plan, photographs, held_out, run, view)]) for view in TURNS}
    return OutOfFold(views, _facts(plan, photographs, held_out, data), held_out)


def _voices(
    plan: Plan, photographs: Photographs, held_out: list[NDArray[np.int64]], run: Path, view: str
) -> Iterator[Table]:
    """Log-probabilities (N, 10) of the ViTs, then of each dictionary; kept in `run`/said."""
    folder, turn = run / "said", TURNS[view]

    def vits() -> dict[str, Tensor]:
        return {"said": _by_vits(plan, photographs, held_out, run, turn)}

    yield once(folder / f"{view}-vits.safetensors", vits)["said"].numpy()
    for number in range(len(plan.dictionaries)):

        def read(number: int = number) -> dict[str, Tensor]:
            return {"said": _by_dictionary(plan, photographs, held_out, run, number, turn)}

        yield once(folder / f"{view}-dictionary-{number + 1}.safetensors", read)["said"].numpy()


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
def _by_vits(
    plan: Plan, photographs: Photographs, held_out: list[NDArray[np.int64]], run: Path, turn: float
) -> Tensor:
    said = torch.zeros(len(photographs), len(CONDITIONS), dtype=torch.float64)
    for number, rows in enumerate(held_out):
        member = LesionViT.from_pretrained(run / f"member-{number + 1}" / "model")
        cast(Any, member).eval()
        seen = (resized(part, plan.seen_side) for part in pictures(photographs.pixels[rows], turn))
        said[rows] = torch.cat([member(part).logits for part in seen]).double()
    return said.log_softmax(-1)


@torch.inference_mode()
def _by_dictionary(
    plan: Plan,
    photographs: Photographs,
    held_out: list[NDArray[np.int64]],
    run: Path,
    number: int,
    turn: float,
) -> Tensor:
    dictionary = trained(plan, number, len(CONDITIONS), run)
    if turn:
        features = features_of(dictionary, photographs.pixels, f"dictionary {number + 1}, out of fold", turn)
    else:
        features = plain_features(run, number)
    logits = dictionary.read(features)
    said = torch.zeros(len(photographs), len(CONDITIONS), dtype=torch.float64)
    for member, rows in enumerate(held_out):
        said[rows] = logits[member, rows].double()
    return said.log_softmax(-1)


def _facts(plan: Plan, photographs: Photographs, held_out: list[NDArray[np.int64]], data: Path) -> Table:
    facts = np.zeros((len(photographs), len(CONDITIONS)))
    for rows in held_out:
        patients = frozenset(photographs.rows[row].get("patient_id", "") for row in rows)
        evidence = evidence_from(data, plan.evidence, patients)
        for row in rows:
            facts[row] = evidence.of(real_clinical(photographs.rows[row]))
    return facts
