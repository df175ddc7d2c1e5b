"""Free questions about one photograph, for evaluations: `answerer(ref).answer([Question(image, text)])`.

Importing this package does not import torch; a local answerer does.
"""

from vlm.asking.answerer import LONGEST_ANSWER, Answerer, Question, answerer

__all__ = ["LONGEST_ANSWER", "Answerer", "Question", "answerer"]
