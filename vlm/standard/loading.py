"""Network and processor of a folder, from local files alone and without running code of theirs."""

from pathlib import Path
from typing import Any, cast

import torch
from transformers import AutoConfig, AutoModelForImageTextToText, PreTrainedModel, ProcessorMixin
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING, processor_class_from_name
from transformers.utils import logging

from vlm.errors import BrokenCheckpoint, UnsupportedCheckpoint
from vlm.standard.refusing import PROCESSING, object_in, retold

LOCAL = {"local_files_only": True, "trust_remote_code": False}


def network_of(folder: Path, dtype: torch.dtype) -> tuple[PreTrainedModel, int]:
    """The network in evaluation mode on the CPU, and how many weights of the files it has no place for.

    Raises `BrokenCheckpoint` where weights are missing, cut short, unsafe, or of another shape.
    """
    logging.disable_progress_bar()
    with retold(folder, "reading the weights", BrokenCheckpoint):
        loaded: Any = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=dtype, output_loading_info=True, **LOCAL
        )
        network, report = loaded
    if missing := sorted(report["missing_keys"]):
        raise BrokenCheckpoint(
            f"{folder} lacks {len(missing)} weights, {missing[0]!r} among them: fetch all files again"
        )
    return cast(PreTrainedModel, network.eval()), len(report["unexpected_keys"])


def processor_of(folder: Path) -> ProcessorMixin:
    """The processor without its part for videos, which would need torchvision.

    Raises `UnsupportedCheckpoint` where there is none, or it needs a package that is not installed.
    """
    with retold(folder, "loading the processor", UnsupportedCheckpoint):
        kind = _without_videos(_processor_class(folder))
        return cast(ProcessorMixin, kind.from_pretrained(folder, **LOCAL))


def _processor_class(folder: Path) -> Any:
    """The class that the folder's files name, else the one that belongs to the configuration."""
    for file in (*PROCESSING, "tokenizer_config.json"):
        if name := object_in(folder / file).get("processor_class"):
            return processor_class_from_name(name)
    config = AutoConfig.from_pretrained(folder, **LOCAL)
    return PROCESSOR_MAPPING[type(config)]


def _without_videos(kind: Any) -> Any:
    class ForPhotographs(kind):  # type: ignore[misc]
        @classmethod
        def get_attributes(cls) -> list[str]:
            return [name for name in super().get_attributes() if name != "video_processor"]

    ForPhotographs.__name__ = kind.__name__
    return ForPhotographs
