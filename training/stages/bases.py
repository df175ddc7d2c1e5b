"""A model folder to go on from, read by transformers and never fetched."""

from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from training.errors import TrainingError


class BaseError(TrainingError):
    """A base cannot be used; the text names its folder and the remedy."""


def pretrained(kind: Any, folder: Path) -> Any:
    """A whole model of the class `kind`. Raises `BaseError` where weights are missing."""
    if not (folder / "config.json").is_file():
        raise BaseError(f"base {folder} is no folder with a config.json; nothing is fetched: give a folder")
    try:
        model, report = kind.from_pretrained(folder, local_files_only=True, output_loading_info=True)
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        raise BaseError(f"base {folder} cannot be read as {kind.__name__} ({str(error)[:200]})") from None
    if missing := sorted(report["missing_keys"]):
        raise BaseError(
            f"base {folder} is no {kind.__name__}: it lacks {missing[0]!r} and {len(missing) - 1} more"
        )
    return model
