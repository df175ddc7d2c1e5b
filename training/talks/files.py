"""The files of a model folder that training does not change."""

import shutil
from pathlib import Path

# Of another model than the one that is written: weights, their hashes, figures and card.
OTHERS = (
    "model", "pytorch_model", "import_report", "metrics", "calibration", "MODEL_CARD", "SHA256SUMS",
    "config.json", "generation_config",
)  # fmt: skip


def copy_words(source: Path, target: Path) -> None:
    """Copy tokenizer and processor files, byte by byte."""
    for file in sorted(source.iterdir()):
        if file.is_file() and not file.name.startswith((*OTHERS, ".")):
            shutil.copy2(file, target / file.name)
