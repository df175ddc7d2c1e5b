"""Parts from disk become one MpoxVLM, unchanged to the bit; what is no part is refused with the remedy."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    AutoModelForImageTextToText,
    AutoProcessor,
    CLIPConfig,
    CLIPModel,
    CLIPVisionModel,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    ViTForImageClassification,
    ViTMAEConfig,
    ViTMAEForPreTraining,
)

import vlm
from dermtriage.commands.models.assemble import command
from tests.vlm.drawn import clinical, photograph
from tests.vlm.mpoxvlm.networks import clip_config, lesion_config, text_config
from triage.findings import CONDITIONS
from vlm.errors import BrokenCheckpoint, ModelError, UnsupportedCheckpoint
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.assemble import assemble

WORDS = ["<unk>", "<s>", "</s>", *(f"w{number}" for number in range(37))]


@dataclass(frozen=True)
class Parts:
    clip: Path
    lesion: Path
    llama: Path

    def to(self, target: Path, **changed: Any) -> MpoxVLMForConditionalGeneration:
        told = {"clip": self.clip, "lesion": self.lesion, "llama": self.llama} | changed
        return assemble(**told, target=target)


def drawn(network: Any) -> Any:
    """Weights far enough from zero that no two parts look alike."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network.eval()


def save(network: Any, folder: Path, mean: float | None = None) -> Path:
    drawn(network).save_pretrained(folder)
    if mean is not None:
        colours = {"image_mean": [mean] * 3, "image_std": [0.25] * 3}
        (folder / "preprocessor_config.json").write_text(json.dumps(colours))
    return folder


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    torch.manual_seed(11)
    llama = save(LlamaForCausalLM(text_config(vocab_size=len(WORDS), pad_token_id=None)), tmp_path / "llama")
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    ).save_pretrained(llama)
    return Parts(
        save(CLIPVisionModel(clip_config()), tmp_path / "clip", mean=0.25),
        save(ViTForImageClassification(lesion_config()), tmp_path / "lesion", mean=0.75),
        llama,
    )


def pictures(side: int) -> torch.Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(2))


@torch.inference_mode()
def test_each_part_sees_and_says_what_it_did_alone_to_the_bit(parts: Parts, tmp_path: Path) -> None:
    parts.to(tmp_path / "out")
    made = AutoModelForImageTextToText.from_pretrained(tmp_path / "out")
    clip, lesion, llama = (
        kind.from_pretrained(folder)
        for kind, folder in (
            (CLIPVisionModel, parts.clip),
            (ViTForImageClassification, parts.lesion),
            (LlamaForCausalLM, parts.llama),
        )
    )
    ids = torch.randint(0, len(WORDS), (2, 9), generator=torch.Generator().manual_seed(3))
    alone = llama(ids, output_hidden_states=True)
    together = made(input_ids=ids, output_hidden_states=True)
    assert all(torch.equal(*pair) for pair in zip(alone.hidden_states, together.hidden_states, strict=True))
    assert torch.allclose(alone.logits, together.logits[..., : len(WORDS)], atol=1e-6)
    seen, expected = (
        tower(pictures(56), output_hidden_states=True).hidden_states
        for tower in (made.model.vision_tower, clip)
    )
    assert all(torch.equal(*pair) for pair in zip(seen, expected, strict=True))
    given = made.model.lesion_classifier(pictures(48), output_hidden_states=True)
    wanted = lesion(pictures(48), output_hidden_states=True)
    assert all(torch.equal(*pair) for pair in zip(given.hidden_states, wanted.hidden_states, strict=True))
    assert torch.equal(given.logits, wanted.logits)


@torch.inference_mode()
def test_the_folder_reads_photographs_and_words_through_transformers_own_doors(
    parts: Parts, tmp_path: Path
) -> None:
    written = parts.to(tmp_path / "out")
    made = AutoModelForImageTextToText.from_pretrained(tmp_path / "out")
    processor = AutoProcessor.from_pretrained(tmp_path / "out")
    photograph = Image.new("RGB", (90, 70), (128, 128, 128))
    inputs = processor(
        images=[photograph] * 2, text=["<image> w1 w2 w3", "<image> w4"], return_tensors="pt", padding=True
    )
    assert inputs["pixel_values"].mean() == pytest.approx((128 / 255 - 0.25) / 0.25, abs=1e-3)
    assert inputs["lesion_pixel_values"].mean() == pytest.approx((128 / 255 - 0.75) / 0.25, abs=1e-3)
    assert (inputs["input_ids"] == len(WORDS)).sum() == 2 * made.config.image_seq_length
    assert torch.equal(made(**inputs).logits, written(**inputs).logits)
    ids = made.generate(**inputs, max_new_tokens=5, do_sample=False)
    assert (ids[:, inputs["input_ids"].shape[1] :] != len(WORDS)).all()


