"""`dermtriage evaluate triage`."""

from pathlib import Path
from typing import Any

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--manifest", type=FILE, required=True, help="Csv file: file, class; split, group, clinical columns."
)
@click.option("--images", type=FOLDER, required=True, help="Folder that the column `file` speaks of.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the results."
)
@click.option("--model", "ref", default="bundled", show_default=True, help="What the model is loaded by.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n].")
@click.option("--split", help="Only rows of this split, such as val.")
@click.option("--predictions", type=FILE, help="Csv file of answers made elsewhere, in the model's place.")
@click.option(
    "--operating-point", metavar="P|FILE", help="Probability of mpox that is a yes; else the model's own."
)
@click.option("--policy", type=FILE, help="Triage policy; else the product's default.")
def command(
    manifest: Path,
    images: Path,
    out: Path,
    ref: str,
    device: str,
    split: str | None,
    predictions: Path | None,
    operating_point: str | None,
    policy: Path | None,
) -> None:
    """Judge a model on labelled photographs.

    Writes metrics.json, report.html and plots/ to --out: accuracy, mpox sensitivity and specificity at the
    model's operating point, calibration, subgroups, skin tone, ablation and levels, with 95 % intervals by
    bootstrap over groups. A killed run goes on where it stopped when the same command is given again.
    """
    from evaluation.triage_set.run import Order, evaluate_model, evaluate_predictions

    order = Order(manifest, images, out, split, operating_point, policy)
    if predictions:
        metrics = evaluate_predictions(order, predictions)
    else:
        import vlm

        metrics = evaluate_model(order, vlm.load(ref, device))
    click.echo("\n".join(_lines(metrics)))
    click.echo(f"written to {out}")


def _lines(metrics: dict[str, Any]) -> list[str]:
    figures = {name: value for name, value in metrics.items() if isinstance(value, dict) and "low" in value}
    figures |= {"tone_flips": metrics["tone"]["flips"]["all"]}
    return [f"{name:28}{_said(figure)}" for name, figure in figures.items()]


def _said(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "undefined: no such photographs"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]  n={figure['n']}"
