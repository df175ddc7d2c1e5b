"""A small data set of drawn photographs, and a plan that trains in a second."""

import csv
from pathlib import Path

import pytest

from tests.vlm.drawn import photograph
from training.bundled.plan import Plan, Steps
from training.photographs import Photographs, read_photographs
from vlm.mpoxvlm.dictionary import DictionarySizes
from vlm.mpoxvlm.fisher import FisherSizes

CLASSES = {
    "pox": ("monkeypox", "chickenpox", "measles", "healthy", "chickenpox_or_measles"),
    "derm": ("ack", "bcc", "mel", "nev", "scc", "sek"),
}
# A checkpoint after every step.
STEPS = Steps(steps=3, batch=4, learning_rate=1e-3, checkpoint_minutes=1e-9)
TINY = Plan(
    folds=2, side=32, seen_side=24, cache_side=40, stem_widths=(4, 8, 16), lesion_width=16, lesion_layers=1,
    clip_width=16, clip_layers=1, text_width=32, text_layers=1, member=STEPS, clip=STEPS, decoder=STEPS,
    dictionaries=(DictionarySizes(32, 4, 2, 6), FisherSizes(16, 3, 1, 4, 5)),
)  # fmt: skip


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four photographs of each class in groups of their own, and a table of patients."""
    root = tmp_path_factory.mktemp("data")
    for folder, classes in CLASSES.items():
        (root / folder).mkdir()
        rows = []
        for number in range(4 * len(classes)):
            file = f"{number}.png"
            photograph(number, size=(48, 40)).save(root / folder / file)
            rows.append(_row(number, file, classes[number % len(classes)]))
        _write(root / folder / "manifest.csv", rows)
    _write(root / "derm" / "pad_ufes_20_metadata.csv", [_patient(number) for number in range(60)])
    return root


@pytest.fixture(scope="session")
def photographs(data: Path) -> Photographs:
    return read_photographs(data, None, TINY.cache_side)


def _row(number: int, file: str, name: str) -> dict[str, str]:
    split = ("train", "val")[number % 2]
    told = {"file": file, "class": name, "split": split, "group": f"g{number}", "patient_id": f"P{number}"}
    return told | {"age": "60", "region": "FACE", "itch": "True"}


def _patient(number: int) -> dict[str, str]:
    """Whose keratosis itches and whose carcinoma bleeds."""
    diagnosis = number % 6
    return {
        "patient_id": f"T{number}", "diagnostic": CLASSES["derm"][diagnosis].upper(), "age": "60",
        "region": ("FACE", "BACK")[number % 2], "itch": str(diagnosis == 0), "bleed": str(diagnosis == 1),
    }  # fmt: skip


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(rows)
