"""Every setting of the five training stages, checked before anything is loaded.

A path is taken as seen from where the command runs. An unknown setting is refused by its name.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from triage.findings import CONDITIONS

Share = Annotated[float, Field(ge=0, lt=1)]


class Strict(BaseModel):
    """A part of the configuration: frozen, no unknown settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Running(Strict):
    """What every stage is told: data, length, optimiser, checkpoints.

    `batch` is per device and `accumulate` so many of them are one step. Give `steps`, or `epochs` of the
    training rows. `moving_average` is the decay of averaged weights, which are then what is evaluated and
    kept. `patience`: so many evaluations without a lower loss end the run, and the best weights are kept.
    """

    data: Path
    seed: int = 0
    steps: PositiveInt | None = None
    epochs: PositiveFloat | None = None
    batch: PositiveInt = 16
    accumulate: PositiveInt = 1
    learning_rate: PositiveFloat = 1e-3
    weight_decay: NonNegativeFloat = 0.0
    schedule: Literal["cosine", "linear", "constant_with_warmup"] = "cosine"
    warm_up: Share = 0.05
    clip_gradients: NonNegativeFloat = 1.0
    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    gradient_checkpointing: bool = False
    moving_average: Annotated[float, Field(gt=0, lt=1)] | None = None
    evaluate_steps: PositiveInt | None = None
    patience: PositiveInt | None = None
    checkpoint_steps: PositiveInt = 200
    checkpoint_minutes: PositiveFloat | None = 5.0
    checkpoints_kept: PositiveInt = 2
    workers: Annotated[int, Field(ge=0)] = 0
    device: Literal["auto", "cpu"] = "auto"

    @model_validator(mode="after")
    def _agree(self) -> "Running":
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("give steps or epochs, one of them")
        if self.patience and not self.evaluate_steps:
            raise ValueError("patience counts evaluations: give evaluate_steps too")
        return self


class Pictures(Running):
    """Stages that read labelled photographs: a folder with manifest.csv, or one that holds pox/ and derm/.

    `balanced` draws rarer classes and photographs of small groups more often. `captions` of the stage clip
    are the column `caption` where the manifest has one, else made of the class.
    """

    side: PositiveInt = 96
    augment: bool = True
    balanced: bool = False
    train_split: str = "train"
    validation_split: str = "val"
    weight_decay: NonNegativeFloat = 0.05


class Tower(Strict):
    """Sizes of a new ViT, where no `base` is given."""

    width: PositiveInt = 96
    layers: PositiveInt = 5
    heads: PositiveInt = 4
    patch: PositiveInt = 12
    dropout: Share = 0.0


class MaeSettings(Pictures):
    """Stage mae: hide most patches of a photograph and learn to paint them."""

    base: Path | None = None
    tower: Tower = Tower()
    decoder: Tower = Tower(width=48, layers=2)
    mask: Annotated[float, Field(gt=0, lt=1)] = 0.75


class ClassifierSettings(Pictures):
    """Stage classifier. `base` is a ViT, or what the stage mae wrote; then `tower` and `side` are its own."""

    base: Path | None = None
    tower: Tower = Tower(dropout=0.05)
    classes: tuple[str, ...] = CONDITIONS
    label_smoothing: Share = 0.0


class ClipSettings(Pictures):
    """Stage clip. `tokenizer` is a folder with tokenizer.json; the bundled model's where none is given."""

    base: Path | None = None
    tower: Tower = Tower(layers=4)
    text: Tower = Tower(width=64, layers=2)
    shared: PositiveInt = 64
    tokenizer: Path | None = None


class Talking(Running):
    """Stages that read conversations: LLaVA's .json, or .csv with image, question, answer.

    `base`: an MpoxVLM folder, an original LLaVA checkpoint or an imported one. `images`: the folder that the
    names of photographs start from. `longest`: tokens of a conversation with its photograph.
    """

    base: Path
    images: Path
    validation: Path | None = None
    vision_tower: Path | None = None
    projector: Path | None = None
    template: Literal["v1", "llava_2", "mistral_instruct", "mpoxvlm", "plain"] = "v1"
    longest: PositiveInt = 2048

    @model_validator(mode="after")
    def _can_evaluate(self) -> "Talking":
        if self.evaluate_steps and not self.validation:
            raise ValueError("evaluate_steps needs conversations to evaluate on: give validation")
        return self


class ProjectorSettings(Talking):
    """Stage projector: towers and decoder stay, what stands between them learns."""


class Lora(Strict):
    """Low-rank updates of the decoder's linears."""

    rank: PositiveInt = 128
    alpha: PositiveInt = 64
    dropout: Share = 0.05


class InstructSettings(Talking):
    """Stage instruct. With `lora` null the whole decoder learns. `projector_learning_rate` null: frozen."""

    lora: Lora | None = Lora()
    projector_learning_rate: PositiveFloat | None = 2e-5


SETTINGS: dict[str, type[Running]] = {
    "mae": MaeSettings,
    "classifier": ClassifierSettings,
    "clip": ClipSettings,
    "projector": ProjectorSettings,
    "instruct": InstructSettings,
}
STAGES = tuple(SETTINGS)
