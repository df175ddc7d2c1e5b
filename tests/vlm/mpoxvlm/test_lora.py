"""Low-rank updates change the decoder and nothing else; saved, loaded and merged they say the same."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.vlm.mpoxvlm.networks import network, rows, text_config
from vlm.errors import BrokenCheckpoint
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.lora import CONFIG, WEIGHTS, attach, freeze_clip, load, merge, save

# peft asks transformers by the name of before.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def trained(base: MpoxVLMForConditionalGeneration) -> Any:
    """Updates after two steps on drawn words."""
    torch.manual_seed(5)
    adapted = attach(base, rank=4, alpha=8)
    optimiser = torch.optim.SGD([p for p in adapted.parameters() if p.requires_grad], lr=2.0)
    given = rows(base.config)
    for _ in range(2):
        adapted(**given.inputs, labels=given.ids, lesion_labels=torch.tensor([0, 1, 2])).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    return adapted.eval()


@torch.inference_mode()
def said(network: Any) -> Tensor:
    base = getattr(network, "base_model", network)
    logits: Tensor = network(**rows(base.config).inputs).logits
    return logits


def test_every_linear_of_the_decoder_and_nothing_else_can_be_trained() -> None:
    adapted = attach(network())
    open_ = {name for name, parameter in adapted.named_parameters() if parameter.requires_grad}
    assert all(".model.language_model.layers." in name and ".lora_" in name for name in open_)
    assert len(open_) == 2 * 2 * 7


def test_attached_updates_change_nothing_until_they_are_trained() -> None:
    assert torch.equal(said(attach(network()).eval()), said(network()))


def test_training_changes_what_is_said_and_no_tensor_of_the_base() -> None:
    before = network().state_dict()
    adapted = trained(network())
    assert (said(adapted) - said(network())).abs().max() > 1e-2
    after = {
        name.removeprefix("base_model.model.").replace(".base_layer.", "."): value
        for name, value in adapted.state_dict().items()
        if ".lora_" not in name
    }
    assert after.keys() == before.keys()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_saved_and_loaded_again_they_say_the_same(tmp_path: Path) -> None:
    adapted = trained(network())
    save(adapted, tmp_path)
    again = load(network(), tmp_path).eval()
    assert torch.allclose(said(again), said(adapted), atol=1e-5)
    assert not any(parameter.requires_grad for parameter in again.parameters())
    further = load(network(), tmp_path, trainable=True)
    assert sum(parameter.requires_grad for parameter in further.parameters()) == 2 * 2 * 7


def test_merged_they_say_the_same_and_only_the_decoder_has_changed() -> None:
    before = network().state_dict()
    adapted = trained(network())
    expected = said(adapted)
    merged = merge(adapted)
    assert type(merged) is MpoxVLMForConditionalGeneration
    assert torch.allclose(said(merged), expected, atol=1e-5)
    changed = {n for n, value in merged.state_dict().items() if not torch.equal(value, before[n])}
    assert merged.state_dict().keys() == before.keys()
    assert len(changed) == 2 * 7
    assert all(name.startswith("model.language_model.layers.") for name in changed)


def test_a_merged_network_is_saved_and_loaded_as_any_other(tmp_path: Path) -> None:
    merged = merge(trained(network()))
    merged.save_pretrained(tmp_path)
    assert torch.equal(said(MpoxVLMForConditionalGeneration.from_pretrained(tmp_path)), said(merged))


def test_updates_of_another_network_are_refused_and_leave_it_as_it_was(tmp_path: Path) -> None:
    save(attach(network(), rank=4), tmp_path)
    other = network(text_config=text_config(num_hidden_layers=3))
    before = other.state_dict()
    with pytest.raises(BrokenCheckpoint, match="does not fit this network: give the base"):
        load(other, tmp_path)
    assert other.state_dict().keys() == before.keys()


def test_updates_that_reach_beyond_the_decoder_are_refused(tmp_path: Path) -> None:
    save(attach(network(), rank=4), tmp_path)
    config = json.loads((tmp_path / CONFIG).read_text()) | {"target_modules": ["q_proj", "k_proj"]}
    (tmp_path / CONFIG).write_text(json.dumps(config))
    with pytest.raises(BrokenCheckpoint, match="more or other than the decoder's linears"):
        load(network(), tmp_path)


def test_missing_and_truncated_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenCheckpoint, match=f"holds no {CONFIG}"):
        load(network(), tmp_path)
    save(attach(network(), rank=4), tmp_path)
    (tmp_path / WEIGHTS).write_bytes((tmp_path / WEIGHTS).read_bytes()[:-8])
    with pytest.raises(BrokenCheckpoint, match=WEIGHTS):
        load(network(), tmp_path)


def test_the_clip_tower_alone_is_frozen() -> None:
    made = network()
    freeze_clip(made)
    frozen = {name for name, parameter in made.named_parameters() if not parameter.requires_grad}
    assert frozen == {name for name, _ in made.named_parameters() if name.startswith("model.vision_tower.")}
