"""A card speaks of one model: files that were measured on anything else are refused."""

import math
from pathlib import Path

from training.bundled.measured import Measurements
from training.errors import CardError
from vlm.weights import sha256_of

# Thresholds are written as text and read again.
AS_GOOD_AS_EQUAL = 1e-6


def check_triage(run: Path, triage: Measurements, calibration: Measurements) -> None:
    """The figures are of this run's out-of-fold answers, of all of them, at the model's operating point.

    Raises `CardError` where they are not.
    """
    answers = run / "out_of_fold.csv"
    if not answers.is_file():
        raise CardError(f"{answers} is missing: finish the training first")
    if triage.told("provenance", "predictions_sha256") != sha256_of(answers):
        raise CardError(f"{triage.file} was not measured on {answers}: measure again with --predictions")
    if triage.told("provenance", "split") != "all":
        raise CardError(f"{triage.file} speaks of one split: measure again without --split")
    point = calibration.number("operating_points", "mpox")
    if not math.isclose(triage.number("operating_point", "threshold"), point, abs_tol=AS_GOOD_AS_EQUAL):
        raise CardError(f"{triage.file}: measure again with --operating-point {calibration.file}")


def check_explanations(weights: str, guarded: Measurements, unguarded: Measurements) -> None:
    """Both are of these weights and of the same cases, the one with the guard and the other without.

    Raises `CardError` where they are not.
    """
    for measured, bare in ((guarded, False), (unguarded, True)):
        if measured.told("provenance", "model", "weights_sha256") != weights:
            raise CardError(f"{measured.file} was measured with other weights: measure again")
        if measured.told("provenance", "unguarded") is not bare:
            raise CardError(f"{measured.file}: measure again {'with' if bare else 'without'} --unguarded")
    for name in ("cases", "seed", "photographs"):
        if guarded.told("provenance", name) != unguarded.told("provenance", name):
            raise CardError(f"{guarded.file} and {unguarded.file} differ in provenance.{name}: measure again")
