"""Validation rows from a file of answers made elsewhere, such as those of a cross-validation.

A csv file with `file` and a column for each of the ten conditions: probabilities, or log-probabilities (then
some are negative). Rows of another `view` than `plain` are left alone. What is true stands in manifests.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluation.calibration.rows import Table, Validation
from evaluation.triage_set.errors import EvaluationError
from evaluation.triage_set.labels import CLASSES, label_of
from evaluation.triage_set.photographs import LISTED
from triage.findings import CONDITIONS

SUM_WITHIN = 0.01
# The logarithm of 0 is infinite; a probability below this one counts as this one.
LEAST = 1e-12


def rows_of_answers(answers: Path, manifests: Sequence[Path], splits: Sequence[str]) -> Validation:
    """The rows of these splits, each with its answer.

    A file is named as in its manifest, or with the manifest's folder before it. Groups of two manifests are
    different groups. Raises `EvaluationError`, which names the row or lists the files without answer.
    """
    said = _answers(answers)
    rows = [row for manifest in manifests for row in _rows(manifest, splits)]
    if not rows:
        raise EvaluationError(
            f"{manifests[0]}: no row of split {' or '.join(splits)}; see its column `split`"
        )
    found = [said.get(file, said.get(f"{folder}/{file}")) for folder, file, _, _ in rows]
    missing = [row[1] for row, answer in zip(rows, found, strict=True) if answer is None]
    if missing:
        raise EvaluationError(
            f"{answers}: no plain row for {len(missing)} of {len(rows)} files: {', '.join(missing[:LISTED])}"
        )
    table = np.array([answer for answer in found if answer is not None])
    return Validation(
        table - np.logaddexp.reduce(table, axis=1, keepdims=True),
        np.array([label for _, _, label, _ in rows]),
        np.array([group for _, _, _, group in rows]),
    )


def _rows(manifest: Path, splits: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """Folder, file, class and group of each row of these splits."""
    folder = manifest.resolve().parent.name
    with manifest.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if missing := {"file", "class", "split", "group"} - set(reader.fieldnames or ()):
            raise EvaluationError(f"{manifest}: no column {', '.join(sorted(missing))}; add it")
        found = []
        for row in reader:
            if row["split"] in splits:
                label = label_of(row["class"])
                if label is None:
                    raise EvaluationError(
                        f"{manifest}, line {reader.line_num}: unknown class {row['class']!r}; "
                        f"use {', '.join(CLASSES)}"
                    )
                found.append((folder, row["file"], label, f"{folder}/{row['group'] or row['file']}"))
    return found


def _answers(file: Path) -> dict[str, Table]:
    """Log-probabilities by file."""
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if missing := {"file", *CONDITIONS} - set(reader.fieldnames or ()):
            raise EvaluationError(f"{file}: no column {', '.join(sorted(missing))}; add it")
        said: dict[str, Table] = {}
        for row in reader:
            if (row.get("view") or "plain") != "plain":
                continue
            if row["file"] in said:
                raise EvaluationError(f"{file}, line {reader.line_num}: {row['file']} again; keep one row")
            said[row["file"]] = _numbers(row, f"{file}, line {reader.line_num}")
    return _logarithms(said, file)


def _numbers(row: dict[str, str], where: str) -> Table:
    try:
        return np.array([float(row[condition]) for condition in CONDITIONS])
    except (TypeError, ValueError):
        raise EvaluationError(f"{where}: a probability is no number; write all ten") from None


def _logarithms(said: dict[str, Table], file: Path) -> dict[str, Table]:
    are_logarithms = any((values < 0).any() for values in said.values())
    for name, values in said.items():
        total = (np.exp(values) if are_logarithms else values).sum()
        if not abs(total - 1) <= SUM_WITHIN:
            kind = "log-probabilities" if are_logarithms else "probabilities"
            raise EvaluationError(f"{file}: the ten {kind} of {name} sum to {total:g}, not to 1")
    if are_logarithms:
        return {name: np.maximum(values, np.log(LEAST)) for name, values in said.items()}
    return {name: np.log(np.maximum(values, LEAST)) for name, values in said.items()}
