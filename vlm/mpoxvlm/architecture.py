"""The network of MpoxVLM on transformers' own classes. Knows nothing of prompts, conditions or photographs.

Shapes: B pictures, P patches, Vc and Vl widths of the two towers, K labels, T width of the decoder,
N = image_seq_length image tokens per picture.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    LlavaForConditionalGeneration,
    LlavaModel,
    ViTForImageClassification,
)
from transformers.modeling_outputs import BaseModelOutputWithPooling

from vlm.mpoxvlm.configuration import MpoxVLMConfig


@dataclass(frozen=True)
class TowerViews:
    """What both towers make of B pictures: patches (B, P, Vc + Vl), class token (B, Vl), logits (B, K)."""

    patches: Tensor
    lesion_token: Tensor
    lesion_logits: Tensor


class MpoxVLMModel(LlavaModel):
    """LLaVA whose image tokens come from a CLIP tower and a lesion classifier together."""

    config_class = MpoxVLMConfig

    def __init__(self, config: MpoxVLMConfig) -> None:
        super().__init__(config)
        lesion_width, width = config.lesion_config.hidden_size, config.text_config.hidden_size
        self.lesion_classifier = ViTForImageClassification._from_config(config.lesion_config)
        self.multi_modal_projector.linear_1 = nn.Linear(
            config.vision_config.hidden_size + lesion_width, width, bias=config.multimodal_projector_bias
        )
        self.lesion_projector = nn.Linear(
            lesion_width + config.lesion_config.num_labels, width * config.lesion_prompt_tokens
        )
        self.post_init()

    def view(self, pixel_values: Tensor) -> TowerViews:
        """Run both towers on (B, 3, S, S)."""
        clip = self.vision_tower(pixel_values, output_hidden_states=True)
        lesion = self.lesion_classifier.vit(pixel_values).last_hidden_state
        clip_patches = clip.hidden_states[self.config.vision_feature_layer][:, 1:]
        return TowerViews(
            patches=torch.cat([clip_patches, lesion[:, 1:]], dim=-1),
            lesion_token=lesion[:, 0],
            lesion_logits=self.lesion_classifier.classifier(lesion[:, 0]),
        )

    def fuse(self, views: TowerViews) -> Tensor:
        """Image tokens (B, N, T): pooled fused patches, then the soft prompt."""
        patches = self.multi_modal_projector(_pooled(views.patches, self.config.patch_pooling))
        prompt = self.lesion_projector(torch.cat([views.lesion_token, views.lesion_logits], dim=-1))
        return torch.cat([patches, prompt.view(len(patches), -1, patches.shape[-1])], dim=1)

    def get_image_features(self, pixel_values: Tensor, **_: Any) -> BaseModelOutputWithPooling:
        """LLaVA's hook: the image tokens of each picture as `pooler_output`."""
        return image_outputs(self.fuse(self.view(pixel_values)))


class MpoxVLMForConditionalGeneration(LlavaForConditionalGeneration):
    """The model with its language head; `generate`, `save_pretrained` and `from_pretrained` as in LLaVA."""

    config: MpoxVLMConfig
    config_class = MpoxVLMConfig

    def __init__(self, config: MpoxVLMConfig) -> None:
        super().__init__(config)
        self.model = MpoxVLMModel(config)
        self.post_init()


def image_outputs(image_tokens: Tensor) -> BaseModelOutputWithPooling:
    """Image tokens (B, N, T) in the form that LLaVA's forward takes as `mm_encoder_outputs['image']`."""
    # LLaVA concatenates a list here, though the class says tensor.
    return BaseModelOutputWithPooling(pooler_output=list(image_tokens))  # type: ignore[arg-type]


def _pooled(patches: Tensor, factor: int) -> Tensor:
    """(B, P, V) to (B, P / factor^2, V): the mean of neighbouring patches."""
    count, number, width = patches.shape
    grid = round(number**0.5)
    square = patches.transpose(1, 2).reshape(count, width, grid, grid)
    return functional.avg_pool2d(square, factor).flatten(2).transpose(1, 2)


AutoConfig.register("mpoxvlm", MpoxVLMConfig)
AutoModelForImageTextToText.register(MpoxVLMConfig, MpoxVLMForConditionalGeneration)
