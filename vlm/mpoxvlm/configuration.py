"""The configuration of MpoxVLM: LLaVA's, with a second tower and a soft prompt."""

from typing import Any

from transformers import AutoConfig, LlavaConfig
from transformers.configuration_utils import SubConfigSpec


class MpoxVLMConfig(LlavaConfig):
    """LLaVA's fields, and:

    `lesion_config`: the lesion classifier, a ViT with one label per condition.
    `lesion_prompt_tokens`: soft-prompt tokens made of its class token and logits.
    `patch_pooling`: so many patches on each side become one image token.
    Both towers read the same pixels, so their image and patch sizes must agree (ValueError otherwise).
    """

    model_type = "mpoxvlm"
    sub_configs_defaults = LlavaConfig.sub_configs_defaults | {
        "lesion_config": SubConfigSpec(config_class=AutoConfig, model_type="vit")
    }

    vision_config: Any = None
    text_config: Any = None
    lesion_config: Any = None
    lesion_prompt_tokens: int = 1
    patch_pooling: int = 2

    def __post_init__(self, **kwargs: object) -> None:
        """Derive the number of image tokens from the towers."""
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]
        towers = (self.vision_config, self.lesion_config)
        if len({(tower.image_size, tower.patch_size) for tower in towers}) != 1:
            raise ValueError("both towers need the same image_size and patch_size")
        grid = self.vision_config.image_size // self.vision_config.patch_size
        if grid % self.patch_pooling:
            raise ValueError(f"patch_pooling {self.patch_pooling} does not divide a grid of {grid} patches")
        self.image_seq_length = (grid // self.patch_pooling) ** 2 + self.lesion_prompt_tokens
