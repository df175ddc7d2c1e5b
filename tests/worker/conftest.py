"""What the worker's tests share: cases with drawn photographs, and a pipeline around the simulated model."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.image_store import ImageStore
from db.model_versions import register_model
from db.models import Case, Platform
from db.session import SessionFactory, make_sessions
from tests.factories import make_case, make_image, make_platform
from tests.vlm.drawn import photograph
from tests.worker.processes import StartWorker, workers
from triage import example_clinical, load_policy
from vlm import load
from worker.commit import Committer
from worker.leases import Leases
from worker.loading import Loader
from worker.pipeline import Pipeline

PlaceCase = Callable[..., Case]
MakePipeline = Callable[..., Pipeline]


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore((tmp_path / "images").as_uri())


@pytest.fixture
def sessions(engine: Engine) -> SessionFactory:
    return make_sessions(engine)


@pytest.fixture
def platform(session: Session) -> Platform:
    return make_platform(session)


@pytest.fixture
def place_case(session: Session, platform: Platform, store: ImageStore) -> PlaceCase:
    """A queued case with one small drawn photograph, its bytes in the store."""

    def place(*, free_text: str = "", seed: int = 0, stored: bool = True, **fields: Any) -> Case:
        data = drawn_jpeg(seed)
        if stored:
            store.put(platform.id, sha256(data).hexdigest(), data)
        clinical = example_clinical() | {"free_text": free_text}
        case = make_case(session, platform, clinical=clinical, **fields)
        make_image(session, case, sha256=sha256(data).hexdigest())
        return case

    return place


@pytest.fixture
def make_pipeline(sessions: SessionFactory, store: ImageStore) -> MakePipeline:
    """A worker's pipeline in this process."""

    def make(
        model: str = "simulated:raise_on=POISON",
        *,
        owner: str = "worker-1",
        batch_size: int = 16,
        overlap: bool = False,
        lease: float = 30,
    ) -> Pipeline:
        loaded = load(model)
        with sessions.begin() as session:
            version = register_model(
                session, ref=model, revision=loaded.revision, provenance=loaded.provenance
            )
        return Pipeline(
            sessions=sessions,
            model=loaded,
            loader=Loader(store, longest_side=2048),
            committer=Committer(sessions, load_policy(), owner, version, max_attempts=3),
            leases=Leases(sessions, timedelta(seconds=lease)),
            batch_size=batch_size,
            overlap=overlap,
        )

    return make


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What the workers of `start_worker` say."""
    return tmp_path / "worker.log"


@pytest.fixture
def start_worker(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts real worker processes that end with the test."""
    with workers(database_url, redis_url, tmp_path) as start:
        yield start


def drawn_jpeg(seed: int = 0, size: tuple[int, int] = (96, 64)) -> bytes:
    """A small synthetic photograph."""
    file = BytesIO()
    photograph(seed, size).save(file, "JPEG")
    return file.getvalue()
