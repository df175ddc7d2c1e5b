"""The network of MpoxVLM on transformers' own classes. Knows nothing of prompts, conditions or photographs.

Shapes: B pictures, S and Sl the sides of the towers' pictures, P CLIP's patches, Vc and Vl widths of the two
towers, K labels, T width of the decoder, N = image_seq_length image tokens per picture.
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
from transformers.models.llava.modeling_llava import LlavaCausalLMOutputWithPast
from transformers.utils.generic import can_return_tuple

from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.grids import on_grid_of, pooled
from vlm.mpoxvlm.lesion import LesionCommittee, Look
from vlm.mpoxvlm.lesion_config import LesionViTConfig


@dataclass(frozen=True)
class TowerViews:
    """What both towers make of B pictures: patches (B, P, Vc + Vl), class token (B, Vl), logits (B, K)."""

    patches: Tensor
    lesion_token: Tensor
    lesion_logits: Tensor


# Below this a condition is out of the question; how far does not matter to the decoder.
LEAST_LOG_PROBABILITY = -9.0


@dataclass
class MpoxVLMImageOutputs(BaseModelOutputWithPooling):
    """`pooler_output`: the image tokens (N, T) of each picture. `lesion_logits` (B, K) where known."""

    lesion_logits: Tensor | None = None


@dataclass
class MpoxVLMOutput(LlavaCausalLMOutputWithPast):
    """LLaVA's output and `lesion_logits` (B, K), None where no picture was given."""

    lesion_logits: Tensor | None = None


class MpoxVLMModel(LlavaModel):
    """LLaVA whose image tokens come from a CLIP tower and a lesion classifier together."""

    config_class = MpoxVLMConfig

    def __init__(self, config: MpoxVLMConfig) -> None:
        super().__init__(config)
        joined = config.lesion_config.hidden_size if config.lesion_joins == "all" else 0
        width, labels = config.text_config.hidden_size, config.lesion_config.num_labels
        self.lesion_classifier = classifier_class(config)._from_config(config.lesion_config)
        self.multi_modal_projector.linear_1 = nn.Linear(
            config.vision_config.hidden_size + joined, width, bias=config.multimodal_projector_bias
        )
        self.lesion_projector = (
            nn.Linear(joined + labels, width * config.lesion_prompt_tokens)
            if config.lesion_joins == "all"
            else told_probabilities(labels, width, config.lesion_prompt_tokens)
        )
        self.post_init()

    def view(self, pixel_values: Tensor, lesion_pixel_values: Tensor | None = None) -> TowerViews:
        """Run the CLIP tower on (B, 3, S, S), the lesion tower on (B, 3, Sl, Sl), or else on the same.

        Raises `ValueError` where the towers' sizes differ and the lesion tower's pictures are missing.
        """
        if lesion_pixel_values is None:
            lesion_pixel_values = self._for_both(pixel_values)
        clip = self.vision_tower(pixel_values, output_hidden_states=True)
        lesion = looked(self.lesion_classifier, lesion_pixel_values)
        patches = clip.hidden_states[self.config.vision_feature_layer][:, 1:]
        if self.config.lesion_joins == "all":
            patches = torch.cat([patches, on_grid_of(patches, lesion.patches)], dim=-1)
        return TowerViews(patches=patches, lesion_token=lesion.token, lesion_logits=lesion.logits)

    def _for_both(self, pixel_values: Tensor) -> Tensor:
        config: Any = self.config
        clip, lesion = config.vision_config.image_size, config.lesion_config.image_size
        if clip == lesion:
            return pixel_values
        raise ValueError(
            f"the towers read pictures of {clip} and {lesion} pixels: give lesion_pixel_values "
            f"(B, 3, {lesion}, {lesion}) beside pixel_values"
        )

    def fuse(self, views: TowerViews) -> Tensor:
        """Image tokens (B, N, T): pooled fused patches, then the soft prompt."""
        patches = self.multi_modal_projector(pooled(views.patches, self.config.patch_pooling))
        if self.config.lesion_joins == "all":
            told = torch.cat([views.lesion_token, views.lesion_logits], dim=-1)
        else:
            told = views.lesion_logits.log_softmax(-1).clamp(min=LEAST_LOG_PROBABILITY)
        prompt = self.lesion_projector(told)
        return torch.cat([patches, prompt.view(len(patches), -1, patches.shape[-1])], dim=1)

    # `generate` calls this once before the prefill with the pictures its signature names, and drops them.
    def get_image_features(
        self, pixel_values: Tensor, lesion_pixel_values: Tensor | None = None, **_: Any
    ) -> MpoxVLMImageOutputs:
        """LLaVA's hook: the image tokens of each picture, and what the lesion tower says of it."""
        views = self.view(pixel_values, lesion_pixel_values)
        return image_outputs(self.fuse(views), views.lesion_logits)

    def forward(
        self,
        *args: Any,
        pixel_values: Tensor | None = None,
        lesion_pixel_values: Tensor | None = None,
        mm_encoder_outputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """LLaVA's, with pictures for the lesion tower; all but `input_ids` is given by name."""
        given = self.pictures(pixel_values, lesion_pixel_values, mm_encoder_outputs)
        return super().forward(*args, mm_encoder_outputs=given, **kwargs)

    def pictures(
        self,
        pixel_values: Tensor | None,
        lesion_pixel_values: Tensor | None,
        mm_encoder_outputs: dict[str, Any] | None,
    ) -> dict[str, Any] | None:
        """What the towers make of the pictures, or made of them before; `ValueError` where both are given."""
        if pixel_values is None and lesion_pixel_values is None:
            return mm_encoder_outputs
        if pixel_values is None:
            raise ValueError("lesion_pixel_values without pixel_values: give the pictures of both towers")
        if mm_encoder_outputs:
            raise ValueError("pixel_values and mm_encoder_outputs both bring pictures: give one of them")
        return {"image": self.get_image_features(pixel_values, lesion_pixel_values)}


class MpoxVLMForConditionalGeneration(LlavaForConditionalGeneration):
    """The model with its language head; `generate`, `save_pretrained` and `from_pretrained` as in LLaVA."""

    config: MpoxVLMConfig
    config_class = MpoxVLMConfig

    def __init__(self, config: MpoxVLMConfig) -> None:
        super().__init__(config)
        self.model = MpoxVLMModel(config)
        self.post_init()

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor | None = None,
        pixel_values: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Any = None,
        inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        logits_to_keep: int | Tensor = 0,
        mm_encoder_outputs: dict[str, Any] | None = None,
        lesion_pixel_values: Tensor | None = None,
        lesion_labels: Tensor | None = None,
        **kwargs: Any,
    ) -> MpoxVLMOutput:
        """LLaVA's, and: `lesion_pixel_values` (B, 3, Sl, Sl), needed where the towers' sizes differ.

        `lesion_labels` (B): the right label of each picture, -100 where none is known. `loss` is the sum of
        the language loss over `labels` and the lesion loss, of those that were given. Raises `ValueError`
        where pictures are missing or given twice.
        """
        given = self.model.pictures(pixel_values, lesion_pixel_values, mm_encoder_outputs)
        output = super().forward(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            labels=labels,
            logits_to_keep=logits_to_keep,
            mm_encoder_outputs=given,
            return_dict=True,
            **kwargs,
        )
        logits = getattr((given or {}).get("image"), "lesion_logits", None)
        result = MpoxVLMOutput(**output, lesion_logits=logits)
        if lesion_labels is not None:
            loss = _lesion_loss(logits, lesion_labels)
            result.loss = loss if result.loss is None else result.loss + loss
        return result


