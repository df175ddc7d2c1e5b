"""Which names of fields may be repeated in an answer: a field's name, never a sentence about a patient."""

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")


def safe_name(name: str) -> str:
    """The name, or a word for it where it does not look like a name."""
    return name if _NAME.fullmatch(name) else "(unreadable name)"


def safe_path(path: str) -> str:
    """A path such as case.age.years or images[2] with each name made safe."""
    return ".".join(_safe_part(part) for part in path.split("."))


def _safe_part(part: str) -> str:
    name, bracket, rest = part.partition("[")
    number, _, tail = rest.partition("]")
    if bracket and number.isdigit() and not tail:
        return f"{safe_name(name)}[{number}]"
    return safe_name(part)
