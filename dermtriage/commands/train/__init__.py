"""`dermtriage train`: the stages from photographs and conversations to a model. One command a file."""

import click

from dermtriage.lazy_group import LazyGroup

TABLE = {
    "mae": "Pre-train the lesion ViT without labels: hidden patches are painted.",
    "classifier": "Train the lesion classifier, new or from what mae wrote.",
    "clip": "Bring photographs and captions together, where no CLIP weights exist.",
    "projector": "Train what stands between towers and decoder, on conversations.",
    "instruct": "Teach the decoder to answer, by low-rank updates (LoRA) or whole.",
    "presets": "List the presets, or print one.",
}


@click.group(cls=LazyGroup, package="dermtriage.commands.train", table=TABLE)
def command() -> None:
    """Train a model, one stage after the other. Give a stage a YAML file, a preset, or both.

    A run lives in one folder and may be stopped in any way: started again with the same settings it goes on
    at its last checkpoint and ends in the same weights. On several GPUs: accelerate launch -m dermtriage
    train STAGE ...
    """
