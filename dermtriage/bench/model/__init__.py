"""How fast a model assesses, beside the ways there were before: one bench in a few files.

`compare.py` measures, `sides.py` holds what is compared, `subjects.py` the networks, `prefill.py` the share
of a GPU's rate.
"""
