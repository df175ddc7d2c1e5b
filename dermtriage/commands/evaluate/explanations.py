"""`dermtriage evaluate explanations`."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from vlm.model import Model

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--cases", type=click.IntRange(min=1), default=500, show_default=True, help="How many are read."
)
@click.option("--model", "ref", default="bundled", show_default=True, help="What the model is loaded by.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n].")
@click.option(
    "--manifest", type=FILE, help="Photographs to show: csv file with file, class. Else drawn ones."
)
@click.option("--images", type=FOLDER, help="Folder that the manifest's column `file` speaks of.")
@click.option("--split", help="Only rows of this split, such as val.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, other cases.")
@click.option("--unguarded", is_flag=True, help="Let the decoder write without the guard of its lists.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep texts and figures there; a killed run goes on.",
)
def command(
    cases: int,
    ref: str,
    device: str,
    manifest: Path | None,
    images: Path | None,
    split: str | None,
    seed: int,
    unguarded: bool,
    out: Path | None,
) -> None:
    """Check that explanations keep to what they were made from.

    Clinical information is drawn by chance. Prints named_finding: the text names the finding that was scored
    highest; facts_only_given: it states clinical facts only if they were given; and every_red_flag: it names
    each that was answered yes.
    """
    import vlm
    from evaluation.explanations.run import explanation_figures
    from evaluation.report import write_json
    from evaluation.run_file import begin
    from evaluation.triage_set.photographs import photographs_of

    if bool(manifest) != bool(images):
        raise click.UsageError("give --manifest and --images together")
    photographs = photographs_of(manifest, images, split) if manifest and images else []
    model = vlm.load(ref, device)
    if unguarded:
        _unguard(model)
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(TemporaryDirectory()))
        made_with = {
            "cases": cases,
            "seed": seed,
            "unguarded": unguarded,
            "photographs": [photograph.file for photograph in photographs] or "drawn",
            "model": dict(model.provenance),
        }
        begin(folder, made_with)
        figures = explanation_figures(model, cases, seed, photographs, folder / "explanations.jsonl")
        plain = {name: figure.as_dict() for name, figure in figures.items()}
        write_json(folder / "metrics.json", plain | {"provenance": made_with})
    for name, figure in figures.items():
        click.echo(f"{name} {figure}")


def _unguard(model: "Model") -> None:
    from vlm.engine.assessor import Assessor

    if not isinstance(model, Assessor):
        raise click.UsageError("only a local model can be unguarded")
    model.guarded = False
