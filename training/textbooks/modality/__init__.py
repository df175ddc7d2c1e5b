"""Step 3: clinical, dermoscopic or pathological. Reads `pairs.jsonl`; writes `modality.jsonl`."""
