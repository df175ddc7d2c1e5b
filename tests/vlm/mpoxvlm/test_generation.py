"""`generate` of transformers on towers of different sizes: each picture is seen once."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.vlm.mpoxvlm.networks import IMAGE, network, rows
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration

GREEDY = {"do_sample": False, "max_new_tokens": 10, "min_new_tokens": 10, "suppress_tokens": [IMAGE]}


@pytest.fixture(scope="module")
def unequal() -> MpoxVLMForConditionalGeneration:
    return network()


@pytest.fixture
def seen(unequal: MpoxVLMForConditionalGeneration) -> Iterator[list[str]]:
    """Which tower ran, in order."""
    runs: list[str] = []
    towers = {"clip": unequal.model.vision_tower, "lesion": unequal.model.lesion_classifier.vit}
    hooks = [
        tower.register_forward_hook(lambda *_, name=name: runs.append(name)) for name, tower in towers.items()
    ]
    yield runs
    for hook in hooks:
        hook.remove()


def written(network: MpoxVLMForConditionalGeneration, inputs: dict[str, Tensor], **how: Any) -> Tensor:
    ids: Any = network.generate(**inputs, **GREEDY | how)
    return ids[:, inputs["input_ids"].shape[1] :]


def test_a_left_padded_batch_writes_what_its_rows_write_alone(
    unequal: MpoxVLMForConditionalGeneration,
) -> None:
    given = rows(unequal.config)
    together = written(unequal, given.prompts)
    for number in range(3):
        assert torch.equal(together[number], written(unequal, given.alone(number).prompts)[0])
    assert len({tuple(row.tolist()) for row in together}) == 3


@torch.inference_mode()
def test_a_left_padded_batch_gives_the_logits_of_its_rows_alone(
    unequal: MpoxVLMForConditionalGeneration,
) -> None:
    given = rows(unequal.config)
    together = unequal(**given.inputs)
    for number in range(3):
        alone = unequal(**given.alone(number).inputs)
        assert torch.allclose(together.logits[number, -1], alone.logits[0, -1], atol=1e-4)
        assert torch.allclose(together.lesion_logits[number], alone.lesion_logits[0], atol=1e-5)


@pytest.mark.parametrize("cache", [True, False])
def test_both_towers_run_once_with_and_without_a_cache(
    unequal: MpoxVLMForConditionalGeneration, seen: list[str], cache: bool
) -> None:
    written(unequal, rows(unequal.config).prompts, use_cache=cache)
    assert sorted(seen) == ["clip", "lesion"]


def test_without_a_cache_the_same_is_written(unequal: MpoxVLMForConditionalGeneration) -> None:
    prompts = rows(unequal.config).prompts
    assert torch.equal(written(unequal, prompts), written(unequal, prompts, use_cache=False))


def test_beams_write_for_a_batch_what_they_write_for_its_rows(
    unequal: MpoxVLMForConditionalGeneration, seen: list[str]
) -> None:
    given = rows(unequal.config)
    together = written(unequal, given.prompts, num_beams=3)
    assert sorted(seen) == ["clip", "lesion"]
    for number in range(3):
        assert torch.equal(together[number], written(unequal, given.alone(number).prompts, num_beams=3)[0])


def test_a_prompt_prefilled_in_pieces_is_continued_the_same(unequal: MpoxVLMForConditionalGeneration) -> None:
    prompts = rows(unequal.config).prompts
    assert torch.equal(written(unequal, prompts), written(unequal, prompts, prefill_chunk_size=4))


def test_missing_lesion_pictures_are_refused_before_anything_is_written(
    unequal: MpoxVLMForConditionalGeneration,
) -> None:
    prompts = rows(unequal.config).prompts
    prompts.pop("lesion_pixel_values")
    with pytest.raises(ValueError, match="give lesion_pixel_values"):
        written(unequal, prompts)
