"""Two runs never write into one folder: the second is refused, and one that was killed lets go."""

import signal
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from tests.forked import SERVER, begin
from tests.training.bundled.conftest import TINY
from tests.training.stages.drawn_data import photographs, picture_settings
from training.alone import alone_in
from training.bundled.recipe import learn
from training.config import SETTINGS
from training.errors import RunError
from training.running.run import run

refused = pytest.raises(RunError, match="another run is at work there; wait for it, or stop it")


def _hold(folder: Path, holding: Event) -> None:
    with alone_in(folder):
        holding.set()
        signal.pause()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[BaseProcess]:
    """Another process at work in `tmp_path`/dictionary-1."""
    holding = SERVER.Event()
    process = begin(_hold, tmp_path / "dictionary-1", holding)
    assert holding.wait(30)
    yield process
    process.kill()
    process.join(30)


def test_a_folder_is_held_until_its_process_is_killed(other: BaseProcess, tmp_path: Path) -> None:
    with refused, alone_in(tmp_path / "dictionary-1"):
        pass
    other.kill()
    other.join(30)
    with alone_in(tmp_path / "dictionary-1"):
        pass


def test_a_stage_is_not_trained_twice_at_a_time_in_one_folder(other: BaseProcess, tmp_path: Path) -> None:
    settings = SETTINGS["mae"].model_validate(picture_settings(photographs(tmp_path / "data"), steps=1))
    with refused:
        run("mae", settings, tmp_path / "dictionary-1")
    assert [path.name for path in (tmp_path / "dictionary-1").iterdir()] == [".lock"]


def test_a_dictionary_is_not_learnt_twice_at_a_time(other: BaseProcess, tmp_path: Path) -> None:
    with refused:
        learn("dictionary-1", TINY, tmp_path, tmp_path)
    assert [path.name for path in (tmp_path / "dictionary-1").iterdir()] == [".lock"]