def test_the_product_loads_the_folder_with_its_own_pixels_and_words(parts: Parts, tmp_path: Path) -> None:
    parts.to(tmp_path / "out")
    model = vlm.load(tmp_path / "out", device="cpu")
    cases = [vlm.Presentation((photograph(number),), clinical()) for number in range(3)]
    together, alone = model.assess(cases), [model.assess([case])[0] for case in cases]
    for one, other in zip(together, alone, strict=True):
        assert one.explanation == other.explanation
        assert [f.probability for f in one.findings] == pytest.approx([f.probability for f in other.findings])
        # The given classifier has labels of its own: its view says nothing of the ten conditions.
        assert one.classifier == ()
    (row,) = model.backend.rows([Image.new("RGB", (90, 70), (128, 128, 128))], clinical())
    assert row.pictures["pixel_values"].mean() == pytest.approx((128 / 255 - 0.25) / 0.25, abs=1e-3)
    assert row.pictures["lesion_pixel_values"].mean() == pytest.approx((128 / 255 - 0.75) / 0.25, abs=1e-3)
    assert model.provenance["model"] == "mpoxvlm"


def test_what_is_new_depends_on_the_seed_alone(parts: Parts, tmp_path: Path) -> None:
    names = "model.multi_modal_projector.linear_1.weight", "model.lesion_projector.weight"
    one, same, other = (
        parts.to(tmp_path / name, seed=seed).state_dict() for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert all(torch.equal(value, same[name]) for name, value in one.items())
    assert {name for name, value in one.items() if not torch.equal(value, other[name])} == {
        *names,
        "model.multi_modal_projector.linear_2.weight",
    }


@torch.inference_mode()
def test_a_whole_clip_gives_its_vision_tower(parts: Parts, tmp_path: Path) -> None:
    text = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "vocab_size": 50, "max_position_embeddings": 8, "bos_token_id": 1, "eos_token_id": 2}  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=clip_config().to_dict(), projection_dim=8)
    whole = CLIPModel(config)
    folder = save(whole, tmp_path / "whole", mean=0.5)
    made = parts.to(tmp_path / "out", clip=folder)
    expected = whole.vision_model(pictures(56)).last_hidden_state
    assert torch.equal(made.model.vision_tower(pictures(56)).last_hidden_state, expected)


def test_a_pretrained_mae_gives_its_encoder_and_gets_a_head_of_the_ten_conditions(
    parts: Parts, tmp_path: Path
) -> None:
    shape = {
        name: getattr(lesion_config(), name)
        for name in ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
                     "image_size", "patch_size")
    }  # fmt: skip
    decoder = {"decoder_hidden_size": 8, "decoder_intermediate_size": 8, "decoder_num_hidden_layers": 1,
               "decoder_num_attention_heads": 2}  # fmt: skip
    mae = ViTMAEForPreTraining(ViTMAEConfig(**shape, **decoder))
    made = parts.to(tmp_path / "out", lesion=save(mae, tmp_path / "mae", mean=0.5))
    encoder = made.model.lesion_classifier.vit.state_dict()
    assert all(torch.equal(value, encoder[name]) for name, value in mae.vit.state_dict().items())
    assert encoder.keys() == mae.vit.state_dict().keys()
    assert tuple(made.config.lesion_config.id2label.values()) == tuple(CONDITIONS)
    assert made.model.lesion_classifier.classifier.weight.std() > 0


def test_a_name_on_a_hub_is_refused_and_nothing_is_fetched_or_written(parts: Parts, tmp_path: Path) -> None:
    for part in ("clip", "lesion", "llama"):
        with pytest.raises(BrokenCheckpoint, match=r"meta/some-model is no folder .* never fetched by name"):
            parts.to(tmp_path / "out", **{part: Path("meta/some-model")})
    assert {path.name for path in tmp_path.iterdir()} == {"clip", "lesion", "llama"}


def test_a_part_of_another_kind_is_refused_by_what_it_is(parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(
        UnsupportedCheckpoint, match="architectures names CLIPVisionModel: give one of ViTFor"
    ):
        parts.to(tmp_path / "out", lesion=parts.clip)


def test_a_truncated_file_missing_colours_and_a_grid_that_cannot_be_pooled_are_named(
    parts: Parts, tmp_path: Path
) -> None:
    with pytest.raises(UnsupportedCheckpoint, match="patch_pooling 3 does not divide a grid of 4"):
        parts.to(tmp_path / "out", patch_pooling=3)
    weights = parts.lesion / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(BrokenCheckpoint, match=r"lesion cannot be read .*fetch the folder again"):
        parts.to(tmp_path / "out")
    (parts.clip / "preprocessor_config.json").unlink()
    with pytest.raises(BrokenCheckpoint, match=r"preprocessor_config\.json does not say image_mean"):
        parts.to(tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"clip", "lesion", "llama"}


def test_a_folder_that_exists_is_left_alone(parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="exists: give a folder that does not"):
        parts.to(parts.clip)


def test_the_command_writes_the_folder_and_says_what_was_refused(parts: Parts, tmp_path: Path) -> None:
    told = ["--clip", str(parts.clip), "--lesion", str(parts.lesion), "--llama", str(parts.llama)]
    out = str(tmp_path / "out")
    done = CliRunner().invoke(command, [*told, "--out", out], catch_exceptions=False)
    assert done.exit_code == 0
    assert "17 image tokens; train it next" in done.output
    refused = CliRunner().invoke(command, [*told, "--out", out])
    assert refused.exit_code == 1
    assert "exists: give a folder that does not" in refused.output
