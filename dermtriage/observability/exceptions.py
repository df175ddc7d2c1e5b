"""Exceptions in the log: their kinds and places, never their texts, which may quote what a patient wrote."""

import traceback
from types import TracebackType
from typing import TypedDict

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class LoggedException(TypedDict):
    """One exception of a chain: its kind, and where it passed, outermost first."""

    type: str
    at: list[str]


def without_text(error: BaseException) -> list[LoggedException]:
    """An exception and what caused it, the last one first."""
    chain: list[LoggedException] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        chain.append({"type": kind_of(current), "at": _places(current)})
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def kind_of(error: BaseException) -> str:
    """The exception's class with its module."""
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _places(error: BaseException) -> list[str]:
    # Not traceback.extract_tb: it would read the source lines, which are not needed.
    return [
        f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
