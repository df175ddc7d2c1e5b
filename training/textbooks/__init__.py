"""From dermatology textbooks in PDF to image-text pairs and questions, as MM-Skin's data set was described.

The road (Zeng et al., arXiv 2505.06152): extract, align, modality, clean, filter, questions, export, a
package each. `records.py` says what passes between steps, `workspace.py` where it lies, `run/` walks them.
"""
