"""Any folder that `AutoModelForImageTextToText` loads: fed as transformers' own `generate` feeds it.

A family is served only if a probe at load finds that our batched reading gives what `generate` gives for each
row alone. Knows no architecture by name.
"""
