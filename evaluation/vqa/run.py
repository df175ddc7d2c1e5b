"""One evaluation from its options to its files.

`answers.jsonl` and `scores.jsonl` grow row by row and survive a kill; `metrics.json`, `provenance.json` and
`report.html` are written at the end. `run.json` says whose files these are.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from evaluation.errors import EvaluationError
from evaluation.report import write_json
from evaluation.row_file import RowFile
from evaluation.vqa import answers as sources
from evaluation.vqa.figures import Tally
from evaluation.vqa.images import Images
from evaluation.vqa.options import Options
from evaluation.vqa.provenance import provenance_of, scoring_of, source_of, take_up
from evaluation.vqa.rows import NOT_STATED, Asked, read_rows
from evaluation.vqa.scorers import left_out, scorers
from evaluation.vqa.scoring import Pair, Scorer
from evaluation.vqa.showing import show
from vlm.asking import Answerer, answerer

# Rows are scored in these bundles whatever was done before a kill, so that each score comes out the same.
SCORED_TOGETHER = 32

Answered = Iterator[tuple[Asked, str]]


def evaluate(options: Options) -> dict[str, Any]:
    """Answer what is not answered, score, and write the report; returns what `metrics.json` holds.

    Raises `EvaluationError`, or `ModelError` of `vlm`.
    """
    if (options.model is None) == (options.answers is None):
        raise EvaluationError("give either --model or --answers")
    total, answered, model = _sources(options)
    take_up(options.out, source_of(options, model), scoring_of(options))
    if model is not None:
        _ask(options, model, total)
    scores = RowFile(options.out / "scores.jsonl", total)
    _score(answered, scores, options)
    tallies = _tallies(scores)
    metrics = {
        "variant": options.variant,
        "rows": total,
        "overall": tallies.pop("").figures(),
        "by_modality": {name: tally.figures() for name, tally in sorted(tallies.items())},
        "left_out": left_out(options),
    }
    provenance = provenance_of(options, model)
    write_json(options.out / "metrics.json", metrics)
    write_json(options.out / "provenance.json", provenance)
    show(options.out, metrics, provenance)
    return metrics


def _sources(options: Options) -> tuple[int, Callable[[], Answered], Answerer | None]:
    """How many rows, where their answers come from, and the model to be asked."""
    if options.answers is not None:
        given = options.answers
        total = sum(1 for _ in sources.with_file(options.csv, given))
        return _some(total, options.csv), lambda: sources.with_file(options.csv, given), None
    if options.images is None:
        raise EvaluationError("--model looks at images: give their folder with --images")
    total = _some(Images(options.images).check(read_rows(options.csv)), options.csv)
    model = answerer(str(options.model), options.device, options.longest)
    return total, lambda: sources.with_model(options.csv, _answers(options, total)), model


def _some(total: int, file: Path) -> int:
    if not total:
        raise EvaluationError(f"{file} has no rows")
    return total


def _answers(options: Options, total: int) -> RowFile:
    return RowFile(options.out / "answers.jsonl", total)


def _ask(options: Options, model: Answerer, total: int) -> None:
    answers = _answers(options, total)
    if answers.is_finished or options.images is None:
        return
    with tqdm(total=total, initial=answers.done, unit="question", desc="asking") as bar:
        sources.ask(options.csv, Images(options.images), model, answers, options.at_once, bar.update)


def _score(answered: Callable[[], Answered], scores: RowFile, options: Options) -> None:
    if scores.is_finished:
        return
    chosen = scorers(options)
    with tqdm(total=scores.total, initial=scores.done, unit="answer", desc="scoring") as bar:
        missing = set(scores.missing())
        rows = answered()
        while bundle := list(islice(rows, SCORED_TOGETHER)):
            new = [asked.row in missing for asked, _ in bundle]
            if any(new):
                scored = zip(bundle, _scored(bundle, chosen), new, strict=True)
                scores.append((asked.row, found) for (asked, _), found, is_new in scored if is_new)
                bar.update(sum(new))
    scores.finish()


def _scored(bundle: list[tuple[Asked, str]], chosen: list[Scorer]) -> list[dict[str, Any]]:
    pairs = [Pair(asked.question, asked.answer, answer) for asked, answer in bundle]
    found: list[dict[str, Any]] = [{} for _ in pairs]
    for scorer in chosen:
        for own, scores in zip(found, scorer(pairs), strict=True):
            own |= scores
    return [
        {
            "id": asked.id,
            "group": asked.group,
            "modality": asked.modality,
            "closed": pair.closed is not None,
            "scores": own,
        }
        for (asked, _), pair, own in zip(bundle, pairs, found, strict=True)
    ]


def _tallies(scores: RowFile) -> dict[str, Tally]:
    """All rows under the empty name, and each modality that is stated."""
    tallies = {"": Tally()}
    for row in scores.rows():
        tallies[""].add(row["group"], row["scores"])
        if row["modality"] != NOT_STATED:
            tallies.setdefault(row["modality"], Tally()).add(row["group"], row["scores"])
    return tallies
