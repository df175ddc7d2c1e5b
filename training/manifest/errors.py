"""What is wrong with a manifest, all of it in one error."""

from collections.abc import Sequence
from pathlib import Path

SHOWN = 200


class ManifestError(Exception):
    """A manifest must not be used as it is. `problems`: each in one line, the pairs of a leak among them."""

    def __init__(self, manifest: Path, problems: Sequence[str]) -> None:
        self.manifest, self.problems = manifest, tuple(problems)
        super().__init__(f"{manifest} is refused: {len(problems)} problems\n{listed(problems)}")


def listed(problems: Sequence[str], shown: int = SHOWN) -> str:
    """One problem a line; of very many the first `shown`, and how many more there are."""
    lines = [f"  {problem}" for problem in problems[:shown]]
    if len(problems) > shown:
        lines.append(f"  ... and {len(problems) - shown} more")
    return "\n".join(lines)
