"""Reads docs/API.md: its table of errors and its examples."""

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "API.md"


class ErrorRow(NamedTuple):
    """One promise of the table."""

    request: str
    status: int
    kind: str
    field: str


def error_rows() -> list[ErrorRow]:
    """The rows under "Errors"."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition("## Errors")
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return [ErrorRow(request, int(status), kind, field) for request, status, kind, field in cells[2:]]


def examples() -> list[str]:
    """The shell commands of the page, in its order."""
    return re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
