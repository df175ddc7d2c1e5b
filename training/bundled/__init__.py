"""The recipe of the bundled model: `python -m training.bundled --data DIR --out DIR`.

Five members of the lesion classifier each learn from four fifths of the photographs (groups stay together)
and are tried on the last fifth; the words (tokenizer, CLIP tower, decoder) are learnt beside them. Nothing is
pre-trained elsewhere.
"""
