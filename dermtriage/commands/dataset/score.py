"""`dermtriage dataset score`."""

from pathlib import Path

import click


@click.command(name="score")
@click.argument("pairs", type=click.Path(exists=True, path_type=Path))
@click.argument("truth", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(pairs: Path, truth: Path) -> None:
    """Print precision and recall of figure-caption PAIRS (a pairs.jsonl, or a run's folder) against TRUTH.

    TRUTH is a JSON file that lists every pair of the books, or a csv of verdicts on pairs that were found;
    verdicts give no recall. The same files print the same lines.
    """
    from training.textbooks.scoring import Score, pairs_at, read_truth, scores

    def line(score: Score) -> str:
        precision = "-" if score.precision is None else f"{score.precision:.4f}"
        recall = "-" if score.recall is None else f"{score.recall:.4f}"
        true = "-" if score.true is None else str(score.true)
        counts = f"right {score.right}  found {score.found}  true {true}  unjudged {score.unjudged}"
        return f"{score.kind:<8} precision {precision}  recall {recall}  {counts}"

    for score in scores(pairs_at(pairs), read_truth(truth)):
        click.echo(line(score))
