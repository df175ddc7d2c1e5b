"""How many floating-point operations reading a prompt takes, and how many a second the device can do at best.

A prefill costs 2 operations for each weight of a matrix and each position that passes it, and attention on
top: in a layer of width D over P positions, scores and sums are two products of 2 P^2 D operations each. In
the decoder a position looks at half of them on average, since none looks ahead, so half of that is counted.
Norms, activations and embeddings are left out: they are no matrix products.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import torch
from torch import nn
from transformers import LlavaForConditionalGeneration

WARM_UP, RUNS = 3, 10
# Large enough that a GPU is bound by its matrix units; a CPU would take minutes.
SIDE_ON_GPU, SIDE_ON_CPU = 8192, 768


@dataclass(frozen=True)
class PrefillFlops:
    """Operations to read one prompt with one picture: of matrices, and of attention looking both ways."""

    matrices: int
    tower_attention: int
    decoder_attention: int

    @property
    def total(self) -> int:
        """What has to be computed: the decoder's attention looks back only."""
        return self.matrices + self.tower_attention + self.decoder_attention // 2


def prefill_flops(network: LlavaForConditionalGeneration, tokens: int) -> PrefillFlops:
    """For a prompt of so many tokens, the picture's included; logits are computed for its last one only."""
    model = network.model
    vision: Any = network.config.vision_config
    text: Any = network.config.text_config
    patches = (vision.image_size // vision.patch_size) ** 2
    tower = model.vision_tower
    convolution = sum(m.weight.numel() for m in tower.modules() if isinstance(m, nn.Conv2d))
    weighed = (
        convolution * patches
        + _weights(tower) * (patches + 1)
        + _weights(model.multi_modal_projector) * patches
        + _weights(model.language_model) * tokens
        + network.lm_head.weight.numel()
    )
    decoder_width = text.num_attention_heads * text.head_dim
    return PrefillFlops(
        matrices=2 * weighed,
        tower_attention=4 * vision.num_hidden_layers * (patches + 1) ** 2 * vision.hidden_size,
        decoder_attention=4 * text.num_hidden_layers * tokens**2 * decoder_width,
    )


def _weights(module: nn.Module) -> int:
    return sum(part.weight.numel() for part in module.modules() if isinstance(part, nn.Linear))


def matrix_flops_per_s(device: torch.device, dtype: torch.dtype) -> float:
    """What a product of two large square matrices reaches on this device: its rate at best."""
    side = SIDE_ON_GPU if device.type == "cuda" else SIDE_ON_CPU
    left, right = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    return 2 * side**3 / seconds_of(lambda: torch.matmul(left, right), device)


def seconds_of(compute: Callable[[], object], device: torch.device) -> float:
    """The median time of `compute`, its last operation on the device included."""
    for _ in range(WARM_UP):
        compute()
    return median(_once(compute, device) for _ in range(RUNS))


def _once(compute: Callable[[], object], device: torch.device) -> float:
    wait_for(device)
    started = perf_counter()
    compute()
    wait_for(device)
    return perf_counter() - started


def wait_for(device: torch.device) -> None:
    """Until the device has done what was asked of it; a GPU works behind the program's back."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
