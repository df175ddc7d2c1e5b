"""Step 2: captions to figures. Reads `pages.jsonl` and `figures/`; writes `pairs.jsonl` and panels."""

from training.textbooks.align.running import run

__all__ = ["run"]
