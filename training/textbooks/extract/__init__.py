"""Step 1: text and pictures with their places. Reads the PDF; writes `pages.jsonl` and `figures/`."""

from training.textbooks.extract.opening import has_scripts
from training.textbooks.extract.running import run

__all__ = ["has_scripts", "run"]
