"""A probe from the rows' files to `metrics.json` and the report."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.classification.labelled import Labelled, LabelledFile, refuse_missing
from evaluation.classification.outcome import Outcome, write_outcome
from evaluation.errors import EvaluationError
from evaluation.intervals import DRAWS
from evaluation.probe.features import Features, features_of
from evaluation.probe.regression import Probe, fit
from evaluation.report.whole import write_whole
from evaluation.run_file import begin
from vlm.model import Model
from vlm.weights import sha256_of

POOLING = "mean over image tokens behind the projector"


@dataclass(frozen=True)
class Split:
    """Rows that are fitted and rows that are tested, no group in both; what was left out is counted."""

    fitted: tuple[Labelled, ...]
    tested: tuple[Labelled, ...]
    files: tuple[Path, ...]
    left_out: dict[str, int]

    @property
    def rows(self) -> tuple[Labelled, ...]:
        """All rows, the fitted ones first."""
        return (*self.fitted, *self.tested)

    @property
    def classes(self) -> list[str]:
        """The classes that are fitted, sorted."""
        return sorted({row.label for row in self.fitted})


def split_of(manifest: LabelledFile, fitted: str, tested: str) -> Split:
    """The two splits of one file. Raises `EvaluationError` where one is empty, or a group is in both."""
    parts = {name: tuple(row for row in manifest.rows if row.split == name) for name in (fitted, tested)}
    for name, rows in parts.items():
        if not rows:
            found = ", ".join(sorted({row.split for row in manifest.rows})) or "none"
            raise EvaluationError(
                f"{manifest.path}: no row has the split {name!r} (there are: {found}): name others with "
                "--fit and --test"
            )
    return _checked(parts[fitted], parts[tested], (manifest.path,), manifest.left_out)


def split_of_two(fitted: LabelledFile, tested: LabelledFile) -> Split:
    """All rows of one file are fitted, all of the other one tested."""
    left_out = {
        k: fitted.left_out.get(k, 0) + tested.left_out.get(k, 0) for k in fitted.left_out | tested.left_out
    }
    return _checked(fitted.rows, tested.rows, (fitted.path, tested.path), left_out)


def _checked(
    fitted: tuple[Labelled, ...],
    tested: tuple[Labelled, ...],
    files: tuple[Path, ...],
    left_out: dict[str, int],
) -> Split:
    known = {row.label for row in fitted}
    usable = tuple(row for row in tested if row.label in known)
    if not usable:
        raise EvaluationError(
            f"{files[-1]}: no class that is tested is among those fitted: give rows of the same"
        )
    if shared := sorted({row.group for row in fitted} & {row.group for row in usable}):
        raise EvaluationError(
            f"{files[-1]}: {len(shared)} groups are both fitted and tested, {shared[0]!r} among them: "
            "a group belongs to one split"
        )
    unfitted = {"class not fitted": len(tested) - len(usable)} if len(usable) < len(tested) else {}
    return Split(fitted, usable, files, left_out | unfitted)


def evaluate_probe(
    model: Model, split: Split, images: Path, out: Path, batch: int = 32, draws: int = DRAWS
) -> dict[str, Any]:
    """Features, fit, test; `out` gets them, predictions, metrics and report. Goes on where it was killed."""
    refuse_missing(split.rows, images)
    run = {
        "evaluation": "probe",
        "files": {file.name: sha256_of(file) for file in split.files},
        "rows": {"fitted": len(split.fitted), "tested": len(split.tested)},
        "weights": model.revision,
        "pooling": POOLING,
    }
    begin(out, run)
    features = features_of(model, split.rows, images, out, batch)
    numbers = {name: number for number, name in enumerate(split.classes)}
    truth = np.array([numbers[row.label] for row in split.rows])
    border = len(split.fitted)
    probe = fit(features[:border], truth[:border], [row.group for row in split.fitted])
    probabilities = probe.probabilities(features[border:])
    outcome = Outcome(
        split.classes,
        truth[border:],
        probabilities.argmax(1),
        probabilities,
        [row.group for row in split.tested],
    )
    write_whole(out / "predictions.csv", _predictions(split, probabilities))
    facts = _facts(split, probe, features)
    notes = [
        "Logistic regression on standardised features; its strength by cross-validation within the fitted "
        "rows, groups kept together.",
        "Intervals: 95 %, bootstrap over groups of the tested rows. The probe is fitted once.",
    ]
    return write_outcome(
        out, "Probe", outcome, facts, notes=notes, provenance={**model.provenance, "run": run}, draws=draws
    )


def _facts(split: Split, probe: Probe, features: Features) -> dict[str, Any]:
    return {
        "fitted_rows": len(split.fitted),
        "left_out": split.left_out,
        "features": int(features.shape[1]),
        "c": round(probe.c, 8),
        "cross_validated_log_loss": {f"{c:.3g}": round(loss, 4) for c, loss in probe.losses.items()},
    }


def _predictions(split: Split, probabilities: NDArray[np.float64]) -> bytes:
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(["file", "class", "predicted", *(f"p {name}" for name in split.classes)])
    for row, of_row in zip(split.tested, probabilities, strict=True):
        table.writerow([row.file, row.label, split.classes[of_row.argmax()], *(f"{p:.6f}" for p in of_row)])
    return lines.getvalue().encode()


def best_split(rows: Sequence[Labelled]) -> str:
    """`test` where the file has it, else `val`."""
    return "test" if any(row.split == "test" for row in rows) else "val"
