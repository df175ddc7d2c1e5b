"""Step 7: csv, conversations and a `datasets` folder with a data card, split without leaks."""
