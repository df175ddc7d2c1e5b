"""`dermtriage evaluate vqa`: answers of a model to questions about images, against the true ones."""

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option(
    "--csv", "file", type=FILE, required=True, help="Columns image,question,answer; id, modality, group"
)
@click.option("--images", type=FOLDER, help="Folder of the images; leading folders of the csv may be lacking")
@click.option("--model", help="Folder of a LLaVA, SkinVL or other image-text model, or openai:URL#MODEL")
@click.option(
    "--answers", type=FILE, help="Answers given before, csv or jsonl, in the csv's order; no model runs"
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of results"
)
@click.option(
    "--variant",
    type=click.Choice(["published", "seed"]),
    default="published",
    show_default=True,
    help="seed: BLEU, recall, exact match and yes/no as LLaVA-Med's scripts count them",
)
@click.option("--wordnet", type=FOLDER, help="WordNet's database files, for METEOR; left out without")
@click.option(
    "--bertscore-encoder", "encoder", type=FOLDER, help="Encoder's folder, for BERTScore; left out without"
)
@click.option("--bertscore-layer", "encoder_layer", type=int, help="Whose states count  [default: the last]")
@click.option("--max-tokens", "longest", type=click.IntRange(1), default=256, show_default=True)
@click.option("--batch-size", "at_once", type=click.IntRange(1), default=16, show_default=True)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n]")
def command(file: Path, **given: object) -> None:
    """Ask a model every question of a csv and score its answers.

    Writes metrics.json, report.html, provenance.json, answers.jsonl and scores.jsonl. A run that was broken
    off goes on where it was when it is started again with the same --out.
    """
    from evaluation.vqa import Options, evaluate

    options = Options(csv=file, **given)  # type: ignore[arg-type]
    metrics = evaluate(options)
    for name, figure in metrics["overall"].items():
        value = "undefined" if figure["value"] is None else f"{figure['value']:.4f}"
        click.echo(f"{name:16}{value:>10}  [{figure['low']}, {figure['high']}]  n={figure['n']}")
    for name, why in metrics["left_out"].items():
        click.echo(f"{name}: {why}")
    click.echo(f"report: {options.out / 'report.html'}")
