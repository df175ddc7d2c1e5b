"""The configuration of MpoxVLM: LLaVA's, with a second tower and a soft prompt."""

from typing import Any

from transformers import AutoConfig, LlavaConfig
from transformers.configuration_utils import SubConfigSpec

import vlm.mpoxvlm.lesion  # noqa: F401  (so that its configuration is known by its name)

JOINS = ("all", "logits")


class MpoxVLMConfig(LlavaConfig):
    """LLaVA's fields, and:

    `lesion_config`: the lesion classifier, a ViT with one label per condition.
    `lesion_prompt_tokens`: soft-prompt tokens made of its class token and logits.
    `lesion_joins`: `all`, or `logits`: then the decoder is told the classifier's log-probabilities alone, and
    its image tokens are CLIP's, so that nothing but those probabilities can pass from one to the other.
    `patch_pooling`: so many patches on each side become one image token.
    The towers may differ in image and patch size; the image tokens follow the grid of CLIP's. One layer of
    CLIP is read, `vision_feature_layer`, without its class token. `image_seq_length` is derived, not read.
    Raises `ValueError` naming the field where they cannot be so.
    """

    model_type = "mpoxvlm"
    sub_configs_defaults = LlavaConfig.sub_configs_defaults | {
        "lesion_config": SubConfigSpec(config_class=AutoConfig, model_type="vit")
    }

    vision_config: Any = None
    text_config: Any = None
    lesion_config: Any = None
    lesion_prompt_tokens: int = 1
    lesion_joins: str = "all"
    patch_pooling: int = 2

    def __post_init__(self, **kwargs: object) -> None:
        """Derive the number of image tokens from the towers."""
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]
        if not isinstance(self.vision_feature_layer, int):
            raise ValueError(f"vision_feature_layer {self.vision_feature_layer}: give one layer, as a number")
        if self.vision_feature_select_strategy != "default":
            raise ValueError("vision_feature_select_strategy: CLIP's class token is not used; give 'default'")
        if self.lesion_prompt_tokens < 1:
            raise ValueError(f"lesion_prompt_tokens {self.lesion_prompt_tokens}: give 1 or more")
        if self.lesion_joins not in JOINS:
            raise ValueError(f"lesion_joins {self.lesion_joins!r}: give one of {', '.join(JOINS)}")
        grid = patch_grid(self.vision_config, "vision_config")
        patch_grid(self.lesion_config, "lesion_config")
        if self.patch_pooling < 1 or grid % self.patch_pooling:
            raise ValueError(f"patch_pooling {self.patch_pooling} does not divide a grid of {grid} patches")
        self.image_seq_length = (grid // self.patch_pooling) ** 2 + self.lesion_prompt_tokens


def patch_grid(tower: Any, name: str) -> int:
    """Patches on each side of a tower's picture. Raises `ValueError` where they make no square."""
    sides = (tower.image_size, tower.patch_size)
    if not all(isinstance(side, int) and side > 0 for side in sides) or sides[0] < sides[1]:
        raise ValueError(f"{name}: image_size {sides[0]} and patch_size {sides[1]} give no square of patches")
    return int(sides[0] // sides[1])
