"""The transformers classes that an original checkpoint becomes.

One linear is exact within LLaVA's own two: the second is the identity and no activation stands between. More
than two need a projector of our own, registered as `dermtriage_llava`.
"""

from typing import Any

from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    MistralConfig,
)

from vlm.llava.original_config import KINDS, linears

SAME = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
    "max_position_embeddings", "rms_norm_eps", "hidden_act", "bos_token_id", "eos_token_id", "attention_bias",
    "head_dim", "tie_word_embeddings",
)  # fmt: skip


class DeepLlavaConfig(LlavaConfig):
    """LLaVA with a projector of `projector_linears` linear layers."""

    model_type = "dermtriage_llava"
    projector_linears: int = 3


class DeepLlava(LlavaForConditionalGeneration):
    """LLaVA with a projector of any depth."""

    config_class = DeepLlavaConfig

    def __init__(self, config: DeepLlavaConfig) -> None:
        super().__init__(config)
        parts: Any = config
        wide, out = parts.vision_config.hidden_size, parts.text_config.hidden_size
        layers: list[nn.Module] = [nn.Linear(wide, out)]
        for _ in range(config.projector_linears - 1):
            layers += [nn.GELU(), nn.Linear(out, out)]
        self.model.multi_modal_projector = nn.Sequential(*layers)


AutoConfig.register(DeepLlavaConfig.model_type, DeepLlavaConfig)
AutoModelForImageTextToText.register(DeepLlavaConfig, DeepLlava)


def configuration(original: dict[str, Any], vision: Any) -> LlavaConfig:
    """The configuration of the standard model, with one row more for the photograph's token."""
    kept = {name: original[name] for name in SAME if original.get(name) is not None}
    scaling = dict(original.get("rope_scaling") or {})
    rope = {"rope_type": scaling.pop("type", scaling.pop("rope_type", "default")), **scaling}
    rope["rope_theta"] = original.get("rope_theta", 10_000.0)
    text: LlamaConfig | MistralConfig
    if KINDS[original["model_type"]] == "mistral":
        window = original.get("sliding_window", 4096)
        text = MistralConfig(
            vocab_size=original["vocab_size"] + 1, sliding_window=window, rope_parameters=rope, **kept
        )
    else:
        text = LlamaConfig(vocab_size=original["vocab_size"] + 1, rope_parameters=rope, **kept)
    patches = (vision.image_size // vision.patch_size) ** 2
    whole = original.get("mm_vision_select_feature", "patch") == "cls_patch"
    depth = linears(original)
    deep: dict[str, Any] = {"projector_linears": depth} if depth > 2 else {}
    kind = DeepLlavaConfig if deep else LlavaConfig
    return kind(
        vision_config=vision,
        text_config=text,
        image_token_index=original["vocab_size"],
        image_seq_length=patches + whole,
        vision_feature_layer=original.get("mm_vision_select_layer", -2),
        vision_feature_select_strategy="full" if whole else "default",
        projector_hidden_act="linear" if depth == 1 else "gelu",
        tie_word_embeddings=bool(original.get("tie_word_embeddings")),
        **deep,
    )
