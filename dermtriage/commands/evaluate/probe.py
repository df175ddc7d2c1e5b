"""`dermtriage evaluate probe`."""

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--manifest", type=FILE, required=True,
              help="Rows to fit and test: a manifest, or a csv of image,attributes,categories.")  # fmt: skip
@click.option("--test-manifest", type=FILE, help="Rows to test, where they stand in a file of their own.")
@click.option("--images", type=FOLDER, help="Where the rows' paths begin; default: the manifest's folder.")
@click.option("--model", "ref", default="bundled", show_default=True, help="'bundled' or a model folder.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Gets features, predictions, metrics.json and report.html.")  # fmt: skip
@click.option("--fit", "fitted", default="train", show_default=True, help="The split that is fitted.")
@click.option("--test", "tested", help="The split that is tested; default: test, else val.")
@click.option("--without", multiple=True, help="A class to leave out; may be given several times.")
@click.option("--batch", type=click.IntRange(1), default=32, show_default=True, help="Photographs at once.")
@click.option("--draws", type=click.IntRange(1), default=1000, show_default=True,
              help="Bootstrap samples behind each interval.")  # fmt: skip
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n].")
def command(
    manifest: Path, test_manifest: Path | None, images: Path | None, ref: str, out: Path, fitted: str,
    tested: str | None, without: tuple[str, ...], batch: int, draws: int, device: str,
) -> None:  # fmt: skip
    """Fit a logistic regression on a model's image features, and test it.

    Features are streamed to a file: memory does not grow with the photographs. A run that was killed goes on
    when it is called again. Cross-validation for the regression's strength stays within the fitted split and
    keeps groups together.
    """
    import vlm
    from evaluation.classification.labelled import read_labelled
    from evaluation.probe.running import best_split, evaluate_probe, split_of, split_of_two
    from evaluation.report.page import as_text

    rows = read_labelled(manifest).without(without)
    if test_manifest:
        split = split_of_two(rows, read_labelled(test_manifest).without(without))
    else:
        split = split_of(rows, fitted, tested or best_split(rows.rows))
    metrics = evaluate_probe(vlm.load(ref, device), split, images or manifest.parent, out, batch, draws)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "auroc", "auprc", "log_loss", "ece"):
        click.echo(f"{name:<18} {as_text(metrics[name])}")
    click.echo(f"{out / 'report.html'}")
