"""The questions of a csv, one at a time: `image,question,answer`, and `id`, `modality`, `group` if there.

Other columns are passed over: published files carry an index or notes of their own.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import EvaluationError

NEEDED = ("image", "question", "answer")
NOT_STATED = "not stated"


@dataclass(frozen=True)
class Asked:
    """One row; `row` counts from 0. Rows of one `group` are drawn together; without one, of one image."""

    row: int
    id: str
    image: str
    question: str
    answer: str
    modality: str
    group: str


def read_rows(file: Path) -> Iterator[Asked]:
    """All rows in order. Raises `EvaluationError` for what is no such csv, with the line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            names = {str(name).strip().lower(): name for name in reader.fieldnames or ()}
            if lacking := [name for name in NEEDED if name not in names]:
                raise EvaluationError(
                    f"{file} has no column {', '.join(lacking)}: its first line must name "
                    f"{','.join(NEEDED)} (id, modality and group may be added)"
                )
            for number, cells in enumerate(reader):
                told = {name: (cells[own] or "").strip() for name, own in names.items()}
                yield _asked(file, reader.line_num, number, told)
    except OSError as error:
        raise EvaluationError(
            f"{file} cannot be read ({error.strerror}): give the csv of the questions"
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"{file} is no csv in UTF-8 ({error}): save it as such") from None


def _asked(file: Path, line: int, number: int, told: dict[str, str]) -> Asked:
    if empty := [name for name in NEEDED if not told[name]]:
        raise EvaluationError(f"{file}, line {line}: {', '.join(empty)} is empty: fill it in or drop the row")
    image = told["image"].replace("\\", "/")
    return Asked(
        row=number,
        id=told.get("id") or str(number),
        image=image,
        question=told["question"],
        answer=told["answer"],
        modality=told.get("modality") or NOT_STATED,
        group=told.get("group") or image,
    )
