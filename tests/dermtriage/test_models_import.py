"""`dermtriage models import`: a standard folder that gives the same numbers, whole or not at all."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoModelForImageTextToText, AutoProcessor

import vlm
from dermtriage.commands.models.import_ import command
from tests.vlm.drawn import clinical
from vlm.presentation import Presentation

DATA = Path(__file__).parents[1] / "data" / "parity"
TOWER = DATA / "openai" / "clip-tiny-parity"
SETS = {
    "mistral_base": "llava-mistral-base",
    "mistral_lora": "llava-mistral-lora",
    "mistral_tower_flag_on": "llava-mistral-tower",
}


@pytest.fixture(autouse=True)
def _keep_the_handler() -> Any:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    shutil.copytree(TOWER, tmp_path / "openai" / "clip-tiny-parity")
    return Path(shutil.copytree(DATA / "llava-mistral-base", tmp_path / "checkpoint"))


def _imported(source: Path, target: Path, *options: str) -> Result:
    return CliRunner().invoke(command, [str(source), str(target), *options])


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name not in ("checkpoint", "openai"))


@pytest.mark.parametrize("name", SETS)
@torch.inference_mode()
def test_the_auto_classes_give_the_recorded_numbers_from_the_imported_folder(
    name: str, tmp_path: Path
) -> None:
    result = _imported(DATA / SETS[name], tmp_path / "model")
    assert result.exit_code == 0, result.output

    loaded: Any = AutoModelForImageTextToText.from_pretrained(tmp_path / "model", dtype=torch.float32)
    processor: Any = AutoProcessor.from_pretrained(tmp_path / "model")
    cases = json.loads((DATA / "expected" / f"{name}.json").read_text())["cases"]
    numbers = load_file(DATA / "expected" / f"{name}.safetensors")
    for case in cases[:3]:
        turn = [{"type": "image"}, {"type": "text", "text": case["question"]}]
        text = processor.apply_chat_template([{"role": "user", "content": turn}], add_generation_prompt=True)
        assert text == case["prompt"]
        with Image.open(DATA / case["image"]) as image:
            fed = processor(images=[image], text=[text], return_tensors="pt")
        recorded = [t for t in case["input_ids"] for t in ([640] * 16 if t == -200 else [t])]
        assert fed["input_ids"][0].tolist() == recorded
        assert torch.equal(fed["pixel_values"][0], numbers[f"{case['case']}.pad.pixel_values"])
        logits = loaded(**fed).logits[0, -1, :640]
        assert (logits - numbers[f"{case['case']}.pad.last_logits"]).abs().max() < 1e-4
        written = loaded.generate(**fed, do_sample=False, max_new_tokens=16)[0, len(recorded) :].tolist()
        assert written == case["pad"]["greedy_ids"][1:]


@pytest.mark.parametrize("name", ["llava-mistral-lora", "llava-mistral-tower"])
def test_the_imported_folder_assesses_as_its_source(name: str, tmp_path: Path) -> None:
    assert _imported(DATA / name, tmp_path / "model").exit_code == 0
    with Image.open(DATA / "images" / "img0.png") as image:
        shown = [Presentation(images=(image.convert("RGB"),), clinical=clinical())]

    models: list[Any] = [vlm.load(folder, device="cpu") for folder in (DATA / name, tmp_path / "model")]
    for model in models:
        model.backend.longest_explanation = 12
    one, other = (model.assess(shown)[0] for model in models)

    assert one.explanation == other.explanation
    for finding in one.findings:
        assert other.probability_of(finding.condition) == pytest.approx(finding.probability, abs=1e-4)
    for key in ("prompt_form", "preprocessing", "vision_weights"):
        assert models[0].backend.described[key] == models[1].backend.described[key]


def test_the_report_says_what_was_used_and_hashes_what_was_written(tmp_path: Path) -> None:
    from vlm.provenance_files import differences, manifest_of

    result = _imported(DATA / "llava-mistral-lora", tmp_path / "model")

    report = json.loads((tmp_path / "model" / "import_report.json").read_text())
    assert json.loads(result.stdout) == report
    assert report["vision_weights"] == "tower"
    assert report["dtype"] == {"language_model": "float16", "vision_tower": "float32"}
    assert report["tensors"] | {"tower": 0} == {
        "checkpoint": 34,
        "tower": 0,
        "lora_updates": 21,
        "trained_beside_lora": 4,
        "left_out": 0,
    }
    assert [one["folder"] for one in report["source"]] == [
        "llava-mistral-lora",
        "llava-mistral-base",
        "clip-tiny-parity",
    ]
    listed = manifest_of(tmp_path / "model")
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= listed.keys()
    assert differences(tmp_path / "model", listed) == []


def test_an_existing_folder_is_replaced_only_when_told_to(source: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "older").write_text("kept")

    refused = _imported(source, tmp_path / "model")
    assert refused.exit_code != 0
    assert "--force" in refused.output
    assert (tmp_path / "model" / "older").exists()

    assert _imported(source, tmp_path / "model", "--force").exit_code == 0
    assert not (tmp_path / "model" / "older").exists()
    assert _left(tmp_path) == ["model"]


def test_what_is_read_is_never_replaced(source: Path, tmp_path: Path) -> None:
    for target in (source, tmp_path, tmp_path / "openai"):
        refused = _imported(source, target, "--force")
        assert refused.exit_code != 0
        assert "choose another folder" in refused.output
    assert (source / "config.json").is_file()


def _truncate(source: Path) -> None:
    os.truncate(source / "model-00002-of-00003.safetensors", 5000)


def _lose_a_shard(source: Path) -> None:
    (source / "model-00002-of-00003.safetensors").unlink()


def _lose_the_tower(source: Path) -> None:
    shutil.rmtree(source.parent / "openai")


def _lose_the_tokenizer(source: Path) -> None:
    (source / "tokenizer.model").unlink()


def _damage_the_tokenizer(source: Path) -> None:
    (source / "tokenizer.model").write_bytes(b"no tokenizer")


def _say(field: str, value: Any) -> Any:
    def change(source: Path) -> None:
        file = source / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {field: value}))

    return change


def _put_code(source: Path) -> None:
    class Code:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(source / "ran"),)

    for file in source.glob("model*"):
        file.unlink()
    torch.save({"lm_head.weight": Code()}, source / "pytorch_model.bin")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_truncate, ["model-00002-of-00003.safetensors", "cut short", "fetch"]),
        (_lose_a_shard, ["model-00002-of-00003.safetensors", "missing", "fetch"]),
        (_say("hidden_size", 256), ["wrong hidden size", "config.json"]),
        (_say("model_type", "llava_mpt"), ["config.json", "model_type", "llava_mpt"]),
        (_say("image_aspect_ratio", "anyres"), ["config.json", "image_aspect_ratio", "tiles"]),
        (_put_code, ["pytorch_model.bin", "code", "safetensors"]),
        (_lose_the_tower, ["mm_vision_tower", "--vision-tower"]),
        (_lose_the_tokenizer, ["tokenizer.model", "missing", "fetch"]),
        (_damage_the_tokenizer, ["tokenizer", "cannot be read", "fetch"]),
    ],
)
def test_a_broken_or_foreign_source_is_named_and_leaves_nothing(
    change: Any, said: list[str], source: Path, tmp_path: Path
) -> None:
    change(source)

    result = _imported(source, tmp_path / "model")

    assert result.exit_code == 1
    for word in said:
        assert word in result.output
    assert _left(tmp_path) == []
    assert not (source / "ran").exists()


def _started(source: Path, target: Path, code: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", f"{code}\nfrom dermtriage.commands.models.import_ import command\ncommand()",
         str(source), str(target)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def test_a_full_disk_is_named_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, {resource.RLIM_INFINITY}))"
    process = _started(source, tmp_path / "model", limit)
    _, error = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "model was not written" in error
    assert "make room" in error
    assert _left(tmp_path) == []


# Stops in the middle of writing, until a signal comes.
WAIT = """
import time
from pathlib import Path
from transformers import LlavaProcessor
LlavaProcessor.save_pretrained = lambda self, folder, **rest: (Path(folder, "half").touch(), time.sleep(60))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_an_interrupted_import_leaves_no_model_and_can_be_repeated(
    number: int, code: int, source: Path, tmp_path: Path
) -> None:
    process = _started(source, tmp_path / "model", WAIT)
    until = time.monotonic() + 60
    while not (tmp_path / ".model.importing" / "half").exists() and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode == code
    assert not (tmp_path / "model").exists()
    assert _left(tmp_path) == ([".model.importing"] if number == signal.SIGKILL else [])
    assert _imported(source, tmp_path / "model").exit_code == 0
    assert _left(tmp_path) == ["model"]
