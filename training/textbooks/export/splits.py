"""Which split a picture belongs to. What belongs together is never parted.

Panels of one figure share its caption, and near-duplicates are one picture: both make a group. A group goes
where its first picture's book goes; with too few books, groups are dealt out one by one.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}
FEWEST_BOOKS = 5


@dataclass(frozen=True)
class Placed:
    """A picture's name in all books, its book, its figure, and the picture it repeats or nothing."""

    name: str
    book: str
    figure: str
    repeats: str = ""


@dataclass(frozen=True)
class Place:
    """Where a picture goes."""

    group: str
    split: str


def places(pictures: Iterable[Placed]) -> dict[str, Place]:
    """The place of each picture by name. The same pictures always go to the same places."""
    figures, books = {}, {}
    joined: dict[str, str] = {}
    for one in pictures:
        figure = f"{one.book}/{one.figure}"
        figures[one.name], books[figure] = figure, one.book
        joined.setdefault(figure, figure)
        if one.repeats in figures:
            _join(joined, figures[one.repeats], figure)
    groups = {name: _root(joined, figure) for name, figure in figures.items()}
    split_of = _dealt(groups, books)
    return {name: Place(group, split_of[group]) for name, group in groups.items()}


def _root(joined: dict[str, str], figure: str) -> str:
    while joined[figure] != figure:
        joined[figure] = joined[joined[figure]]
        figure = joined[figure]
    return figure


def _join(joined: dict[str, str], first: str, later: str) -> None:
    one, other = _root(joined, first), _root(joined, later)
    joined[max(one, other)] = min(one, other)


def _dealt(groups: Mapping[str, str], books: Mapping[str, str]) -> dict[str, str]:
    """The split of each group."""
    sizes = Counter(groups.values())
    units = {group: books[group] if len(set(books.values())) >= FEWEST_BOOKS else group for group in sizes}
    filled: Counter[str] = Counter()
    for group, unit in units.items():
        filled[unit] += sizes[group]
    split_of_unit = _spread(filled)
    return {group: split_of_unit[unit] for group, unit in units.items()}


def _spread(sizes: Mapping[str, int]) -> dict[str, str]:
    """Each unit to the split that lacks most of its share; larger ones first, equals in a hash's order."""
    total = sum(sizes.values())
    lacking = {split: share * total for split, share in SHARES.items()}
    chosen: dict[str, str] = {}
    used: set[str] = set()
    order = sorted(sizes, key=lambda unit: (-sizes[unit], hashlib.sha256(unit.encode()).hexdigest()))
    for unit in order:
        split = max(lacking, key=lacking.__getitem__)
        # The last units go where nothing is yet: no split stays empty because the first unit was large.
        empty = [name for name in SHARES if name not in used]
        if len(order) - len(chosen) <= len(empty):
            split = empty[0]
        chosen[unit] = split
        used.add(split)
        lacking[split] -= sizes[unit]
    return chosen
