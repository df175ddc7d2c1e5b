"""What a run was made with, and whose files lie in its folder."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError
from evaluation.report import write_json
from evaluation.row_file import RowFile
from evaluation.vqa.options import Options
from vlm.asking import Answerer
from vlm.weights import revision_of, sha256_of

PACKAGES = ("numpy", "sacrebleu", "rouge-score", "nltk", "torch", "transformers")


def source_of(options: Options, model: Answerer | None) -> dict[str, Any]:
    """What the answers follow from: another source needs another folder."""
    source: dict[str, Any] = {"csv_sha256": sha256_of(options.csv)}
    if options.answers is not None:
        return source | {"answers_sha256": sha256_of(options.answers)}
    return source | {"model": dict(model.provenance) if model else None, "longest": options.longest}


def scoring_of(options: Options) -> dict[str, Any]:
    """What the scores follow from beside the answers."""
    return {
        "variant": options.variant,
        "wordnet_sha256": _wordnet_sha256(options.wordnet),
        "encoder_sha256": revision_of(options.encoder) if options.encoder else None,
        "encoder_layer": options.encoder_layer,
        "packages": {name: version(name) for name in PACKAGES},
    }


def take_up(out: Path, source: dict[str, Any], scoring: dict[str, Any]) -> None:
    """Begin in the folder or go on with what lies there; scores of another kind are computed anew.

    Raises `EvaluationError` where the folder holds answers from another source.
    """
    known, file = {"source": source, "scoring": scoring}, out / "run.json"
    before = _before(file)
    if before is None and (out / "metrics.json").exists():
        raise EvaluationError(f"{out} holds results of something else: give another folder with --out")
    if before is not None and before.get("source") != source:
        changed = ", ".join(
            sorted(
                k for k in source.keys() | before["source"].keys() if before["source"].get(k) != source.get(k)
            )
        )
        raise EvaluationError(
            f"{out} holds a run of other questions or another model ({changed} differs): "
            "give another folder with --out, or remove this one"
        )
    if before != known:
        for name in ("scores.jsonl", "scores.jsonl.part"):
            (out / name).unlink(missing_ok=True)
        write_json(file, known)


def provenance_of(options: Options, model: Answerer | None) -> dict[str, Any]:
    """Model, inputs by hash, versions and arguments. Paths are named without the folders they lie in."""
    return {
        "model": dict(model.provenance) if model else None,
        "inputs": {
            "csv": options.csv.name,
            "csv_sha256": sha256_of(options.csv),
            "answers": options.answers.name if options.answers else None,
            "answers_sha256": sha256_of(options.answers) if options.answers else None,
            "images_sha256": _images_sha256(options) if model else None,
        },
        "arguments": {
            "variant": options.variant,
            "longest_answer": options.longest,
            "wordnet": options.wordnet.name if options.wordnet else None,
            "encoder": options.encoder.name if options.encoder else None,
        },
        "scoring": scoring_of(options),
        "python": platform.python_version(),
    }


def _before(file: Path) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    try:
        before = dict(json.loads(file.read_text()))
        return before if isinstance(before["source"], dict) else None
    except (ValueError, TypeError, KeyError):
        raise EvaluationError(
            f"{file} cannot be read: remove it, or give another folder with --out"
        ) from None


def _images_sha256(options: Options) -> str:
    """SHA-256 of the images' own, row by row."""
    import hashlib

    digest = hashlib.sha256()
    for row in RowFile(options.out / "answers.jsonl", 0).rows():
        digest.update(f"{row['row']} {row['image_sha256']}\n".encode())
    return digest.hexdigest()


def _wordnet_sha256(folder: Path | None) -> str | None:
    """SHA-256 of its nouns: they differ from version to version."""
    return sha256_of(folder / "data.noun") if folder and (folder / "data.noun").is_file() else None
