"""The sizes are what they are called, and counted without their memory."""

from typing import Any

import pytest
import torch
from click.testing import CliRunner
from transformers import AutoConfig

from triage.findings import CONDITIONS
from vlm.loading import BUNDLED
from vlm.mpoxvlm.sizes import configuration, main, parameters, random_model


def test_small_is_the_bundled_model() -> None:
    assert configuration("small").to_json_string() == AutoConfig.from_pretrained(BUNDLED).to_json_string()


def test_medium_has_about_fifty_million_parameters() -> None:
    assert 45e6 <= parameters("medium") <= 55e6


def test_7b_has_the_shapes_of_clip_vit_and_llama_2_and_can_be_counted() -> None:
    config: Any = configuration("7b")
    assert abs(parameters("7b") - 7.15e9) <= 0.05e9
    assert (config.vision_config.image_size, config.vision_config.patch_size) == (336, 14)
    assert (config.lesion_config.image_size, config.lesion_config.patch_size) == (224, 16)
    assert config.image_seq_length == 24 * 24 + 1
    assert list(config.lesion_config.id2label.values()) == list(CONDITIONS)


def test_the_table_prints_every_size_with_its_count() -> None:
    printed = CliRunner().invoke(main, catch_exceptions=False).output.splitlines()
    assert [line.split()[0] for line in printed] == ["size", "small", "medium", "7b"]
    assert f"{parameters('small'):,}" in printed[1]


def test_a_random_model_depends_on_its_seed_alone_and_leaves_the_callers_chance() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one, same, other = (random_model("small", seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(value, same[name]) for name, value in one.items())
    assert not torch.equal(one["lm_head.weight"], other["lm_head.weight"])


def test_an_unknown_size_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no size '13b': give one of small, medium, 7b"):
        configuration("13b")  # type: ignore[arg-type]
