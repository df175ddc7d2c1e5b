"""`dermtriage evaluate`: what a model is worth, in figures that repeat. One command a file."""

import click

from dermtriage.lazy_group import LazyGroup

TABLE: dict[str, str] = {
    "calibrate": "Temperature, prediction sets and operating points from validation photographs.",
    "triage": "Labelled photographs: mpox, lookalikes, calibration, skin tone, subgroups, levels.",
    "explanations": "Explanations: do they name the finding, and state only facts that were given?",
}


@click.group(cls=LazyGroup, package="dermtriage.commands.evaluate", table=TABLE)
def command() -> None:
    """Evaluate a model: resumable runs, 95 % intervals by bootstrap over groups, JSON and HTML reports."""
