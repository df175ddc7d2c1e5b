"""Splits: what belongs together stays together, and no split is empty where there is enough."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from training.textbooks.export.splits import SHARES, Placed, places


def shelf(sizes):
    return [
        Placed(f"b{book}/{n}", f"b{book}", f"f{n // 2}")
        for book, size in enumerate(sizes)
        for n in range(size)
    ]


@st.composite
def shelves(draw):
    """Books of some sizes; some pictures repeat an earlier one of any book."""
    pictures = shelf(draw(st.lists(st.integers(1, 12), min_size=1, max_size=8)))
    repeated = draw(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=6))
    for one, other in repeated:
        first, later = sorted((one % len(pictures), other % len(pictures)))
        if first != later:
            here = pictures[later]
            pictures[later] = Placed(here.name, here.book, here.figure, pictures[first].name)
    return pictures


@given(shelves())
def test_no_figure_and_no_repetition_is_in_two_splits(pictures):
    found = places(pictures)
    figures = {}
    for one in pictures:
        assert figures.setdefault((one.book, one.figure), found[one.name]) == found[one.name]
        if one.repeats:
            assert found[one.repeats] == found[one.name]
    groups = {}
    for place in found.values():
        assert groups.setdefault(place.group, place.split) == place.split


@given(st.lists(st.integers(1, 30), min_size=5, max_size=20))
def test_with_enough_books_a_book_is_in_one_split_and_none_is_empty(sizes):
    pictures = shelf(sizes)
    found = places(pictures)
    splits = {}
    for one in pictures:
        splits.setdefault(one.book, set()).add(found[one.name].split)
    assert all(len(one) == 1 for one in splits.values())
    assert {split for one in splits.values() for split in one} == set(SHARES)


def test_one_book_is_dealt_out_by_figures_in_the_stated_shares():
    counts = Counter(place.split for place in places(shelf([400])).values())
    assert counts == {"train": 320, "val": 40, "test": 40}


def test_the_same_books_are_always_dealt_alike():
    pictures = shelf([9, 14, 3, 20, 5, 7])
    assert places(pictures) == places(list(pictures))
