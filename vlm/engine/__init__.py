"""The assessment engine: from presentations to findings with any local network of transformers.

A backend says how its network is fed and spoken to (`backend.py`); the engine batches, scores, explains,
measures the signals and combines photographs, the same way for all. Knows no architecture by name.
"""
