"""Imports an original checkpoint: a folder that transformers' Auto classes load, giving the same numbers.

`import_report.json` in it says what was used, and is how `vlm.load` knows that the folder is an imported one.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import GenerationConfig, LlavaProcessor
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.utils import logging

from vlm.errors import ModelError
from vlm.llava.checkpoint import Checkpoint, load_checkpoint
from vlm.llava.replacing import replacing
from vlm.llava.templates import chat_template
from vlm.llava.tokenizer import with_image_piece
from vlm.provenance_files import REPORT, files_of
from vlm.weights import sha256_of

SHARD = "4GB"
PREPARING = ("crop_size", "do_center_crop", "do_convert_rgb", "do_normalize", "do_rescale", "do_resize",
             "image_mean", "image_std", "resample", "rescale_factor", "size")  # fmt: skip


def import_checkpoint(
    source: Path,
    target: Path,
    *,
    base: Path | None = None,
    vision_tower: Path | None = None,
    dtype: torch.dtype | None = None,
    template: str = "",
    force: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Write `target` and return its report. `dtype` None keeps the precision of the files.

    `target` comes into being whole or not at all; one that exists is refused, or replaced with `force`.
    Raises `ModelError`: for the source as `load_checkpoint` does, else naming what could not be written.
    """
    _refuse_target(target, [path for path in (source, base, vision_tower) if path], force)
    say(f"reading {source}")
    checkpoint = load_checkpoint(source, base=base, vision_tower=vision_tower, dtype=dtype, template=template)
    _refuse_target(target, list(checkpoint.folders), force)
    say("hashing the source")
    report = _report(checkpoint)
    with replacing(target) as folder:
        say(f"writing {target}")
        _write(checkpoint, folder)
        report["sha256"] = {file.name: file.sha256 for file in files_of(folder)}
        (folder / REPORT).write_text(json.dumps(report, indent=2) + "\n")
    return report


def _refuse_target(target: Path, sources: list[Path], force: bool) -> None:
    if (target.exists() or target.is_symlink()) and not force:
        raise ModelError(f"{target} exists: choose another folder, or replace it with --force")
    if target.exists() and not target.is_dir():
        raise ModelError(f"{target} is no folder and is not replaced: choose another name")
    whole = target.resolve()
    for source in sources:
        if whole == source.resolve() or whole in source.resolve().parents:
            raise ModelError(f"{target} holds {source}, which is read: choose another folder")


def _write(checkpoint: Checkpoint, folder: Path) -> None:
    network: Any = checkpoint.network
    ends = int(checkpoint.tokenizer.eos_token_id)
    network.generation_config = GenerationConfig(
        bos_token_id=int(checkpoint.tokenizer.bos_token_id),
        eos_token_id=ends,
        pad_token_id=ends,
        # Its row is zero and can win where all other logits are negative.
        suppress_tokens=[checkpoint.image],
    )
    logging.disable_progress_bar()
    network.save_pretrained(folder, max_shard_size=SHARD)
    _processor(checkpoint).save_pretrained(folder)


def _processor(checkpoint: Checkpoint) -> LlavaProcessor:
    config: Any = checkpoint.network.config
    kept = {name: value for name, value in checkpoint.images.to_dict().items() if name in PREPARING}
    return LlavaProcessor(
        image_processor=LlavaImageProcessorPil(**(kept | {"do_pad": checkpoint.way == "pad"})),
        tokenizer=with_image_piece(checkpoint.tokenizer, checkpoint.image),
        patch_size=config.vision_config.patch_size,
        vision_feature_select_strategy=config.vision_feature_select_strategy,
        num_additional_image_tokens=1,
        chat_template=chat_template(checkpoint.template),
    )


def _report(checkpoint: Checkpoint) -> dict[str, Any]:
    network: Any = checkpoint.network
    return {
        "source": [
            {"folder": folder.resolve().name, "sha256": _hashes(folder)} for folder in checkpoint.folders
        ],
        "vision_weights": checkpoint.vision_weights,
        "dtype": {
            "language_model": str(network.lm_head.weight.dtype).removeprefix("torch."),
            "vision_tower": str(network.model.vision_tower.dtype).removeprefix("torch."),
        },
        "tensors": asdict(checkpoint.used) if checkpoint.used else {},
        "template": checkpoint.template,
        "photographs": checkpoint.way,
        "image_token": checkpoint.image,
        "transformers": transformers.__version__,
        "original": checkpoint.original,
    }


def _hashes(folder: Path) -> dict[str, str]:
    """Of weights, configuration and tokenizer; other files of the folder are not read."""
    read = (".safetensors", ".bin", ".json", ".model")
    return {
        file.name: sha256_of(file)
        for file in sorted(folder.iterdir())
        if file.is_file() and file.suffix in read
    }
