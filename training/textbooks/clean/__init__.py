"""Step 4: captions fit for use, with age, sex and diagnosis. Reads `pairs.jsonl`; writes `cleaned.jsonl`."""

from training.textbooks.clean.running import run

__all__ = ["run"]
