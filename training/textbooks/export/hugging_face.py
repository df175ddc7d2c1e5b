"""The fit pairs as a Hugging Face data set: `datasets.load_from_disk` gives pictures, captions, questions."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.textbooks.errors import TextbookError
from training.textbooks.export.rows import Row
from training.textbooks.export.splits import SHARES

ROWS_AT_ONCE = 16
SHARD = "500MB"


def write_hugging_face(folder: Path, export: Path, read: "Rows") -> None:
    """Write `folder`, the pictures inside. `read` gives all rows anew each time it is called."""
    try:
        # The library asks nobody: what it needs is here.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import datasets
    except ImportError:
        raise TextbookError(
            "the export needs the package `datasets`: install dermtriage[textbooks], or leave it out by "
            "--without-hugging-face"
        ) from None
    datasets.disable_progress_bars()
    features = _features(datasets)
    splits = {}
    with tempfile.TemporaryDirectory(dir=export) as passing:
        for split in SHARES:
            splits[split] = datasets.Dataset.from_generator(
                _samples,
                features=features,
                cache_dir=passing,
                gen_kwargs={"read": read, "export": export, "split": split},
                # Of its own choice it hashes the running code, which differs from run to run.
                fingerprint=f"textbooks-{split}",
                # Its own choice of 1,000 would keep as many pictures in memory.
                writer_batch_size=ROWS_AT_ONCE,
                split=datasets.NamedSplit(split),
            )
        with _few_rows_at_once(datasets.config):
            datasets.DatasetDict(splits).save_to_disk(folder, max_shard_size=SHARD)


@contextmanager
def _few_rows_at_once(config: Any) -> Iterator[None]:
    """`save_to_disk` has no argument for it, and by itself holds 100 MB of pictures several times over."""
    before = config.DEFAULT_MAX_BATCH_SIZE
    config.DEFAULT_MAX_BATCH_SIZE = ROWS_AT_ONCE
    try:
        yield
    finally:
        config.DEFAULT_MAX_BATCH_SIZE = before


class Rows:
    """All rows, to be read several times."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Row]:
        return iter(self._make())


def _samples(read: Rows, export: Path, split: str) -> Iterator[dict[str, Any]]:
    for row in read:
        if row.is_fit and row.place.split == split:
            yield {
                "image": {"path": row.image, "bytes": (export / row.image).read_bytes()},
                "caption": row.cleaned.text,
                "modality": row.guess.settled,
                "label": row.label,
                "diagnoses": list(row.cleaned.diagnoses),
                "age": row.cleaned.age_years,
                "sex": row.cleaned.sex,
                "book": row.pair.book,
                "page": row.pair.page,
                "figure": row.pair.id,
                "group": row.place.group,
                "title": row.source.title,
                "licence": row.source.licence,
                "questions": [
                    {
                        "id": one.id,
                        "subset": one.subset,
                        "kind": one.kind,
                        "question": one.question,
                        "answer": one.answer,
                    }
                    for one in row.questions
                ],
            }


def _features(datasets: Any) -> Any:
    text = datasets.Value("string")
    question = dict.fromkeys(("id", "subset", "kind", "question", "answer"), text)
    return datasets.Features(
        {
            "image": datasets.Image(),
            "caption": text,
            "modality": text,
            "label": text,
            "diagnoses": datasets.List(text),
            "age": datasets.Value("float64"),
            "sex": text,
            "book": text,
            "page": datasets.Value("int32"),
            "figure": text,
            "group": text,
            "title": text,
            "licence": text,
            "questions": datasets.List(question),
        }
    )
