"""Step 5: what should not be published: faces, marks, annotations, duplicates. Writes `screened.jsonl`."""
