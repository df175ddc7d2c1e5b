"""WordNet from a folder of its database files. Nothing is fetched."""

import warnings
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError

NOT_NEEDED = ("cntlist.rev", "index.sense")


# Once for each folder: the reader holds its files open while it lives.
@cache
def wordnet_of(folder: Path) -> Any:
    """nltk's reader of the folder of `data.noun` and its like: WordNet's `dict`, nltk's `wordnet`."""
    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    needed = [name for name in WordNetCorpusReader._FILES if name not in NOT_NEEDED]
    if lacking := [name for name in needed if not (folder / name).is_file()]:
        raise EvaluationError(
            f"{folder} has no {', '.join(lacking[:3])}: give the folder of all WordNet's files with --wordnet"
        )

    class English(WordNetCorpusReader):  # type: ignore[misc]
        """Any version: numbers of other languages' meanings, which need version 3.0 too, are not mapped."""

        def map_wn(self, version: str = "wordnet") -> None:
            """Nothing is mapped."""

    # nltk reads below its own search path only; who names the folder allows it.
    if str(folder.resolve()) not in nltk.data.path:
        nltk.data.path.append(str(folder.resolve()))
    try:
        with warnings.catch_warnings():
            # It only says that other languages are not there.
            warnings.filterwarnings("ignore", message="The multilingual functions")
            return English(str(folder.resolve()), None)
    except (OSError, LookupError, ValueError, AssertionError) as error:
        raise EvaluationError(f"{folder} is no WordNet ({error}): fetch its files again") from None
