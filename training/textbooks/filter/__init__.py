"""Step 5, filter: what should not be published or trained on gets its reasons. Nothing is deleted."""
