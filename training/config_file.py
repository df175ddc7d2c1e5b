"""From a preset, a YAML file and `key=value` words to the settings of one stage.

A file holds a section for each stage it is for (`mae: {...}`), and `common:`, which all of them get; or, for
one stage alone, the settings without a section. What comes later goes first: preset, file, words.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from training.config import SETTINGS, STAGES, Running
from training.errors import ConfigError

PRESETS = Path(__file__).parent / "presets"


def preset_names() -> list[str]:
    """The presets that are there."""
    return sorted(path.stem for path in PRESETS.glob("*.yaml"))


def preset_text(name: str) -> str:
    """A preset as it is written. Raises `ConfigError` naming those that are there."""
    path = PRESETS / f"{name}.yaml"
    if name not in preset_names():
        raise ConfigError(f"no preset {name!r}: give one of {', '.join(preset_names())}")
    return path.read_text()


def settings_of(
    stage: str, *, preset: str | None = None, file: Path | None = None, words: Sequence[str] = ()
) -> Running:
    """The checked settings. Raises `ConfigError` naming the field."""
    told: dict[str, Any] = {}
    if preset:
        told = _merged(told, _section(stage, preset_text(preset), f"preset {preset}"))
    if file:
        told = _merged(told, _section(stage, _read(file), str(file)))
    for word in words:
        told = _merged(told, _setting(word))
    try:
        return SETTINGS[stage].model_validate(told)
    except ValidationError as error:
        raise ConfigError(_words_of(stage, error)) from None


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read ({error}): give a YAML file with --config") from None


def _section(stage: str, text: str, place: str) -> dict[str, Any]:
    try:
        told = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{place} is no YAML ({' '.join(str(error).split())[:200]})") from None
    if not isinstance(told, dict):
        raise ConfigError(f"{place} holds no settings: see dermtriage train presets")
    if not set(told) & set(STAGES):
        return told
    if unknown := sorted(set(told) - {*STAGES, "common"}):
        raise ConfigError(f"{place}: {unknown[0]!r} is no stage: give one of {', '.join(STAGES)} or common")
    if stage not in told:
        raise ConfigError(
            f"{place} has no section {stage!r}: it is for {', '.join(s for s in told if s in STAGES)}"
        )
    return _merged(told.get("common") or {}, told[stage] or {})


def _setting(word: str) -> dict[str, Any]:
    """`lora.rank=8` as {"lora": {"rank": 8}}; values are read as YAML."""
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise ConfigError(f"--set {word!r}: write it as key=value")
    told: Any = _value(value)
    for part in reversed(name.split(".")):
        told = {part: told}
    return dict(told)


def _value(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = dict(below)
    for name, value in above.items():
        under = both.get(name)
        both[name] = _merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return both


def _words_of(stage: str, error: ValidationError) -> str:
    lines = []
    for fault in error.errors():
        name = ".".join(str(part) for part in fault["loc"]) or "settings"
        if fault["type"] == "extra_forbidden":
            known = ", ".join(SETTINGS[stage].model_fields)
            lines.append(f"{stage}: {name} is no setting of this stage; it has {known}")
        elif fault["type"] == "missing":
            lines.append(f"{stage}: {name} is missing: give it in the file, or with --set {name}=...")
        else:
            lines.append(f"{stage}: {name}: {fault['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)
