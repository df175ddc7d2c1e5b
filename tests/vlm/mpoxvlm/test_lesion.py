"""The lesion classifier with a stem: one member, a committee, and both inside an MpoxVLM."""

from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForImageClassification

from tests.vlm.mpoxvlm.networks import network
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.lesion import LesionCommittee, LesionViT
from vlm.mpoxvlm.lesion_config import LesionViTConfig
from vlm.mpoxvlm.sizes import labels
from vlm.signals.saliency import patch_relevance

DICTIONARIES = (
    {"side": 24, "patch": 4, "stride": 2, "words": 7},
    {"side": 12, "patch": 3, "stride": 1, "words": 5},
)


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
    seen = voting.seen(pictures())
    said = torch.stack([member(seen).logits.log_softmax(-1) for member in voting.members]).mean(0)
    assert torch.allclose(voting(pictures()).logits, said, atol=1e-6)
    assert len({float(member(seen).logits[0, 0]) for member in voting.members}) == 3


@torch.inference_mode()
def test_a_member_weighs_its_vit_and_its_dictionaries() -> None:
    """Of three members, each with two dictionaries: shares by hand, a bias, then the members' mean."""
    bias = [0.1 * number for number in range(10)]
    voting = committee(dictionaries=DICTIONARIES, shares=(0.5, 0.3, 1.2), bias=bias)
    seen = voting.seen(pictures())
    told = []
    for number, member in enumerate(voting.members):
        voices = [member(seen).logits, *(each(seen)[number] for each in voting.dictionaries)]
        weighed = sum(
            share * said.log_softmax(-1) for share, said in zip((0.5, 0.3, 1.2), voices, strict=True)
        )
        told.append((weighed + torch.tensor(bias)).log_softmax(-1))
    assert torch.allclose(voting(pictures()).logits, torch.stack(told).mean(0), atol=1e-5)


@torch.inference_mode()
def test_vits_and_dictionaries_read_the_picture_at_sides_of_their_own() -> None:
    voting = committee(seen_side=16, dictionaries=DICTIONARIES)
    assert voting.seen_by_members(voting.seen(pictures())).shape == (2, 3, 16, 16)
    assert voting.look(pictures()).patches.shape == (2, 4, 16)
    assert voting(pictures()).logits.shape == (2, 10)


@torch.inference_mode()
def test_a_batch_says_what_single_pictures_say() -> None:
    voting = committee(dictionaries=DICTIONARIES)
    alone = torch.cat([voting(one[None]).logits for one in pictures(3)])
    assert torch.allclose(voting(pictures(3)).logits, alone, atol=1e-5)


def test_saved_and_loaded_again_it_is_the_same_to_the_bit(tmp_path: Path) -> None:
    voting = committee(dictionaries=DICTIONARIES, shares=(1.0, 0.5, 0.25))
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
    ("field", "value"),
    [
        ("stem_widths", (8,)),
        ("members", 0),
        ("shares", (1.0, 2.0)),
        ("bias", (0.5,)),
        ("stem_widths", (0, 8)),
    ],
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


@pytest.mark.parametrize("dictionaries", [(), DICTIONARIES])
def test_a_committees_saliency_is_a_map_of_its_patches(dictionaries: object) -> None:
    relevance = patch_relevance(committee(dictionaries=dictionaries), pictures())
    assert relevance.shape == (2, 3, 3)
    assert float(relevance.amax()) == pytest.approx(1.0)
