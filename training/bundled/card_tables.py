"""The model card's tables in Markdown. Numbers come in; nothing is computed here."""

from collections.abc import Iterable, Sequence

from training.bundled.goals import Judged
from training.bundled.measured import Measurements
from triage.findings import CONDITION_NAMES

HEADLINE = {
    "accuracy4": "accuracy among mpox, chickenpox, measles, healthy skin",
    "balanced_accuracy4": "balanced accuracy among these four",
    "mpox_sensitivity": "mpox sensitivity",
    "mpox_specificity": "mpox specificity, all other photographs",
    "mpox_auroc": "mpox AUROC, all other photographs",
    "mpox_vs_lookalikes_auroc": "mpox AUROC against chickenpox and measles",
    "mpox_vs_lookalikes_accuracy": "mpox accuracy against chickenpox and measles",
    "derm_accuracy": "accuracy among the six tumours and keratoses",
    "ece": "expected calibration error among the four",
}
# The names of `evaluation.triage_set.subgroups`.
PARTS = {
    "fitzpatrick": "Fitzpatrick type",
    "ita": "tone by ITA",
    "age": "age",
    "sex": "sex",
    "source": "source",
}
PART_FIGURES = {
    "accuracy4": "accuracy among four",
    "mpox_sensitivity": "mpox sensitivity",
    "mpox_specificity": "mpox specificity",
    "derm_accuracy": "accuracy among six",
}
BANDS = ("dark", "middle", "light", "dark_minus_light")
SIDES = {
    "mpox_sensitivity": "mpox sensitivity",
    "mpox_specificity": "mpox specificity",
    "mpox_specificity_among_pox": "specificity among rashes and healthy skin",
}
PROMISES = {
    "named_finding": "names the finding that was scored",
    "facts_only_given": "states given facts only",
    "every_red_flag": "names every red flag",
}
ANSWERS = {True: "yes", False: "no", None: "not measured"}


def goals(all_judged: Sequence[Judged]) -> str:
    """What is to be reached, and whether it is."""
    rows = [(each.goal.name, each.goal, each.figure, ANSWERS[each.reached]) for each in all_judged]
    return _table(("figure", "goal", "value", "reached"), rows)


def headline(measured: Measurements) -> str:
    """The figures at the top of `metrics.json`."""
    rows = [(title, measured.figure(name)) for name, title in HEADLINE.items()]
    return _table(("figure", "value (95 % interval; photographs)"), rows)


def recall(measured: Measurements) -> str:
    """Photographs and recall of each condition."""
    counts, recalls = measured.part("photographs"), measured.figures("recall")
    rows = [(named(name), count, recalls.get(name, "")) for name, count in counts.items()]
    return _table(("condition", "photographs", "recall"), rows)


def subgroups(measured: Measurements) -> str:
    """A row a part, one table for all attributes."""
    rows = []
    for attribute, title in PARTS.items():
        for value in measured.part("subgroups", attribute):
            figures = [measured.figure("subgroups", attribute, value, name) for name in PART_FIGURES]
            rows.append((f"{title}: {value}", *figures))
    return _table(("part", *PART_FIGURES.values()), rows)


def tone(measured: Measurements) -> str:
    """Both sides of the operating point by band."""
    rows = [
        (band.replace("_minus_", " less "), *(measured.figure("tone", side, band) for side in SIDES))
        for band in BANDS
    ]
    return _table(("band", *SIDES.values()), rows)


def flips(measured: Measurements) -> str:
    """Answers that another tone of the same photograph turns."""
    names = {"all": "all", "pox": "rashes and healthy skin"}
    found = measured.figures("tone", "flips")
    return _table(("photographs", "flips"), [(names.get(name) or named(name), found[name]) for name in found])


def explanations(guarded: Measurements, unguarded: Measurements) -> str:
    """How often each promise is kept, with the guard of the lists and without."""
    rows = [(title, guarded.figure(name), unguarded.figure(name)) for name, title in PROMISES.items()]
    return _table(("the explanation ...", "as shipped", "decoder without the guard"), rows)


def named(label: str) -> str:
    """A condition's name, or a label's that is none, in words."""
    names = (name for condition, name in CONDITION_NAMES.items() if condition == label)
    return next(names, label.replace("_", " "))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
