"""Loads a folder that the import of an original checkpoint wrote, as the checkpoint itself is loaded."""

import json
from pathlib import Path
from typing import Any, cast

import torch
from transformers import LlavaForConditionalGeneration

import vlm.llava.architecture  # noqa: F401 - registers its configuration
from vlm.errors import BrokenCheckpoint
from vlm.llava.checkpoint import Checkpoint
from vlm.llava.templates import TEMPLATES
from vlm.provenance_files import REPORT
from vlm.standard.loading import network_of, processor_of
from vlm.standard.refusing import object_in


def is_imported(folder: Path) -> bool:
    """Whether an import wrote the folder; one of this package's own model type counts without a report."""
    return (folder / REPORT).is_file() or "vision_config" in object_in(folder / "config.json")


def load_imported(folder: Path, dtype: torch.dtype, template: str = "") -> Checkpoint:
    """The checkpoint of an imported folder, on the CPU. Raises `BrokenCheckpoint`."""
    report = _report(folder / REPORT)
    network, unused = network_of(folder, dtype)
    if unused:
        raise BrokenCheckpoint(f"{folder} holds {unused} unexpected tensors: import the checkpoint again")
    processor: Any = processor_of(folder)
    return Checkpoint(
        network=cast(LlavaForConditionalGeneration, network),
        tokenizer=processor.tokenizer,
        images=processor.image_processor,
        original=dict(report["original"]),
        template=template or str(report["template"]),
        vision_weights=str(report["vision_weights"]),
        folders=(folder,),
    )


def _report(file: Path) -> dict[str, Any]:
    try:
        report = dict(json.loads(file.read_text()))
    except FileNotFoundError:
        raise BrokenCheckpoint(f"{file} is missing: import the checkpoint again") from None
    except (ValueError, TypeError) as error:
        raise BrokenCheckpoint(f"{file} is no JSON object ({error}): import the checkpoint again") from None
    if lacking := sorted({"original", "template", "vision_weights"} - report.keys()):
        raise BrokenCheckpoint(f"{file} lacks {', '.join(lacking)}: import the checkpoint again")
    if report["template"] not in TEMPLATES:
        raise BrokenCheckpoint(f"{file}: template {report['template']!r} is unknown: import it again")
    return report
