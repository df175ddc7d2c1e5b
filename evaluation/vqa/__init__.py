"""Visual question answering on a csv `image,question,answer`: answers of a model, and figures of them.

`evaluate(Options(...))` is all that others need. Knows of models only `vlm.asking`.
"""

from evaluation.errors import EvaluationError
from evaluation.vqa.options import Options
from evaluation.vqa.run import evaluate

__all__ = ["EvaluationError", "Options", "evaluate"]
