"""`dermtriage evaluate calibrate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from vlm.calibrating import Rule

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
COST = click.FloatRange(0, min_open=True)


@click.command()
@click.option(
    "--manifest",
    "manifests",
    type=FILE,
    required=True,
    multiple=True,
    help="Csv file: file, class, split, group. May be given several times.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the results."
)
@click.option(
    "--split",
    "splits",
    multiple=True,
    default=["val"],
    show_default=True,
    help="Which rows; may be repeated.",
)
@click.option(
    "--predictions", type=FILE, help="Csv file: file, view, ten probabilities or log-probabilities."
)
@click.option("--model", "ref", help="Instead of --predictions: a model that reads the photographs.")
@click.option(
    "--images", type=FOLDER, multiple=True, help="With --model: a folder for each manifest, in its order."
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n].")
@click.option("--coverage", type=SHARE, default=0.9, show_default=True, help="Of the prediction sets.")
@click.option("--specificity", type=SHARE, help="Target of the operating points; 0.9 where no cost is given.")
@click.option("--cost-miss", type=COST, help="Instead: what a missed case costs ...")
@click.option("--cost-false-alarm", type=COST, default=1.0, show_default=True, help="... beside this.")
@click.option("--prevalence", type=SHARE, help="With costs: share of cases to expect; else that of the rows.")
@click.option("--policy", type=FILE, help="Policy whose thresholds are set anew; else the product's default.")
@click.option("--version", help="Name of the calibration in every result; else made of its content.")
@click.option("--draws", type=click.IntRange(2), default=1000, show_default=True, help="Of each bootstrap.")
@click.option("--weights-sha256", help="With --predictions: weights that they were made by.")
def command(
    manifests: tuple[Path, ...],
    out: Path,
    splits: tuple[str, ...],
    predictions: Path | None,
    ref: str | None,
    images: tuple[Path, ...],
    device: str,
    coverage: float,
    specificity: float | None,
    cost_miss: float | None,
    cost_false_alarm: float,
    prevalence: float | None,
    policy: Path | None,
    version: str | None,
    draws: int,
    weights_sha256: str | None,
) -> None:
    """Calibrate a model on validation photographs.

    Writes calibration.json (temperature, prediction sets, operating points: put it into the model's folder),
    policy.yaml (thresholds for a triage policy), metrics.json, report.html and plots/ to --out. Figures are
    held out by grouped cross-validation, with 95 % intervals by bootstrap over groups.
    """
    if (predictions is None) == (ref is None):
        raise click.UsageError("give either --predictions or --model")
    if ref is not None and len(images) != len(manifests):
        raise click.UsageError("with --model give one --images for each --manifest")
    rule = _rule(specificity, cost_miss, cost_false_alarm, prevalence)
    from evaluation.calibration.run import Wanted, calibrate
    from evaluation.calibration.sources import by_model, by_predictions
    from triage.policy import load_policy

    if ref is not None:
        source = by_model(ref, device, list(zip(manifests, images, strict=True)), splits, out)
    else:
        assert predictions is not None  # noqa: S101 - looked at above
        source = by_predictions(predictions, manifests, splits, weights_sha256)
    wanted = Wanted(
        rule, coverage, load_policy(policy), source.weights_sha256, source.made_with, version, draws
    )
    click.echo("\n".join(_lines(calibrate(source.rows, wanted, out))))
    click.echo(f"written to {out}")


def _rule(specificity: float | None, miss: float | None, alarm: float, prevalence: float | None) -> "Rule":
    from vlm.calibrating import Costs, Rule

    if miss is None:
        if prevalence is not None:
            raise click.UsageError("--prevalence belongs to --cost-miss")
        return Rule(specificity=0.9 if specificity is None else specificity)
    if specificity is not None:
        raise click.UsageError("give either --specificity or --cost-miss")
    return Rule(costs=Costs(miss, alarm, prevalence))


def _lines(metrics: dict[str, Any]) -> list[str]:
    sets, points = metrics["sets"], metrics["operating_points"]
    lines = [f"scaling: {metrics['scaling']}, temperature {metrics['temperature']:.3f}"]
    for name in ("ece", "log_loss", "brier"):
        lines.append(f"{name:24}{_said(metrics[name]['before'])} -> {_said(metrics[name]['after'])}")
    lines.append(f"{'coverage of groups':24}{_said(sets['held_out']['of_groups'])}")
    lines.append(f"{'size of sets':24}{_said(sets['held_out']['set_size'])}")
    lines.append(f"operating points: {metrics['operating_points_chosen_by']}")
    for condition, each in points.items():
        held = each["held_out"] or {}
        told = ", ".join(f"{name} {_said(figure)}" for name, figure in held.items())
        lines.append(f"{condition:24}{each['point']:.3f}  {told}")
    return lines


def _said(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "undefined"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
