"""How the parts of the recipe are run: by the same Trainer as every stage, with one set of habits."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training.bundled.plan import Plan, Steps
from training.config import Running
from training.photographs import Photographs
from training.running.files import write_whole

NO_CHECKPOINT_BY_COUNT = 10**9


def running(plan: Plan, steps: Steps, seed: int, data: Path, *, half: bool = False) -> Running:
    """The settings of one part; `half`: in half precision where that is faster."""
    precision, device = _half() if half else ("float32", "auto")
    return Running(
        data=data,
        seed=seed,
        steps=steps.steps,
        batch=steps.batch,
        learning_rate=steps.learning_rate,
        weight_decay=steps.weight_decay,
        clip_gradients=2.0,
        precision=precision,
        device=device,
        moving_average=plan.average,
        checkpoint_steps=NO_CHECKPOINT_BY_COUNT,
        checkpoint_minutes=steps.checkpoint_minutes,
    )


def _half() -> tuple[Literal["float32", "bfloat16"], Literal["auto", "cpu"]]:
    if torch.cuda.is_available():
        return "bfloat16", "auto"
    # Where a processor does not multiply in it, it is slower.
    return "bfloat16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "float32", "cpu"


def once(file: Path, make: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
    """What was made before is read from its file, so that a stopped run does not make it again."""
    if not file.is_file():
        made = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, lambda part: save_file(made, part))
    return load_file(file)


def fingerprint(photographs: Photographs) -> str:
    """SHA-256 of what the photographs show and are called: a run goes on with the same ones only."""
    digest = hashlib.sha256(photographs.pixels.tobytes())
    digest.update(photographs.labels.tobytes())
    return digest.hexdigest()


def generator(chance: torch.Generator | None) -> torch.Generator:
    """The draw's own; a fixed one for a plain look."""
    return chance or torch.Generator().manual_seed(0)
