"""MpoxVLM at small width: two vision towers, a projector, a soft prompt and a Llama decoder.

The parts follow Cao et al. (ML4H 2024, PMLR 259:171-185). Importing this package imports nothing heavy.
"""
