"""Step 6: questions and answers from cleaned captions. Writes `questions.jsonl`."""
