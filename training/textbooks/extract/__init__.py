"""Step 1: pages to text with positions and pictures. Reads the PDF; writes `pages.jsonl` and `figures/`."""
