"""The configuration allows towers of any size, and refuses what the network could not do."""

from typing import Any

import pytest
from transformers import AutoConfig

from tests.vlm.mpoxvlm.networks import clip_config, config, lesion_config
from vlm.mpoxvlm.configuration import MpoxVLMConfig


def test_image_tokens_are_the_pooled_grid_of_clip_and_the_soft_prompt() -> None:
    assert config(patch_pooling=1).image_seq_length == 4 * 4 + 2
    assert config(patch_pooling=2).image_seq_length == 2 * 2 + 2
    larger = clip_config(image_size=336, patch_size=14)
    assert config(vision_config=larger, patch_pooling=1, lesion_prompt_tokens=1).image_seq_length == 577


def test_the_number_of_image_tokens_is_derived_even_where_another_is_told() -> None:
    assert config(image_seq_length=3).image_seq_length == 6


def test_it_is_read_again_as_it_was_written(tmp_path: Any) -> None:
    written = config(patch_pooling=1)
    written.save_pretrained(tmp_path)
    again = AutoConfig.from_pretrained(tmp_path)
    assert type(again) is MpoxVLMConfig
    assert again.to_json_string() == written.to_json_string()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"patch_pooling": 3}, "patch_pooling 3 does not divide a grid of 4 patches"),
        ({"patch_pooling": 0}, "patch_pooling 0"),
        ({"lesion_prompt_tokens": 0}, "lesion_prompt_tokens 0: give 1 or more"),
        ({"vision_feature_layer": [-2, -1]}, "vision_feature_layer .* give one layer"),
        ({"vision_feature_select_strategy": "full"}, "vision_feature_select_strategy: .* give 'default'"),
        ({"vision_config": clip_config(image_size=8)}, "vision_config: image_size 8 and patch_size 14"),
        ({"lesion_config": lesion_config(image_size=8)}, "lesion_config: image_size 8 and patch_size 16"),
    ],
)
def test_what_the_network_cannot_do_is_refused_by_the_fields_name(changed: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        config(**changed)
