"""The card that lies beside the weights, written from the figures of the run and from nothing else."""

from pathlib import Path
from string import Template
from typing import Any

from training.plan import Plan
from triage.findings import CONDITION_NAMES

TEMPLATE = Path(__file__).parent / "model_card.md"
PARTS = {
    "decoder": "decoder (the findings)",
    "lesion_classifier": "lesion classifier",
    "decoder_with_real_columns": "decoder, PAD-UFES-20's real columns given",
}


def write_card(folder: Path, metrics: dict[str, Any], plan: Plan, parameters: int) -> None:
    """Write MODEL_CARD.md into a model's folder."""
    size = (folder / "model.safetensors").stat().st_size / 2**20
    text = Template(TEMPLATE.read_text()).substitute(
        weights_sha256=metrics["weights_sha256"],
        size_mb=f"{size:.1f}",
        parameters=f"{parameters:,}",
        conditions=", ".join(CONDITION_NAMES.values()),
        train_photographs=metrics["train_photographs"],
        val_photographs=metrics["val_photographs"],
        figures=_figures(metrics),
        among_rashes=_among_rashes(metrics),
        cases=metrics["reliability"]["cases"],
        reliability=_reliability(metrics),
        flips=f"{metrics['tone_flip_share']:.0%}",
        side=plan.side,
        seed=plan.seed,
    )
    (folder / "MODEL_CARD.md").write_text(text)


def _figures(metrics: dict[str, Any]) -> str:
    rows = ["| read from | figure | value | 95 % interval | chance | n (groups) |", "| --- " * 6 + "|"]
    for part, title in PARTS.items():
        for name, figure in metrics[part].items():
            chance = metrics["chance"].get(name, metrics["chance"]["auroc"])
            rows.append(
                f"| {title} | {name.replace('_', ' ')} | {figure['value']:.2f}"
                f" | {figure['low']:.2f} to {figure['high']:.2f} | {chance:.2f}"
                f" | {figure['photographs']} ({figure['groups']}) |"
            )
    return "\n".join(rows)


def _among_rashes(metrics: dict[str, Any]) -> str:
    """Says in words whether mpox is told from the other two rashes at all."""
    figure = metrics["decoder"]["mpox_against_chickenpox_and_measles_auroc"]
    if figure["low"] > metrics["chance"]["auroc"]:
        return "There it is better than chance."
    return "**There its interval includes chance: mpox has not been shown to be told from the other rashes.**"


def _reliability(metrics: dict[str, Any]) -> str:
    rows = ["| the explanation ... | as shipped | decoder without the guard |", "| --- | --- | --- |"]
    for name, share in metrics["reliability"].items():
        if name != "cases":
            alone = metrics["reliability_without_guard"][name]
            rows.append(f"| {name.replace('_', ' ')} | {share:.1%} | {alone:.1%} |")
    right = metrics["appearance_words_right"]
    return "\n".join(
        [*rows, "", f"Words under `Seen` that the pixels bear out: {right:.1%} (a third by chance)."]
    )
