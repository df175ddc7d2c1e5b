"""Step 2: which caption belongs to which picture. Reads `pages.jsonl`; writes `pairs.jsonl` and `panels/`."""
