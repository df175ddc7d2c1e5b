"""The whole recipe as parts, each in its folder of the run and not repeated when it is finished.

Members and words do not need each other, so they are learnt at the same time, one process a core.
"""

import json
import os
import subprocess
import sys
from collections import deque
from pathlib import Path

import numpy as np

from training.alone import alone_in
from training.bundled.clip import train_clip
from training.bundled.decoder import train_decoder
from training.bundled.dictionaries import train_dictionary
from training.bundled.members import train_member
from training.bundled.mixing import fit_mixture, mixed_across
from training.bundled.out_of_fold import out_of_fold, write_predictions
from training.bundled.plan import Plan
from training.bundled.tokenizer import train_tokenizer
from training.bundled.whole_model import assembled, write_folder
from training.photographs import DataError, Photographs, read_photographs
from training.running.files import write_json, write_whole
from vlm.calibrating import Rule, fit, operating_point
from vlm.mpoxvlm.tokenizer import FILE as TOKENIZER
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer
from vlm.weights import revision_of


def parts(plan: Plan) -> list[str]:
    """What can be learnt at the same time, longest first."""
    dictionaries = [f"dictionary-{number + 1}" for number in range(len(plan.dictionaries))]
    return ["words", *(f"member-{number + 1}" for number in range(plan.folds)), *dictionaries]


def learn(part: str, plan: Plan, data: Path, run: Path) -> None:
    """Learn one part, or see that it is finished.

    Raises `DataError` for unfit data and `RunError` while another process learns the same part.
    """
    kind, _, number = part.partition("-")
    if kind == "dictionary":
        with alone_in(run / part):
            train_dictionary(plan, read_photographs(data, None, plan.side), int(number) - 1, run / part)
        return
    photographs = read_photographs(data, None, plan.cache_side)
    if kind == "words":
        _words(plan, photographs, data, run)
    else:
        train_member(plan, photographs, int(number) - 1, data, run / part)


def learn_all(plan: Plan, data: Path, run: Path, at_once: int) -> None:
    """Learn every part, `at_once` processes at a time; each saves its state, so a stopped run goes on."""
    waiting, running = deque(parts(plan)), dict[subprocess.Popen[bytes], str]()
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                part = waiting.popleft()
                command = [
                    sys.executable,
                    "-m",
                    "training.bundled",
                    "--data",
                    str(data),
                    "--out",
                    str(run),
                    "--seed",
                    str(plan.seed),
                    "--part",
                    part,
                ]
                running[subprocess.Popen(command, env=environment)] = part  # noqa: S603 - ourselves
            ended = _first_ended(running)
            part = running.pop(ended)
            if ended.returncode:
                raise DataError(f"the part {part} ended with {ended.returncode}: see above, then start again")
    finally:
        for process in running:
            process.terminate()


def _first_ended(running: dict[subprocess.Popen[bytes], str]) -> subprocess.Popen[bytes]:
    while True:
        for process in running:
            try:
                process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
            return process


def finish(plan: Plan, data: Path, run: Path) -> Path:
    """Calibrate on what the members say of what they never saw, and write the model's folder."""
    photographs = read_photographs(data, None, plan.side)
    tokenizer = MpoxVLMTokenizer.from_folder(run / "tokenizer")
    said = out_of_fold(plan, photographs, data, run)
    groups, labels = np.array(photographs.groups), photographs.labels.astype(float)
    # Figures and calibration rest on mixtures that never saw the fold; the model gets the one made of all.
    answers = said.answers(mixed_across(said.views["plain"], labels, said.held_out))
    write_predictions(run / "out_of_fold.csv", photographs, answers)
    folder = run / "model"
    mixture = fit_mixture(said.views["plain"], labels)
    write_folder(assembled(plan, tokenizer, run, mixture), tokenizer, folder)
    fitted = fit(answers["plain"], labels, groups, rule=Rule(specificity=0.9))
    calibration = fitted.as_file(f"out-of-fold-{plan.seed}", revision_of(folder))
    # The mixture is calibrated in itself; the file keeps what rests on the answers.
    calibration |= {"temperature": 1.0, "bias": {}}
    calibration["operating_points"] = {"mpox": _mpox_point(plan, photographs, np.exp(answers["plain"]))}
    write_json(folder / "calibration.json", calibration)
    return folder


def _mpox_point(plan: Plan, photographs: Photographs, probabilities: np.ndarray) -> float:
    """Over all photographs; among rashes and healthy skin alone it is less specific than that."""
    is_mpox = photographs.labels[:, 0] == 1
    return float(operating_point(probabilities[:, 0], is_mpox, specificity=plan.specificity))


def _words(plan: Plan, photographs: Photographs, data: Path, run: Path) -> None:
    """Tokenizer, CLIP tower, decoder: one after another."""
    place = run / "tokenizer"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / TOKENIZER).is_file():
        write_whole(place / TOKENIZER, lambda part: train_tokenizer(plan).tokenizer.save(str(part)))
    tokenizer = MpoxVLMTokenizer.from_folder(place)
    train_clip(plan, photographs, tokenizer, data, run / "clip")
    train_decoder(plan, photographs, tokenizer, data, run)


def begin(plan: Plan, run: Path) -> None:
    """Make the run's folder. Raises `DataError` where it holds a run with another plan."""
    run.mkdir(parents=True, exist_ok=True)
    config, told = run / "config.json", json.dumps(plan.as_dict(), indent=2) + "\n"
    if not config.is_file():
        write_json(config, plan.as_dict())
    elif config.read_text() != told:
        raise DataError(f"{run} holds a run with another plan: give another --out")
