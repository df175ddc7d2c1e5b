"""Features of all rows in one file on disk, computed block by block and resumable."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from evaluation.classification.labelled import Labelled
from evaluation.classification.streaming import made_ready, opened, unfinished_blocks
from evaluation.row_file import RowFile
from vlm.devices import preparing_threads
from vlm.engine.backend import Row
from vlm.features import FeatureReader
from vlm.model import Model

Features = NDArray[np.float32]


def features_of(model: Model, rows: Sequence[Labelled], images: Path, out: Path, batch: int) -> Features:
    """(N, D), mapped from `out/features.npy`; only what an earlier run left out is computed.

    A block is on the disk before its rows are noted in `out/features.jsonl`: what is noted survives a kill.
    """
    file, reader = out / "features.npy", FeatureReader(model)

    def ready(row: int) -> Row:
        return reader.ready(opened(images / rows[row].file))

    noted = RowFile(out / "features.jsonl", len(rows))
    if not noted.done or not file.is_file():
        width = reader.features([ready(0)]).shape[1]
        noted = _anew(file, (len(rows), width), noted)
    mapped: Any = np.lib.format.open_memmap(file, mode="r+")
    blocks = made_ready(unfinished_blocks(noted, batch), ready, preparing_threads(torch.device(model.device)))
    with tqdm(total=len(rows), initial=noted.done, desc="features", unit="image") as progress:
        for block, lacking, pictures in blocks:
            computed = reader.features(pictures).numpy()
            for place, row in enumerate(block):
                if row in lacking:
                    mapped[row] = computed[place]
            mapped.flush()
            noted.append((row, {"file": rows[row].file}) for row in sorted(lacking))
            progress.update(len(lacking))
    noted.finish()
    return np.load(file, mmap_mode="r")  # type: ignore[no-any-return]


def _anew(file: Path, shape: tuple[int, int], noted: RowFile) -> RowFile:
    """An empty file of this shape; nothing is noted without its features."""
    for left in (noted.path, noted.unfinished):
        left.unlink(missing_ok=True)
    made: Any = np.lib.format.open_memmap(file, mode="w+", dtype=np.float32, shape=shape)
    made.flush()
    return RowFile(noted.path, shape[0])
