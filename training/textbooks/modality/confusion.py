"""The model's confusion in a few lines of text."""

from collections import Counter
from collections.abc import Sequence

from training.textbooks.modality.model import Example, ModalityModel, cross_validated
from training.textbooks.records import MODALITIES, Modality


def report(checked: Sequence[Example], grouped_by: str) -> list[str]:
    """What rules and model are worth on the checked pairs; says so where nothing can be measured."""
    if not checked:
        return ["modality: guessed by rules; nothing has been checked yet (see the check sheets)"]
    rules = ModalityModel(())
    by_rule = [(example, rules.guess(example)[0]) for example in checked]
    lines = [f"modality: {len(checked)} checked; the rules alone are right on {_right(by_rule)}"]
    guessed = cross_validated(checked)
    if not guessed:
        return [*lines, f"  only one {grouped_by} is checked: no cross-validation"]
    lines += [
        f"  cross-validated, no {grouped_by} on both sides of a fold: right on {_right(guessed)}",
        "  checked as (rows), guessed as (columns):",
        f"  {'':<14}" + "".join(f"{one:>14}" for one in MODALITIES),
    ]
    counts = Counter((example.modality, guess) for example, guess in guessed)
    for truth in MODALITIES:
        lines.append(f"  {truth:<14}" + "".join(f"{counts[truth, guess]:>14}" for guess in MODALITIES))
    return lines


def _right(guessed: Sequence[tuple[Example, Modality]]) -> str:
    right = sum(example.modality == guess for example, guess in guessed)
    return f"{right} of {len(guessed)} ({100 * right / len(guessed):.1f} %)"
