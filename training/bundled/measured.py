"""Files of measurements, read for the model card: a figure is there, or its absence is named."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.errors import CardError

KEYS = {"value", "low", "high", "n"}


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval and the rows it rests on; None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def __str__(self) -> str:
        """A cell of the card's tables."""
        if self.value is None:
            return "undefined"
        if self.low is None or self.high is None:
            return f"{self.value:.3f} (n {self.n})"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}; n {self.n})"


class Measurements:
    """What one JSON file holds. Steps lead through it: `("tone", "flips", "all")`."""

    def __init__(self, file: Path) -> None:
        """Raises `CardError` for a file that is not there or holds no JSON object."""
        self.file = file
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CardError(f"{file} cannot be read as JSON: {error}") from None
        if not isinstance(content, dict):
            raise CardError(f"{file} holds no JSON object")
        self.content: dict[str, Any] = content

    def told(self, *steps: str) -> Any:
        """What stands there. Raises `CardError` that names the file and the figure."""
        found: Any = self.content
        for step in steps:
            if not isinstance(found, dict) or step not in found:
                raise CardError(f"{self.file} lacks {'.'.join(steps)}: measure again")
            found = found[step]
        return found

    def number(self, *steps: str) -> float:
        """The number there. Raises `CardError` for anything else."""
        found = self.told(*steps)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise CardError(f"{self.file}: {'.'.join(steps)} is no number")
        return float(found)

    def part(self, *steps: str) -> dict[str, Any]:
        """The object there. Raises `CardError` for anything else."""
        found = self.told(*steps)
        if not isinstance(found, dict):
            raise CardError(f"{self.file}: {'.'.join(steps)} is no object")
        return found

    def figure(self, *steps: str) -> Figure:
        """The figure there. Raises `CardError` for anything else."""
        found = self.told(*steps)
        if not isinstance(found, dict) or set(found) != KEYS:
            raise CardError(f"{self.file}: {'.'.join(steps)} is no figure with {', '.join(sorted(KEYS))}")
        return Figure(**found)

    def figures(self, *steps: str) -> dict[str, Figure]:
        """All figures right below, in the file's order; texts among them are left out."""
        names = [name for name, found in self.part(*steps).items() if not isinstance(found, str)]
        return {name: self.figure(*steps, name) for name in names}
