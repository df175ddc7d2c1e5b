"""A server for each test, and a model that asks it without long waits."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.vlm.remote.server import Server, serving
from vlm.remote.assessing import RemoteModel
from vlm.remote.backend import load_with
from vlm.remote.retrying import Pace
from vlm.settings import VlmSettings

Connect = Callable[..., RemoteModel]


def quick(ref: str, **settings: Any) -> RemoteModel:
    """Load with settings of the test and waits of hundredths of a second."""
    chosen = VlmSettings(**({"vlm_image_dependence": 0, "vlm_remote_timeout_seconds": 5} | settings))
    pace = Pace(chosen.vlm_remote_attempts, first_s=0.01, longest_s=0.02, longest_asked_s=0.2)
    return load_with(ref, chosen, pace)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def connect(server: Server) -> Connect:
    """Load the server's model with settings of the test; what was asked on the way is forgotten."""

    def connect(ref: str | None = None, **settings: Any) -> RemoteModel:
        model = quick(ref or server.ref, **settings)
        server.forget()
        return model

    return connect
