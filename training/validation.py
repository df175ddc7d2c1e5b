"""Stage 5: what the finished model is worth on the validation photographs, by the same door as in service.

The answers are read with the least clinical information, so that no simulated fact helps; the second figure
for all ten conditions adds PAD-UFES-20's real columns.
"""

from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

import vlm
from training.appearance import appearance
from training.augmentation import plain_view
from training.photographs import Photographs
from training.plan import Plan
from training.reliability import decoder_reliability, parts_of
from training.simulated_clinical import POX, bare_clinical, real_clinical
from training.statistics import Figure, accuracy, auroc, balanced_accuracy, with_interval
from training.tone import tone_flip_share
from triage.findings import CONDITIONS, Finding, Findings
from vlm.mpoxvlm.backend import load


def validate(folder: Path, val: Photographs, data: Path, plan: Plan) -> dict[str, Any]:
    """All figures of the card, printed and returned."""
    model = load(folder, "auto")
    images = [_photograph(data / row["path"]) for row in val.rows]
    bare = model.assess([vlm.Presentation((image,), bare_clinical()) for image in images])
    real = model.assess(
        [vlm.Presentation((image,), real_clinical(row)) for image, row in zip(images, val.rows, strict=True)]
    )
    figures = {
        "decoder": _figures(val, _table(bare, "findings"), plan),
        "lesion_classifier": _figures(val, _table(bare, "classifier"), plan),
        "decoder_with_real_columns": _ten_classes(val, _table(real, "findings"), plan),
    }
    reliability = decoder_reliability(model, images, plan.reliability_cases, plan.seed)
    model.guarded = False
    unguarded = decoder_reliability(model, images, plan.reliability_cases, plan.seed)
    model.guarded = True
    metrics = {
        "weights_sha256": model.revision,
        "val_photographs": len(val),
        **{name: {key: figure.as_dict() for key, figure in part.items()} for name, part in figures.items()},
        "chance": _chance(val),
        "reliability": reliability,
        "reliability_without_guard": unguarded,
        "tone_flip_share": tone_flip_share(model, images),
        "appearance_words_right": _appearance_words_right(val, bare, plan.side),
    }
    _show(figures, metrics)
    return metrics


def _photograph(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _table(found: list[Findings], view: str) -> NDArray[np.float64]:
    """Probabilities (N, 10) in the order of `CONDITIONS`."""

    def row(findings: tuple[Finding, ...]) -> list[float]:
        by_condition = {finding.condition: finding.probability for finding in findings}
        return [by_condition[condition] for condition in CONDITIONS]

    return np.array([row(getattr(findings, view)) for findings in found])


def _figures(val: Photographs, table: NDArray[np.float64], plan: Plan) -> dict[str, Figure]:
    pox = [CONDITIONS.index(condition) for condition in POX]
    rows = val.decided & np.isin(val.conditions, pox)
    truth, groups = val.conditions[rows], np.array(val.groups)[rows]
    among_pox = table[rows][:, pox]
    answer = np.array(pox)[among_pox.argmax(axis=1)]
    is_mpox, score = truth == CONDITIONS.index("mpox"), table[rows][:, CONDITIONS.index("mpox")]
    rash = truth != CONDITIONS.index("healthy")
    return {
        "four_class_accuracy": with_interval(
            accuracy(truth, answer), groups, plan.seed, plan.bootstrap_draws
        ),
        "four_class_balanced_accuracy": with_interval(
            balanced_accuracy(truth, answer), groups, plan.seed, plan.bootstrap_draws
        ),
        "mpox_against_pox_folder_auroc": with_interval(
            auroc(is_mpox, score), groups, plan.seed, plan.bootstrap_draws
        ),
        "mpox_against_chickenpox_and_measles_auroc": with_interval(
            auroc(is_mpox[rash], score[rash]), groups[rash], plan.seed, plan.bootstrap_draws
        ),
        **_ten_classes(val, table, plan),
    }


def _ten_classes(val: Photographs, table: NDArray[np.float64], plan: Plan) -> dict[str, Figure]:
    rows = val.decided
    truth, groups = val.conditions[rows], np.array(val.groups)[rows]
    answer = table[rows].argmax(axis=1)
    return {
        "ten_class_accuracy": with_interval(accuracy(truth, answer), groups, plan.seed, plan.bootstrap_draws),
        "ten_class_balanced_accuracy": with_interval(
            balanced_accuracy(truth, answer), groups, plan.seed, plan.bootstrap_draws
        ),
    }


def _chance(val: Photographs) -> dict[str, float]:
    """What always giving the most frequent answer reaches."""
    ten = np.bincount(val.conditions[val.decided], minlength=len(CONDITIONS))
    four = ten[: len(POX)]
    return {
        "four_class_accuracy": round(float(four.max() / four.sum()), 4),
        "four_class_balanced_accuracy": 0.25,
        "auroc": 0.5,
        "ten_class_accuracy": round(float(ten.max() / ten.sum()), 4),
        "ten_class_balanced_accuracy": 0.1,
    }


def _appearance_words_right(val: Photographs, found: list[Findings], side: int) -> float:
    """Share of the words under `Seen` that the pixels bear out; a third by chance."""
    measured = appearance(plain_view(torch.from_numpy(val.pixels), side))
    right = [
        len(set(parts_of(findings.explanation).seen) & set(words)) / len(words)
        for findings, words in zip(found, measured, strict=True)
    ]
    return round(float(np.mean(right)), 4)


def _show(figures: dict[str, dict[str, Figure]], metrics: dict[str, Any]) -> None:
    for part, named in figures.items():
        for name, figure in named.items():
            click.echo(f"{part:26} {name:42} {figure}")
    for name in (
        "chance",
        "reliability",
        "reliability_without_guard",
        "appearance_words_right",
        "tone_flip_share",
    ):
        click.echo(f"{name}: {metrics[name]}")
