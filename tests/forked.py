"""Processes of their own for runs that are killed: one server imports torch and forks them all.

Python has one such server in a process. What it imports first is named here for every room: of several
lists the last one would count, and the processes of the other rooms would import everything anew.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        "matplotlib.figure",
        "peft",
        "evaluation.probe.running",
        "evaluation.triage_set.run",
        "evaluation.vqa.run",
        "evaluation.zeroshot.running",
        "tests.evaluation.killed",
        "tests.training.stages.processes",
        "training.stages.mae",
        "training.stages.classifier",
        "training.stages.clip",
        "training.stages.projector",
        "training.stages.instruct",
    ]
)


def begin(function: Callable[..., None], *arguments: Any) -> Any:
    """A process that runs the function, which is one of a module."""
    process = SERVER.Process(target=function, args=arguments)
    process.start()
    return process


def begin_command(words: Sequence[str], said: Path) -> Any:
    """A process that runs `dermtriage WORDS` and writes what it says into a file."""
    return begin(command, words, said)


def command(words: Sequence[str], said: Path) -> None:
    """In such a process: the command line."""
    from dermtriage.cli import main

    with said.open("w") as lines:
        os.dup2(lines.fileno(), 1)
        os.dup2(lines.fileno(), 2)
    os.environ["VLM_THREADS"] = "1"
    sys.argv = ["dermtriage", *words]
    main()
