"""Compares a loaded checkpoint with numbers that the original code gave for it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from vlm.errors import BrokenCheckpoint
from vlm.llava.checkpoint import Checkpoint
from vlm.llava.preprocessing import pixels
from vlm.llava.shards import read
from vlm.llava.templates import TEMPLATES, prompt
from vlm.llava.tokenizer import prompt_ids

IMAGE_IN_RECORD = -200
FEATURES, LOGITS = 1e-5, 1e-4


@dataclass(frozen=True)
class Check:
    """One comparison: `difference` is the largest one, or 0 or 1 where only equality counts."""

    name: str
    difference: float
    allowed: float = 0.0

    @property
    def met(self) -> bool:
        """Whether it is within what is allowed; never for a NaN."""
        return self.difference <= self.allowed


class BadRecord(Exception):
    """What is expected cannot be read; the text names the file and what is wrong with it."""


def checks(checkpoint: Checkpoint, expected: Path, images: Path, beams: bool = False) -> Iterator[Check]:
    """Every check of the recorded cases, in their order; beam search only with `beams`.

    Raises `BadRecord` for a file that is missing, or not of the recorded form.
    """
    try:
        yield from _checks(checkpoint, expected, images, beams)
    except (KeyError, TypeError, ValueError, OSError, BrokenCheckpoint) as error:
        raise BadRecord(f"{expected}: not as recorded: {type(error).__name__}: {error}") from error


def _checks(checkpoint: Checkpoint, expected: Path, images: Path, beams: bool) -> Iterator[Check]:
    numbers = read(expected.with_suffix(".safetensors"))
    cases = json.loads(expected.read_text())["cases"]
    if not cases:
        raise ValueError("it has no cases")
    for case in cases:
        name = case["case"]
        recorded = [
            token
            for one in case["input_ids"]
            for token in ([checkpoint.image] * checkpoint.places if one == IMAGE_IN_RECORD else [one])
        ]
        ids = prompt_ids(checkpoint.tokenizer, case["prompt"], checkpoint.image, checkpoint.places)
        if case.get("mode") in TEMPLATES:
            yield Check(
                f"{name} prompt text", float(prompt(case["question"], case["mode"]) != case["prompt"])
            )
        yield Check(f"{name} token ids", float(ids != recorded))
        with Image.open(images / case["image"]) as image:
            for way in ("seed", "pad"):
                yield from _fed(
                    checkpoint,
                    f"{name}.{way}",
                    ids,
                    pixels(checkpoint.images, image, way),
                    case[way],
                    numbers,
                    {"greedy": 1, "beam5": 5} if beams else {"greedy": 1},
                )


@torch.inference_mode()
def _fed(
    checkpoint: Checkpoint,
    name: str,
    ids: list[int],
    fed: Tensor,
    case: dict[str, Any],
    numbers: dict[str, Tensor],
    searches: dict[str, int],
) -> Iterator[Check]:
    network: Any = checkpoint.network
    tokens = torch.tensor([ids])
    yield Check(f"{name} positions", float(abs(len(ids) - case["n_positions"])))
    yield Check(f"{name} pixels", _apart(fed[0], numbers[f"{name}.pixel_values"]))
    features = network.get_image_features(pixel_values=fed).pooler_output[0]
    yield Check(f"{name} features", _apart(features, numbers[f"{name}.image_features"]), FEATURES)
    logits = network(input_ids=tokens, pixel_values=fed).logits[0, :, : checkpoint.image]
    yield Check(f"{name} logits", _apart(logits[-1], numbers[f"{name}.last_logits"]), LOGITS)
    head = numbers[f"{name}.all_logits_head"]
    yield Check(f"{name} logits of all positions", _apart(logits[:, : head.shape[1]], head), LOGITS)
    for kind, beams in searches.items():
        recorded = case[f"{kind}_ids"]
        written = _written(checkpoint, tokens, fed, len(recorded), beams)
        yield Check(f"{name} {kind} ids", float(written != _without_begin(checkpoint, recorded)))


def _written(checkpoint: Checkpoint, tokens: Tensor, fed: Tensor, recorded: int, beams: int) -> list[int]:
    network: Any = checkpoint.network
    out = network.generate(
        input_ids=tokens,
        pixel_values=fed,
        attention_mask=torch.ones_like(tokens),
        do_sample=False,
        num_beams=beams,
        max_new_tokens=max(16, recorded - 1),
        pad_token_id=0,
        suppress_tokens=[checkpoint.image],
    )
    return [int(token) for token in out[0, tokens.shape[1] :]]


def _without_begin(checkpoint: Checkpoint, ids: list[int]) -> list[int]:
    """The original writes the token that begins a text before those that were generated."""
    return ids[1:] if ids[:1] == [checkpoint.tokenizer.bos_token_id] else ids


def _apart(ours: Tensor, theirs: Tensor) -> float:
    if ours.shape != theirs.shape:
        return float("inf")
    return float((ours.float() - theirs.float()).abs().max())
