"""The tables of an export, each written row by row.

`pairs.csv`: every pair with the reasons that speak against it. `manifest.csv`: the fit ones, as the manifests
of other data sets. `vqa_SPLIT.csv`: image,question,answer first, as MM-Skin's; then where a sample is from.
"""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from training.textbooks.export.rows import Row
from training.textbooks.export.splits import SHARES
from training.textbooks.records import Question

PAIR = (
    "book", "id", "page", "figure", "number", "panel", "image", "modality", "modality_probability",
    "checked", "label", "diagnoses", "excluded", "age", "sex", "caption", "split", "group", "confidence",
    "phash", "reasons",
)  # fmt: skip
MANIFEST = (
    "file", "class", "split", "group", "dataset", "licence", "sha256", "phash", "modality", "age", "sex",
    "caption", "book", "page", "figure",
)  # fmt: skip
VQA = ("image", "question", "answer", "modality", "subset", "kind", "group", "book", "page", "figure", "id")
Write = Callable[[dict[str, Any]], None]


class Tables:
    """All tables of one folder, open at once."""

    def __init__(self, write: dict[str, Write]) -> None:
        self._write = write

    def add(self, row: Row, sha256: str) -> None:
        """One pair into the tables it belongs to. `sha256`: of its picture."""
        self._write["pairs"](_pair(row))
        if not row.is_fit:
            return
        self._write["manifest"](_manifest(row, sha256))
        for question in row.questions:
            sample = _sample(row, question)
            self._write[f"vqa {row.place.split}"](sample)
            self._write[f"llava {row.place.split}"](conversation(sample))


@contextmanager
def tables_in(folder: Path) -> Iterator[Tables]:
    """Open all tables of a folder, close them at the end."""
    with ExitStack() as opened:
        write: dict[str, Write] = {
            "pairs": opened.enter_context(_csv(folder / "pairs.csv", PAIR)),
            "manifest": opened.enter_context(_csv(folder / "manifest.csv", MANIFEST)),
        }
        for split in SHARES:
            write[f"vqa {split}"] = opened.enter_context(_csv(folder / f"vqa_{split}.csv", VQA))
            write[f"llava {split}"] = opened.enter_context(_json_list(folder / f"vqa_{split}.json"))
        yield Tables(write)


def conversation(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample as LLaVA's training code reads it."""
    return {
        "id": f"{sample['book']}/{sample['id']}",
        "image": sample["image"],
        "conversations": [
            {"from": "human", "value": f"<image>\n{sample['question']}"},
            {"from": "gpt", "value": sample["answer"]},
        ],
    }


def _pair(row: Row) -> dict[str, Any]:
    pair, cleaned = row.pair, row.cleaned
    return {
        "book": pair.book,
        "id": pair.id,
        "page": pair.page,
        "figure": pair.figure,
        "number": pair.number,
        "panel": pair.panel,
        "image": row.image if row.is_fit else "",
        "modality": row.guess.settled,
        "modality_probability": row.guess.probability,
        "checked": "yes" if row.guess.checked else "no",
        "label": row.label,
        "diagnoses": "|".join(cleaned.diagnoses),
        "excluded": "|".join(cleaned.excluded),
        "age": _age(row),
        "sex": cleaned.sex or "",
        "caption": cleaned.text,
        "split": row.place.split,
        "group": row.place.group,
        "confidence": pair.confidence,
        "phash": row.screened.phash,
        "reasons": "|".join(row.screened.reasons) or ("" if cleaned.text else "no_caption"),
    }


def _manifest(row: Row, sha256: str) -> dict[str, Any]:
    return {
        "file": row.image,
        "class": row.label,
        "split": row.place.split,
        "group": row.place.group,
        "dataset": row.source.title,
        "licence": row.source.licence,
        "sha256": sha256,
        "phash": row.screened.phash,
        "modality": row.guess.settled,
        "age": _age(row),
        "sex": row.cleaned.sex or "",
        "caption": row.cleaned.text,
        "book": row.pair.book,
        "page": row.pair.page,
        "figure": row.pair.figure,
    }


def _sample(row: Row, question: Question) -> dict[str, Any]:
    return {
        "image": row.image,
        "question": question.question,
        "answer": question.answer,
        "modality": row.guess.settled,
        "subset": question.subset,
        "kind": question.kind,
        "group": row.place.group,
        "book": question.book,
        "page": question.page,
        "figure": row.pair.figure,
        "id": question.id,
    }


def _age(row: Row) -> str:
    return "" if row.cleaned.age_years is None else f"{row.cleaned.age_years:g}"


@contextmanager
def _csv(file: Path, columns: tuple[str, ...]) -> Iterator[Write]:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writeheader()
        yield writer.writerow


@contextmanager
def _json_list(file: Path) -> Iterator[Write]:
    """One JSON list, written item by item: a large book's does not fit into memory twice."""
    with file.open("w", encoding="utf-8", newline="\n") as lines:
        before = "[\n"

        def write(item: dict[str, Any]) -> None:
            nonlocal before
            lines.write(before + json.dumps(item, ensure_ascii=False))
            before = ",\n"

        yield write
        lines.write("\n]\n" if before == ",\n" else "[]\n")
