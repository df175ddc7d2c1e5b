"""`dermtriage models`: what runs, what may run, and whether anything runs. One command a file."""

import click

from dermtriage.lazy_group import LazyGroup

TABLE = {
    "import": "Write an original LLaVA checkpoint as a standard transformers folder.",
    "assemble": "Put an untrained MpoxVLM together from a CLIP, a ViT and a Llama on disk.",
    "parity": "Compare an original LLaVA checkpoint with numbers that the original code gave.",
    "show": "Show which models run and have run, or what one of them is.",
    "verify": "Check that a model is what it says it is, and that a stored result comes out again.",
    "activate": "Let all workers exchange their model, without losing a case.",
    "shadow": "Let another model read the same cases on trial, without touching them.",
    "compare": "Set the model on trial beside the active one, over the same cases.",
    "pause": "Claim no further cases for the model; they go to clinicians without an AI result.",
    "resume": "Claim cases for the model again.",
}


@click.group(cls=LazyGroup, package="dermtriage.commands.models", table=TABLE)
def command() -> None:
    """Import, check, activate and compare models; pause and resume assessment.

    Intake and review go on whatever the model does.
    """
