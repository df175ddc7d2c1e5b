"""The model card beside the weights, from measured figures alone: `python -m training.bundled.card --help`.

After Mitchell et al., "Model cards for model reporting" (FAccT 2019). Files that speak of other weights, of
other answers or of another operating point are refused.
"""

import math
from pathlib import Path
from string import Template
from typing import Any

import click
from safetensors import safe_open

from training.bundled import card_tables as tables
from training.bundled.card_checks import check_explanations, check_triage
from training.bundled.goals import judged
from training.bundled.measured import Measurements
from training.errors import CardError
from training.running.files import write_json
from triage.findings import CONDITION_NAMES
from vlm.weights import revision_of, weight_files

TEMPLATE = Path(__file__).parent / "model_card.md"


def write_card(
    run: Path, triage: Measurements, guarded: Measurements, unguarded: Measurements, minutes: float
) -> Path:
    """Write MODEL_CARD.md and metrics.json into `run`/model; return the card's path.

    Raises `CardError` where a figure is missing or was not measured on this run. Nothing is written then.
    """
    folder, plan = run / "model", Measurements(run / "config.json")
    calibration = Measurements(folder / "calibration.json")
    if not weight_files(folder):
        raise CardError(f"{folder} holds no weights: finish the training first")
    weights = revision_of(folder)
    check_triage(run, triage, calibration)
    check_explanations(weights, guarded, unguarded)
    reached = judged(triage)
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        _of_the_model(folder, weights, plan),
        coverage=f"{calibration.number('conformal', 'coverage'):.0%}",
        photographs=f"{triage.number('provenance', 'photographs'):,.0f}",
        operating_point=f"{triage.number('operating_point', 'threshold'):.4f}",
        goals=tables.goals(reached),
        figures=tables.headline(triage),
        recall=tables.recall(triage),
        subgroups=tables.subgroups(triage),
        bands=triage.told("tone", "bands"),
        tone=tables.tone(triage),
        shift=triage.told("tone", "flips", "shift"),
        flips=tables.flips(triage),
        cases=f"{guarded.number('provenance', 'cases'):,.0f}",
        explanations=tables.explanations(guarded, unguarded),
        minutes=f"{minutes:,.0f}",
    )
    measured = {
        "weights_sha256": weights,
        "training": {"minutes": minutes, "plan": plan.content},
        "goals": [each.as_dict() for each in reached],
        "triage": triage.content,
        "explanations": _counted(guarded),
        "explanations_unguarded": _counted(unguarded),
    }
    write_json(folder / "metrics.json", measured)
    card = folder / "MODEL_CARD.md"
    card.write_text(text, encoding="utf-8")
    return card


def _of_the_model(folder: Path, weights: str, plan: Measurements) -> dict[str, str]:
    files = weight_files(folder)
    numbers, kinds = _numbers(files)
    dictionaries = [_dictionary(each) for each in plan.told("dictionaries")]
    return {
        "weights_sha256": weights,
        "size_mb": f"{sum(file.stat().st_size for file in files) / 2**20:.1f}",
        "numbers": f"{numbers:,}",
        "kinds": ", ".join(kinds),
        "conditions": ", ".join(CONDITION_NAMES.values()),
        "members": str(plan.told("folds")),
        "dictionaries": "; ".join(dictionaries),
        "side": str(plan.told("side")),
        "seed": str(plan.told("seed")),
    }


def _dictionary(sizes: dict[str, int]) -> str:
    """A dictionary of words, or of kinds."""
    where = f"of {sizes['patch']} x {sizes['patch']} pixels at a side of {sizes['side']}"
    if "kinds" in sizes:
        return f"Fisher vectors of {sizes['kinds']} kinds in {sizes['directions']} directions, {where}"
    return f"{sizes['words']} words {where}"


def _numbers(files: list[Path]) -> tuple[int, list[str]]:
    """How many numbers the weights are, and their kinds."""
    count, kinds = 0, set[str]()
    for file in files:
        with safe_open(file, framework="numpy") as opened:
            for name in opened.keys():  # noqa: SIM118 - no mapping
                part = opened.get_slice(name)
                count += math.prod(part.get_shape())
                kinds.add(str(part.get_dtype()))
    return count, sorted(kinds)


def _counted(measured: Measurements) -> dict[str, Any]:
    """The content with the number of photographs in the place of their names."""
    made_with = measured.part("provenance")
    shown = made_with["photographs"]
    number = len(shown) if isinstance(shown, list) else shown
    return measured.content | {"provenance": made_with | {"photographs": number}}


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--run", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True,
    help="The run folder of the training.",
)  # fmt: skip
@click.option("--triage", type=FILE, required=True, help="metrics.json of `evaluate triage --predictions`.")
@click.option("--explanations", type=FILE, required=True, help="metrics.json of `evaluate explanations`.")
@click.option("--unguarded", type=FILE, required=True, help="The same with --unguarded.")
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), required=True,
    help="How long the training took on two CPU cores.",
)  # fmt: skip
def main(run: Path, triage: Path, explanations: Path, unguarded: Path, minutes: float) -> None:
    """Write RUN/model/MODEL_CARD.md and RUN/model/metrics.json from measured figures."""
    try:
        guarded, bare = Measurements(explanations), Measurements(unguarded)
        card = write_card(run, Measurements(triage), guarded, bare, minutes)
        click.echo(f"card written to {card}")
    except CardError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
