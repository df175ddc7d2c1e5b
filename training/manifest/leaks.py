"""What stands in two splits by its name or by its bytes. Each function gives one line a finding."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from training.manifest.rows import Row


def groups_in_two_splits(rows: Sequence[Row]) -> list[str]:
    """A group stands for one patient or scene: in two splits it makes figures too good."""
    return [
        f"group {group} stands in two splits: "
        + " and ".join(f"{split} ({_names(members)})" for split, members in _by(_split, found).items())
        for group, found in _by(lambda row: row.group, rows).items()
        if len({row.split for row in found}) > 1
    ]


def same_bytes(rows: Sequence[Row]) -> list[str]:
    """Files of the same bytes in different splits, by SHA-256."""
    return [
        pair_line(first, second, "the same file")
        for found in _by(lambda row: row.sha256, rows).values()
        for place, first in enumerate(found)
        for second in found[place + 1 :]
        if first.split != second.split
    ]


def doubled_files(rows: Sequence[Row]) -> list[str]:
    """A file that is listed twice counts twice."""
    return [
        f"{file} is listed {len(found)} times (lines {', '.join(str(row.number) for row in found)})"
        for file, found in _by(lambda row: row.file, rows).items()
        if len(found) > 1
    ]


def pair_line(first: Row, second: Row, what: str) -> str:
    """Two rows and what joins them, in one line."""
    return f"{first.file} ({first.split}) and {second.file} ({second.split}): {what}"


def _split(row: Row) -> str:
    return row.split


def _by(key: Callable[[Row], str], rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def _names(rows: Sequence[Row]) -> str:
    names = [row.file for row in rows]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
