"""Settings: what is refused and by which name, presets, files, words; and that help needs no torch."""

import subprocess
import sys
from pathlib import Path

import pytest

from training.config import STAGES, InstructSettings, MaeSettings
from training.config_file import preset_names, preset_text, settings_of
from training.errors import ConfigError

NEEDED = {"data": "d", "base": "b", "images": "i"}


@pytest.mark.parametrize("preset", preset_names())
def test_every_section_of_a_preset_is_sound(preset: str) -> None:
    import yaml

    told = yaml.safe_load(preset_text(preset))
    for stage in set(told) & set(STAGES):
        needed = NEEDED if stage in ("projector", "instruct") else {"data": "d"}
        settings = settings_of(stage, preset=preset, words=[f"{k}={v}" for k, v in needed.items()])
        assert settings.data == Path("d")


def test_the_presets_are_those_that_were_asked_for() -> None:
    assert preset_names() == ["mpoxvlm-7b", "mpoxvlm-small", "skinvl-lora"]


def test_skinvl_s_recipe_is_the_published_one() -> None:
    settings = settings_of(
        "instruct", preset="skinvl-lora", words=[f"{name}={value}" for name, value in NEEDED.items()]
    )
    assert isinstance(settings, InstructSettings)
    assert settings.lora is not None
    assert (settings.lora.rank, settings.lora.alpha, settings.lora.dropout) == (128, 64, 0.05)
    assert (settings.learning_rate, settings.projector_learning_rate) == (5e-5, 2e-5)
    assert (settings.schedule, settings.warm_up, settings.template) == ("cosine", 0.02, "v1")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data=d", "steps=1", "stepz=2"], "mae: stepz is no setting of this stage"),
        (["data=d", "steps=1", "tower.depth=2"], "mae: tower.depth is no setting"),
        (["steps=1"], "mae: data is missing"),
        (["data=d"], "give steps or epochs"),
        (["data=d", "steps=1", "epochs=1"], "give steps or epochs"),
        (["data=d", "steps=0"], "mae: steps: .*greater than 0"),
        (["data=d", "steps=1", "mask=1.5"], "mae: mask"),
        (["data=d", "steps=1", "patience=2"], "give evaluate_steps"),
        (["data=d", "steps"], "write it as key=value"),
    ],
)
def test_a_setting_that_is_wrong_is_named(words: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings_of("mae", words=words)


def test_words_go_before_the_file_and_the_file_before_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("common: {seed: 4}\nmae: {data: here, steps: 7, tower: {width: 32}}\n")
    settings = settings_of("mae", preset="mpoxvlm-small", file=file, words=["steps=9", "learning_rate=5e-4"])
    assert isinstance(settings, MaeSettings)
    assert (settings.seed, settings.steps, settings.batch, settings.learning_rate) == (4, 9, 64, 5e-4)
    assert (settings.tower.width, settings.tower.patch) == (32, 12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mae: {data: d}\nmea: {}\n", "'mea' is no stage"),
        ("clip: {data: d}\n", "no section 'mae': it is for clip"),
        ("- a\n", "holds no settings"),
        ("a: [", "is no YAML"),
    ],
)
def test_a_file_that_is_wrong_is_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ConfigError, match=rf"mine.yaml.*{said}"):
        settings_of("mae", file=tmp_path / "mine.yaml")


def test_a_file_for_one_stage_needs_no_section(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("data: d\nsteps: 3\n")
    assert settings_of("mae", file=tmp_path / "mine.yaml").steps == 3


def test_a_preset_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match="give one of mpoxvlm-7b, mpoxvlm-small, skinvl-lora"):
        settings_of("mae", preset="none")


def test_help_presets_and_refusals_import_no_torch() -> None:
    code = (
        "import sys\nfrom dermtriage.cli import group\n"
        "for words in (['train', '-h'], ['train', 'mae', '-h'], ['train', 'presets'],"
        " ['train', 'mae', '--preset', 'mpoxvlm-small']):\n"
        "    try: group(words, standalone_mode=False)\n"
        "    except Exception as error: print(type(error).__name__, error)\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    assert "ConfigError mae: data is missing" in done.stdout
    assert "skinvl-lora" in done.stdout
