"""What can be told of a folder before its weights are read, and how errors of transformers are retold."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from vlm.errors import BrokenCheckpoint, ModelError, UnsupportedCheckpoint
from vlm.weights import weight_files

PROCESSING = ("processor_config.json", "preprocessor_config.json")
WITH_CODE = ("config.json", *PROCESSING, "tokenizer_config.json", "video_preprocessor_config.json")


def refuse_what_is_not_served(folder: Path) -> None:
    """Raises `UnsupportedCheckpoint` or `BrokenCheckpoint`, naming the file and the field."""
    config = object_in(folder / "config.json")
    _refuse_code(folder)
    _refuse_other_kinds(folder / "config.json", config)
    if not weight_files(folder):
        raise BrokenCheckpoint(
            f"{folder} holds no weights (*.safetensors or *.bin): fetch the whole folder again"
        )
    if not any((folder / name).is_file() for name in PROCESSING):
        raise BrokenCheckpoint(
            f"{folder} has neither {' nor '.join(PROCESSING)}: without one it is not known how to prepare "
            "photographs; copy it from where the model was published"
        )


def object_in(file: Path) -> dict[str, Any]:
    """The JSON object of a file; empty where there is no such file."""
    if not file.is_file():
        return {}
    try:
        return dict(json.loads(file.read_text()))
    except (ValueError, TypeError) as error:
        raise BrokenCheckpoint(f"{file} is no JSON object ({error}): fetch the file again") from None


@contextmanager
def retold(folder: Path, what: str, refusal: type[ModelError]) -> Iterator[None]:
    """Any error of transformers inside becomes a refusal that names the folder and what was being done."""
    try:
        yield
    except (ModelError, MemoryError, torch.OutOfMemoryError):
        raise
    # Foreign files can make transformers raise whatever Python has: that is a finding about the folder.
    except Exception as error:
        said = " ".join(str(error).split())[:300]
        raise refusal(f"{folder}: {what} failed ({type(error).__name__}: {said})") from error


def _refuse_code(folder: Path) -> None:
    for name in WITH_CODE:
        if "auto_map" in object_in(folder / name):
            raise UnsupportedCheckpoint(
                f"{folder / name} names code of its own (auto_map), which is never run: "
                "use a version of the model that transformers loads by itself"
            )


def _refuse_other_kinds(file: Path, config: dict[str, Any]) -> None:
    kind = str(config.get("model_type", ""))
    if kind not in CONFIG_MAPPING:
        raise UnsupportedCheckpoint(
            f"{file}: model_type {kind!r} is unknown to the installed transformers: a newer one may know it"
        )
    if kind not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES:
        raise UnsupportedCheckpoint(f"{file}: model_type {kind!r} does not read images and write text")
    if config.get("is_encoder_decoder"):
        raise UnsupportedCheckpoint(
            f"{file}: is_encoder_decoder: only decoders that read the photograph in their prompt are served"
        )
    if "quantization_config" in config:
        raise UnsupportedCheckpoint(
            f"{file}: quantization_config: quantised weights are not loaded; use the float version"
        )
