"""`dermtriage evaluate zeroshot`."""

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
VARIANTS = ("scored", "seed-fixed", "seed")


def _list(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from evaluation.zeroshot.datasets import listed

        click.echo(listed())
        context.exit()


@click.command()
@click.option("--list", "listing", is_flag=True, is_eager=True, expose_value=False, callback=_list,
              help="Print MM-Skin's data sets, their classes and where to get them.")  # fmt: skip
@click.option("--csv", "file", type=FILE, required=True,
              help="Rows: image,attributes,categories (or atributes), or a manifest.")  # fmt: skip
@click.option("--images", type=FOLDER, help="Where the rows' paths begin; default: the csv file's folder.")
@click.option("--dataset", "name", help="Ask for the classes of this data set, in its order; see --list.")
@click.option("--classes", help="Ask for these classes instead, separated by semicolons; default: the csv's.")
@click.option("--split", help="Only rows of this split.")
@click.option("--model", "ref", default="bundled", show_default=True, help="'bundled' or a model folder.")
@click.option("--variant", type=click.Choice(VARIANTS), default="scored", show_default=True,
              help="Score all names; take the one affirmed in an answer; or as MM-Skin does.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Gets rows.jsonl, metrics.json and report.html.")  # fmt: skip
@click.option("--batch", type=click.IntRange(1), default=32, show_default=True, help="Photographs at once.")
@click.option("--draws", type=click.IntRange(1), default=1000, show_default=True,
              help="Bootstrap samples behind each interval.")  # fmt: skip
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n].")
def command(
    file: Path, images: Path | None, name: str | None, classes: str | None, split: str | None, ref: str,
    variant: str, out: Path, batch: int, draws: int, device: str,
) -> None:  # fmt: skip
    """Classify photographs by what a model says of class names that it was not trained on.

    By default all names are scored and the likeliest is the answer. `seed` looks for the first name in a
    written answer as MM-Skin's script does, faults included, where a number must be comparable; `seed-fixed`
    is the same without the faults. A run that was killed goes on when it is called again.
    """
    from evaluation.classification.labelled import read_labelled
    from evaluation.report.page import as_text
    from evaluation.zeroshot.datasets import data_set
    from evaluation.zeroshot.running import evaluate_zeroshot, task_of
    from evaluation.zeroshot.ways import VARIANTS as KNOWN
    from evaluation.zeroshot.ways import way_of

    names = (
        data_set(name).classes if name else [one.strip() for one in (classes or "").split(";") if one.strip()]
    )
    rows = read_labelled(file)
    task = task_of(rows.of_split(split) if split else rows, names, images or file.parent)
    chosen = KNOWN[VARIANTS.index(variant)]
    metrics = evaluate_zeroshot(
        way_of(chosen, ref, device, task.question, task.classes), task, out, batch, draws
    )
    for figure in ("accuracy", "balanced_accuracy", "macro_f1", "auroc", "auprc", "log_loss", "ece"):
        click.echo(f"{figure:<18} {as_text(metrics[figure])}")
    click.echo(f"{out / 'report.html'}")
