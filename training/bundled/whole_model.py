"""The parts put together: members to a committee, committee and CLIP tower to an MpoxVLM, and its folder."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import torch
from transformers import CLIPVisionModel, LlamaConfig

from training.bundled.clip import clip_vision
from training.bundled.dictionaries import trained as trained_dictionary
from training.bundled.members import lesion_config
from training.bundled.mixing import Mixture
from training.bundled.plan import Plan
from training.running.files import write_json
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.lesion import LesionViT
from vlm.mpoxvlm.processor import processor_of
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer


def untrained(
    plan: Plan, tokenizer: MpoxVLMTokenizer, mixture: Mixture | None = None
) -> MpoxVLMForConditionalGeneration:
    """The whole network at the plan's sizes; where no mixture is, with one member alone for a committee."""
    text = LlamaConfig(
        vocab_size=tokenizer.tokenizer.get_vocab_size(), hidden_size=plan.text_width,
        intermediate_size=2 * plan.text_width, num_hidden_layers=plan.text_layers, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=512, pad_token_id=tokenizer.pad, bos_token_id=None,
        eos_token_id=tokenizer.end, tie_word_embeddings=True,
    )  # fmt: skip
    lesion = lesion_config(plan)
    told = lesion.to_dict() | {"image_size": plan.side, "seen_side": plan.seen_side}
    if mixture:
        told |= {
            "members": plan.folds, "dictionaries": [asdict(sizes) for sizes in plan.dictionaries],
            "shares": mixture.shares.tolist(), "bias": mixture.bias.tolist(),
        }  # fmt: skip
    config = MpoxVLMConfig(
        vision_config=clip_vision(plan).to_dict(), lesion_config=told, text_config=text.to_dict(),
        image_token_index=tokenizer.image, vision_feature_layer=-1, tie_word_embeddings=True,
        lesion_joins="logits", lesion_prompt_tokens=plan.prompt_tokens,
    )  # fmt: skip
    return MpoxVLMForConditionalGeneration(config)


def with_clip(model: MpoxVLMForConditionalGeneration, folder: Path) -> None:
    """Give the model its CLIP tower, which stays as it is."""
    tower = CLIPVisionModel.from_pretrained(folder)
    model.model.vision_tower.load_state_dict(tower.state_dict())
    model.model.vision_tower.requires_grad_(False)


def assembled(
    plan: Plan, tokenizer: MpoxVLMTokenizer, run: Path, mixture: Mixture
) -> MpoxVLMForConditionalGeneration:
    """The finished network from the parts of a run."""
    model = untrained(plan, tokenizer, mixture)
    decoder = MpoxVLMForConditionalGeneration.from_pretrained(run / "decoder" / "model")
    learnt = {
        name: value for name, value in decoder.state_dict().items() if ".lesion_classifier." not in name
    }
    missing = model.load_state_dict(learnt, strict=False).missing_keys
    assert all(".lesion_classifier." in name for name in missing)  # noqa: S101 - the parts' own promise
    committee: Any = model.model.lesion_classifier
    for number, member in enumerate(committee.members):
        trained = LesionViT.from_pretrained(run / f"member-{number + 1}" / "model")
        member.load_state_dict(trained.state_dict())
    for number, dictionary in enumerate(committee.dictionaries):
        learnt_words = trained_dictionary(plan, number, committee.config.num_labels, run)
        dictionary.load_state_dict(learnt_words.state_dict())
    model.eval()
    return model


def write_folder(model: MpoxVLMForConditionalGeneration, tokenizer: MpoxVLMTokenizer, folder: Path) -> None:
    """Write what `vlm.load` reads, in half precision: its rounding is far below the answers' noise."""
    cast(Any, model).to(torch.float16).save_pretrained(folder)
    # Kept in half precision, read and reckoned with in full: on a CPU half precision is slow and rough.
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "config.json", config | {"dtype": "float32"})
    processor_of(model.config, tokenizer).save_pretrained(folder)
    tokenizer.save(folder)
