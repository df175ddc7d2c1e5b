"""One manifest format for labelled photographs, and the checks that keep figures made from it honest.

A manifest is a csv with the columns `file`, `class`, `split`, `group`, clinical columns where they are known
(see `rows.Row`), and any others. `reading.read_manifest` gives typed rows or says all that is wrong.
Knows nothing of models and training.
"""
