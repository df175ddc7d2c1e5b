"""Where validation rows come from, with what they were made by."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evaluation.calibration.answers import rows_of_answers
from evaluation.calibration.rows import Validation
from evaluation.run_file import begin
from evaluation.triage_set.photographs import Photograph, photographs_of
from vlm.weights import sha256_of


@dataclass(frozen=True)
class Source:
    """Validation rows; which weights answered, where that is known; and what else decides the results."""

    rows: Validation
    weights_sha256: str | None
    made_with: dict[str, Any]


def by_predictions(
    predictions: Path, manifests: Sequence[Path], splits: Sequence[str], weights_sha256: str | None
) -> Source:
    """Answers that were made elsewhere."""
    made_with = {"predictions_sha256": sha256_of(predictions), **_manifests(manifests, splits)}
    return Source(rows_of_answers(predictions, manifests, splits), weights_sha256, made_with)


def by_model(
    ref: str, device: str, sets: Sequence[tuple[Path, Path]], splits: Sequence[str], out: Path
) -> Source:
    """Answers of a model that reads the photographs now, going on in `out` where a run was killed.

    `sets` pairs each manifest with its folder of images. Raises `EvaluationError` where `out` holds a run of
    another model or of other photographs.
    """
    import vlm
    from evaluation.calibration.reading import rows_of_model, uncalibrated

    photographs = [each for manifest, images in sets for each in _photographs(manifest, images, splits)]
    model = uncalibrated(vlm.load(ref, device))
    made_with = {
        "model": dict(model.provenance) | {"calibration": "none"},
        "files_sha256": hashlib.sha256(
            "\n".join(f"{each.file} {sha256_of(each.path)}" for each in photographs).encode()
        ).hexdigest(),
        **_manifests([manifest for manifest, _ in sets], splits),
    }
    begin(out, made_with)
    return Source(rows_of_model(model, photographs, out / "readings.jsonl"), model.revision, made_with)


def _photographs(manifest: Path, images: Path, splits: Sequence[str]) -> list[Photograph]:
    """Groups of two manifests are different groups."""
    folder = manifest.resolve().parent.name
    found = [each for split in splits for each in photographs_of(manifest, images, split)]
    return [replace(each, group=f"{folder}/{each.group}") for each in found]


def _manifests(manifests: Sequence[Path], splits: Sequence[str]) -> dict[str, Any]:
    return {"manifest_sha256": [sha256_of(each) for each in manifests], "splits": list(splits)}
