"""Choices that look like chance and are the same each time: by the hash of what is chosen for."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Kind = TypeVar("Kind")


def chosen(options: Sequence[Kind], *what_for: str) -> Kind:
    """One of the options, fixed by the words it is chosen for."""
    return options[number_for(*what_for) % len(options)]


def number_for(*what_for: str) -> int:
    """A number fixed by these words."""
    return int.from_bytes(hashlib.sha256("/".join(what_for).encode()).digest()[:8], "big")