def classifier_class(config: MpoxVLMConfig) -> type[ViTForImageClassification]:
    """A plain ViT, or a committee of members with stems: as the configuration's `model_type` says."""
    return LesionCommittee if isinstance(config.lesion_config, LesionViTConfig) else ViTForImageClassification


def looked(classifier: ViTForImageClassification, pixel_values: Tensor) -> Look:
    """What either kind of classifier makes of pictures (B, 3, S, S)."""
    if isinstance(classifier, LesionCommittee):
        return classifier.look(pixel_values)
    seen = classifier.vit(pixel_values).last_hidden_state
    return Look(seen[:, 1:], seen[:, 0], classifier.classifier(seen[:, 0]))


def told_probabilities(labels: int, width: int, tokens: int) -> nn.Sequential:
    """From log-probabilities (B, K) to soft-prompt tokens: bent once, for the decoder forgets lengths."""
    return nn.Sequential(nn.Linear(labels, width), nn.GELU(), nn.Linear(width, width * tokens))


def image_outputs(image_tokens: Tensor, lesion_logits: Tensor | None = None) -> MpoxVLMImageOutputs:
    """Image tokens (B, N, T) in the form that LLaVA's forward takes as `mm_encoder_outputs['image']`."""
    # LLaVA concatenates a list here, though the class says tensor.
    return MpoxVLMImageOutputs(
        pooler_output=list(image_tokens),  # type: ignore[arg-type]
        lesion_logits=lesion_logits,
    )


def _lesion_loss(logits: Tensor | None, labels: Tensor) -> Tensor:
    """Mean cross entropy over the pictures whose label is known; 0 where none is."""
    if logits is None:
        raise ValueError("lesion_labels without pictures: give pixel_values")
    labels = labels.to(logits.device)
    summed = functional.cross_entropy(logits.float(), labels, ignore_index=-100, reduction="sum")
    return summed / (labels != -100).sum().clamp(min=1)


AutoConfig.register("mpoxvlm", MpoxVLMConfig)
AutoModelForImageTextToText.register(MpoxVLMConfig, MpoxVLMForConditionalGeneration)
