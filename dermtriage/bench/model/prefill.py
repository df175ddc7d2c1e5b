"""What share of the device's matrix rate reading prompts reaches, both measured in the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from transformers import LlavaForConditionalGeneration

from dermtriage.bench.model.flops import matrix_flops_per_s, prefill_flops, seconds_of
from dermtriage.bench.model.shown import presentations
from dermtriage.bench.model.subjects import Subject
from dermtriage.bench.shape import Measured


@dataclass(frozen=True)
class Prompts:
    """Rows of one length, so that no padding is counted: ids and mask (B, L), pictures by argument."""

    ids: Tensor
    attention: Tensor
    pictures: dict[str, Tensor]


def measure_prefill(subject: Subject, batches: Sequence[int]) -> Measured:
    """The best batch's operations a second over those of a large product of matrices."""
    network = subject.backend.network
    assert isinstance(network, LlavaForConditionalGeneration)  # noqa: S101 - `counts_prefill` says so
    rate = matrix_flops_per_s(network.device, network.dtype)
    reached = {}
    for size in batches:
        prompts = prompts_of(subject, size)
        operations = size * prefill_flops(network, prompts.ids.shape[1]).total
        reached[size] = operations / seconds_of(partial(_read, subject, prompts), network.device)
    best = max(reached, key=lambda size: reached[size])
    figures = {f"batch_{size}_tflops": round(speed / 1e12, 4) for size, speed in reached.items()}
    return Measured(reached[best] / rate, {"best_batch": best, "matrix_tflops": rate / 1e12, **figures})


def prompts_of(subject: Subject, size: int) -> Prompts:
    """So many different photographs with the prompt of the first one's case."""
    shown = presentations(size)
    rows = [subject.backend.rows(case.images, shown[0].clinical)[0] for case in shown]
    device = subject.backend.network.device
    ids = torch.tensor([row.ids for row in rows], device=device)
    pictures = {name: torch.cat([row.pictures[name] for row in rows]).to(device) for name in rows[0].pictures}
    return Prompts(ids, torch.ones_like(ids), pictures)


@torch.inference_mode()
def _read(subject: Subject, prompts: Prompts) -> None:
    subject.backend.prefill(prompts.ids, prompts.attention, prompts.pictures)
