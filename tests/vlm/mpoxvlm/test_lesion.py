"""The lesion classifier with a stem: one member, a committee, and both inside an MpoxVLM."""

from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForImageClassification

from tests.vlm.mpoxvlm.networks import network
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.lesion import LesionCommittee, LesionViT, LesionViTConfig, standardised
from vlm.mpoxvlm.sizes import labels
from vlm.signals.saliency import patch_relevance


def configuration(**fields: object) -> LesionViTConfig:
    return LesionViTConfig(
        **{
            "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 24, "stem_widths": (4, 8, 16), "members": 3, **labels(), **fields,
        }
    )  # fmt: skip


def committee(**fields: object) -> LesionCommittee:
    torch.manual_seed(0)
    return LesionCommittee(configuration(**fields)).eval()


def pictures(count: int = 2) -> torch.Tensor:
    return torch.rand(count, 3, 24, 24, generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def test_a_committee_says_the_mean_of_its_members_log_probabilities() -> None:
    voting = committee()
    said = torch.stack([member(pictures()).logits.log_softmax(-1) for member in voting.members]).mean(0)
    assert torch.allclose(voting(pictures()).logits, said)
    assert len({float(member(pictures()).logits[0, 0]) for member in voting.members}) == 3


@torch.inference_mode()
def test_a_temperature_makes_each_member_less_sure() -> None:
    voting = committee()
    before = voting(pictures()).logits.softmax(-1).amax()
    voting.members[0].config.temperature = 4.0
    assert voting(pictures()).logits.softmax(-1).amax() < before


@torch.inference_mode()
def test_a_tint_and_a_brighter_light_change_nothing() -> None:
    voting = committee()
    tinted = pictures() * torch.tensor([0.8, 0.7, 0.9]).view(1, 3, 1, 1) + 0.1
    assert torch.allclose(voting(pictures()).logits, voting(tinted).logits, atol=1e-5)


def test_a_picture_of_one_colour_stays_finite() -> None:
    assert torch.equal(
        standardised(torch.full((1, 3, 8, 8), 0.4)).abs() < 1e-4, torch.ones(1, 3, 8, 8).bool()
    )


def test_saved_and_loaded_again_it_is_the_same_to_the_bit(tmp_path: Path) -> None:
    voting = committee(temperature=1.5)
    voting.save_pretrained(tmp_path)
    again = AutoModelForImageClassification.from_pretrained(tmp_path).eval()
    assert type(again) is LesionCommittee
    assert AutoConfig.from_pretrained(tmp_path).stem_widths == (4, 8, 16)
    assert torch.equal(voting(pictures()).logits, again(pictures()).logits)


@torch.inference_mode()
def test_a_member_is_alone_what_it_is_in_the_batch() -> None:
    member = LesionViT(configuration()).eval()
    assert torch.allclose(member(pictures(3)).logits[1:2], member(pictures(3)[1:2]).logits, atol=1e-6)


def test_fresh_blocks_hand_on_what_they_get() -> None:
    stem = LesionViT(configuration()).vit.embeddings.patch_embeddings.projection
    assert all(float(block.second[1].weight.detach().abs().max()) == 0 for block in stem.blocks)
    assert float(stem.first[0].weight.detach().std()) > 0.05


@pytest.mark.parametrize(
    ("field", "value"), [("stem_widths", (8,)), ("members", 0), ("temperature", 0.0), ("stem_widths", (0, 8))]
)
def test_a_field_that_does_not_fit_is_named(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        configuration(**{field: value})


def with_committee(joins: str) -> MpoxVLMForConditionalGeneration:
    told = network().config.to_dict() | {"lesion_joins": joins}
    told["lesion_config"] = configuration(image_size=told["vision_config"]["image_size"]).to_dict()
    torch.manual_seed(0)
    return MpoxVLMForConditionalGeneration(MpoxVLMConfig(**told)).eval()


@pytest.mark.parametrize("joins", ["all", "logits"])
@torch.inference_mode()
def test_an_mpoxvlm_carries_a_committee(joins: str, tmp_path: Path) -> None:
    whole = with_committee(joins)
    side = whole.config.vision_config.image_size
    shown = torch.rand(2, 3, side, side)
    views = whole.model.view(shown)
    assert whole.model.fuse(views).shape == (
        2,
        whole.config.image_seq_length,
        whole.config.text_config.hidden_size,
    )
    whole.save_pretrained(tmp_path)
    again = MpoxVLMForConditionalGeneration.from_pretrained(tmp_path).eval()
    assert torch.equal(again.model.fuse(again.model.view(shown)), whole.model.fuse(views))


@torch.inference_mode()
def test_where_only_logits_join_nothing_else_of_the_classifier_reaches_the_decoder() -> None:
    whole = with_committee("logits")
    side = whole.config.vision_config.image_size
    views = whole.model.view(torch.rand(2, 3, side, side))
    other = type(views)(views.patches, torch.rand_like(views.lesion_token), views.lesion_logits + 3.0)
    assert torch.allclose(whole.model.fuse(views), whole.model.fuse(other), atol=1e-5)


def test_a_committees_saliency_is_a_map_of_its_patches() -> None:
    relevance = patch_relevance(committee(), pictures())
    assert relevance.shape == (2, 3, 3)
    assert float(relevance.amax()) == pytest.approx(1.0)
