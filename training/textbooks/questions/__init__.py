"""Step 6: questions and answers from cleaned captions. Writes `questions.jsonl`."""

from training.textbooks.questions.running import run

__all__ = ["run"]
