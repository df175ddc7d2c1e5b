"""What is assessed in the benches of models: drawn photographs with mixed clinical information."""

from random import Random
from typing import Any

from PIL import Image

from dermtriage.local.drawing import Kind, Picture, draw
from triage import Clinical, example_clinical
from vlm import Presentation

WIDTH, HEIGHT = 1000, 800
KINDS: tuple[Kind, ...] = ("macule", "pustule", "vesicle", "mole", "irregular_mole", "scale")


def presentations(count: int) -> list[Presentation]:
    """Cases of one photograph of 1000 x 800 pixels each; the same ones each time."""
    return [Presentation((_photograph(n),), _clinical(n)) for n in range(count)]


def _photograph(seed: int) -> Image.Image:
    picture = Picture(seed=seed, fitzpatrick=1 + seed % 6, kind=KINDS[seed % len(KINDS)], count=3 + seed % 9)
    square = draw(picture).resize((WIDTH, WIDTH), Image.Resampling.BICUBIC)
    top = (WIDTH - HEIGHT) // 2
    return square.crop((0, top, WIDTH, top + HEIGHT))


def _clinical(seed: int) -> Clinical:
    """Another age, sex, set of symptoms and red flags for each seed: prompts of many lengths."""
    chance = Random(seed)  # noqa: S311 - the same cases each time, not a secret
    body: dict[str, Any] = example_clinical()
    body["age"] = {"years": chance.randint(1, 85)}
    body["sex"] = chance.choice(["female", "male", "other"])
    for symptom in body["symptoms"].values():
        symptom.update(present=chance.choice(["yes", "no", "unknown"]), onset_days_ago=None)
    body["exposure_21_days"] = {name: chance.choice(["yes", "no", "no"]) for name in body["exposure_21_days"]}
    body["red_flags"] = {name: "yes" if chance.random() < 0.05 else "no" for name in body["red_flags"]}
    return Clinical.model_validate(body)
