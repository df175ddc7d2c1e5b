"""Tiny random MpoxVLMs whose towers read pictures of different sizes, and rows for them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import CLIPVisionConfig, LlamaConfig, ViTConfig

from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.configuration import MpoxVLMConfig

WORDS, IMAGE = 64, 64
LABELS = 5


def clip_config(**changed: Any) -> CLIPVisionConfig:
    """A grid of 4 x 4 patches."""
    return CLIPVisionConfig(
        **{"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2,
           "image_size": 56, "patch_size": 14, "projection_dim": 8} | changed
    )  # fmt: skip


def lesion_config(**changed: Any) -> ViTConfig:
    """A grid of 3 x 3 patches."""
    return ViTConfig(
        **{"hidden_size": 24, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
           "image_size": 48, "patch_size": 16, "num_labels": LABELS} | changed
    )  # fmt: skip


def text_config(**changed: Any) -> LlamaConfig:
    return LlamaConfig(
        **{"vocab_size": WORDS + 1, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
           "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256,
           "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2} | changed
    )  # fmt: skip


def config(**changed: Any) -> MpoxVLMConfig:
    return MpoxVLMConfig(
        **{"vision_config": clip_config(), "lesion_config": lesion_config(), "text_config": text_config(),
           "image_token_index": IMAGE, "lesion_prompt_tokens": 2} | changed
    )  # fmt: skip


def network(**changed: Any) -> MpoxVLMForConditionalGeneration:
    """Weights far enough from zero that pictures change what is said."""
    torch.manual_seed(0)
    made = MpoxVLMForConditionalGeneration(config(**changed)).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.15 * torch.randn_like(parameter))
    return made


@dataclass(frozen=True)
class Rows:
    """Rows of words behind a picture's places, left-padded: all that forward takes."""

    ids: Tensor
    attention: Tensor
    pixels: Tensor
    lesion_pixels: Tensor

    @property
    def inputs(self) -> dict[str, Tensor]:
        return {
            "input_ids": self.ids,
            "attention_mask": self.attention,
            "position_ids": (self.attention.cumsum(-1) - 1).clamp(min=0),
            "pixel_values": self.pixels,
            "lesion_pixel_values": self.lesion_pixels,
        }

    @property
    def prompts(self) -> dict[str, Tensor]:
        """The same for `generate`, which counts positions itself."""
        return {name: value for name, value in self.inputs.items() if name != "position_ids"}

    def alone(self, number: int) -> "Rows":
        """One row without its padding."""
        kept = self.attention[number].bool()
        one = slice(number, number + 1)
        return Rows(self.ids[one, kept], self.attention[one, kept], self.pixels[one], self.lesion_pixels[one])


def rows(config: MpoxVLMConfig, lengths: tuple[int, ...] = (5, 11, 8), words: int = WORDS) -> Rows:
    """A row for each length, each with its own picture; `words`: ids from 3 to below it are drawn."""
    chance = torch.Generator().manual_seed(1)
    longest = max(lengths)
    ids = torch.randint(3, words, (len(lengths), longest), generator=chance)
    places = torch.full((len(lengths), config.image_seq_length), config.image_token_index)
    ids = torch.cat([places, ids], dim=1)
    attention = torch.ones_like(ids)
    for number, length in enumerate(lengths):
        padding = longest - length
        ids[number] = torch.cat(
            [torch.zeros(padding, dtype=ids.dtype), ids[number, : ids.shape[1] - padding]]
        )
        attention[number, :padding] = 0
    clip, lesion = config.vision_config.image_size, config.lesion_config.image_size
    return Rows(
        ids,
        attention,
        torch.randn(len(lengths), 3, clip, clip, generator=chance),
        torch.randn(len(lengths), 3, lesion, lesion, generator=chance),
    )
