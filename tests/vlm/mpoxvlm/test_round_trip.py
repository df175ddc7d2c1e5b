"""Saved and loaded through transformers' own doors, MpoxVLM is the same to the bit."""

from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForImageTextToText

from tests.vlm.mpoxvlm.networks import network, rows
from vlm.loading import BUNDLED
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.sizes import random_model


def bundled() -> MpoxVLMForConditionalGeneration:
    return MpoxVLMForConditionalGeneration.from_pretrained(BUNDLED)


def small() -> MpoxVLMForConditionalGeneration:
    return random_model("small", seed=3)


@torch.inference_mode()
@pytest.mark.parametrize("made", [bundled, small, network])
def test_saved_and_loaded_again_it_is_the_same_to_the_bit(made: type, tmp_path: Path) -> None:
    first: MpoxVLMForConditionalGeneration = made()
    first.save_pretrained(tmp_path)
    config = AutoConfig.from_pretrained(tmp_path)
    again = AutoModelForImageTextToText.from_pretrained(tmp_path)
    kept, read = first.state_dict(), again.state_dict()
    inputs = rows(first.config).inputs
    assert type(config) is MpoxVLMConfig
    assert type(again) is MpoxVLMForConditionalGeneration
    assert kept.keys() == read.keys()
    assert all(torch.equal(kept[name], value) for name, value in read.items())
    one, two = first(**inputs), again(**inputs)
    assert torch.equal(one.logits, two.logits)
    assert torch.equal(one.lesion_logits, two.lesion_logits)


@torch.inference_mode()
def test_in_half_precision_too(tmp_path: Path) -> None:
    network().save_pretrained(tmp_path / "full")
    first = AutoModelForImageTextToText.from_pretrained(tmp_path / "full", dtype=torch.bfloat16)
    first.save_pretrained(tmp_path / "half")
    again = AutoModelForImageTextToText.from_pretrained(tmp_path / "half", dtype="auto")
    assert again.dtype is torch.bfloat16
    inputs = rows(first.config).inputs
    for name in ("pixel_values", "lesion_pixel_values"):
        inputs[name] = inputs[name].bfloat16()
    assert torch.equal(first(**inputs).logits, again(**inputs).logits)
