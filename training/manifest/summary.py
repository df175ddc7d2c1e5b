"""A manifest in a few lines of text."""

from collections import Counter
from collections.abc import Iterator

from training.manifest.reading import Manifest


def summary(manifest: Manifest) -> Iterator[str]:
    """Counts of class by split, and groups by split."""
    splits = manifest.splits
    counts = Counter((row.condition_class, row.split) for row in manifest.rows)
    classes = sorted({row.condition_class for row in manifest.rows})
    yield _line("class", [*splits, "all"])
    for name in classes:
        by_split = [counts[name, split] for split in splits]
        yield _line(name, [*by_split, sum(by_split)])
    yield _line("photographs", [*(len(manifest.of_split(split)) for split in splits), len(manifest.rows)])
    groups = [len({row.group for row in manifest.of_split(split)}) for split in splits]
    yield _line("groups", [*groups, len({row.group for row in manifest.rows})])


def _line(name: str, cells: list[str] | list[int]) -> str:
    return f"{name:<24}" + "".join(f"{cell:>10}" for cell in cells)
