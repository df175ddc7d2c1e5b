"""The numbers of the original code, for the tiny checkpoints in tests/data/parity."""

from pathlib import Path

import pytest

from vlm.llava.checkpoint import load_checkpoint
from vlm.llava.parity import checks

DATA = Path(__file__).parents[2] / "data" / "parity"
SETS = {
    "mistral_base": ("llava-mistral-base", "tower"),
    "mistral_lora": ("llava-mistral-lora", "tower"),
    "mistral_tower_flag_on": ("llava-mistral-tower", "checkpoint"),
}


@pytest.mark.parametrize("name", SETS)
def test_gives_the_numbers_of_the_original_code(name: str) -> None:
    folder, whose = SETS[name]
    checkpoint = load_checkpoint(DATA / folder)

    found = list(checks(checkpoint, DATA / "expected" / f"{name}.json", DATA))

    assert checkpoint.vision_weights == whose
    assert len(found) >= 42
    assert [check for check in found if not check.met] == []
