"""From a checked manifest to the pairs' files. A run that was stopped goes on where its model had come to."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from training.manifest.reading import Manifest
from training.manifest.rows import Row
from training.pairs.building import Pair, pairs_of
from training.pairs.rewriting import rewritten
from training.pairs.writing import write_split
from training.textbooks.questions.language_model import LanguageModel

REPLIES = "language_model"


@dataclass(frozen=True)
class Written:
    """The files, pairs by kind, and how many are simulated or were rewritten."""

    files: tuple[Path, ...]
    kinds: dict[str, int]
    simulated: int
    rewritten: int


def write_pairs(
    manifest: Manifest,
    out: Path,
    *,
    seed: int = 0,
    simulate: bool = False,
    model: LanguageModel | None = None,
    progress: bool = False,
) -> Written:
    """Write `vqa_SPLIT.json` and `vqa_SPLIT.csv` for each split. Same manifest, seed and replies: same bytes.

    With `model`, its replies are kept in `OUT/language_model`. Raises `vlm.errors.RemoteUnavailable`; no file
    has changed then.
    """
    out.mkdir(parents=True, exist_ok=True)
    pairs: list[Pair] = []
    for row in tqdm(manifest.rows, desc="making pairs", disable=not progress):
        for pair in pairs_of(row, _name(row, manifest), seed, simulate=simulate):
            pairs.append(rewritten(pair, model, out / REPLIES, seed) if model else pair)
    files = [
        file
        for split in manifest.splits
        for file in write_split(out, split, [pair for pair in pairs if pair.split == split])
    ]
    return Written(
        tuple(files),
        dict(Counter(pair.kind for pair in pairs)),
        sum(pair.simulated for pair in pairs),
        sum(bool(pair.source.rewritten_by) for pair in pairs),
    )


def _name(row: Row, manifest: Manifest) -> str:
    """The csv's name below the folder that was read, so that a pair does not tell where that folder lies."""
    folder = manifest.source if manifest.source.is_dir() else manifest.source.parent
    return Path(os.path.relpath(row.manifest, folder)).as_posix()
