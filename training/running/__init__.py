"""How any stage is run: draws, checkpoints, resume, curve. Knows no stage."""
