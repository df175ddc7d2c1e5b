"""Folders that cannot be served are refused by name of file and field, with a remedy."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

import vlm
from tests.vlm.standard.tiny import llava, qwen2_vl
from vlm import BrokenCheckpoint, ModelError, UnsupportedCheckpoint
from vlm.standard.caches import PlacedCache

Change = Callable[[Path], None]


def said(file: str, **fields: Any) -> Change:
    """Fields of a JSON file set to something else."""

    def change(folder: Path) -> None:
        path = folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    return change


def without(*patterns: str) -> Change:
    """Files removed."""

    def change(folder: Path) -> None:
        for pattern in patterns:
            for file in folder.glob(pattern):
                file.unlink()

    return change


def cut_short(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-2000])


def lacking_a_weight(folder: Path) -> None:
    file = folder / "model.safetensors"
    weights = load_file(file)
    weights.pop(next(name for name in sorted(weights) if "projector" in name))
    save_file(weights, file, metadata={"format": "pt"})


def of_another_width(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["intermediate_size"] = 64
    (folder / "config.json").write_text(json.dumps(config))


class Code:
    """Would write a file when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("ran").write_text, ("it ran",))


def with_code_in_the_weights(folder: Path) -> None:
    without("*.safetensors")(folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Code()}))


REFUSED: list[tuple[Change, type[ModelError], str]] = [
    (said("config.json", auto_map={"AutoConfig": "evil.Config"}), UnsupportedCheckpoint, "auto_map"),
    (said("processor_config.json", auto_map={"AutoProcessor": "evil.P"}), UnsupportedCheckpoint, "auto_map"),
    (said("config.json", model_type="never_heard_of"), UnsupportedCheckpoint, "'never_heard_of' is unknown"),
    (said("config.json", model_type="llama"), UnsupportedCheckpoint, "does not read images"),
    (said("config.json", is_encoder_decoder=True), UnsupportedCheckpoint, "is_encoder_decoder"),
    (said("config.json", quantization_config={"bits": 4}), UnsupportedCheckpoint, "quantization_config"),
    (said("config.json", image_token_id=5), BrokenCheckpoint, "image token"),
    (without("*.safetensors"), BrokenCheckpoint, "holds no weights"),
    (
        without("p*processor_config.json", "processor_config.json"),
        BrokenCheckpoint,
        "preprocessor_config.json",
    ),
    (without("tokenizer*"), UnsupportedCheckpoint, "loading the processor failed"),
    (cut_short, BrokenCheckpoint, "reading the weights failed"),
    (lacking_a_weight, BrokenCheckpoint, "lacks 1 weights"),
    (of_another_width, BrokenCheckpoint, "reading the weights failed"),
    (with_code_in_the_weights, BrokenCheckpoint, "reading the weights failed"),
]


@pytest.mark.parametrize(("change", "error", "text"), REFUSED, ids=[text for _, _, text in REFUSED])
def test_a_folder_that_cannot_be_served_is_refused_with_the_reason(
    change: Change, error: type[ModelError], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    llava(tmp_path)
    change(tmp_path)
    with pytest.raises(error, match=text):
        vlm.load(tmp_path, device="cpu")
    assert not (tmp_path / "ran").exists()


def test_a_network_that_is_read_otherwise_than_generate_reads_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(cache: PlacedCache, counted: torch.Tensor) -> torch.Tensor:
        return counted.expand(4, *counted.shape)

    qwen2_vl(tmp_path)
    monkeypatch.setattr(PlacedCache, "positions", forgetful)
    with pytest.raises(UnsupportedCheckpoint, match=r"cannot be read exactly.*log-probabilities differ"):
        vlm.load(tmp_path, device="cpu")


def test_without_a_chat_template_the_plain_form_is_used_and_stated(tmp_path: Path) -> None:
    llava(tmp_path)
    (tmp_path / "chat_template.jinja").unlink()
    assert vlm.load(tmp_path, device="cpu").provenance["prompt_form"] == "plain USER/ASSISTANT"
