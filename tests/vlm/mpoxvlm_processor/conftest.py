"""The bundled model as the product loads it, and the processor as any user of transformers does."""

import pytest
from transformers import AutoProcessor

import vlm
from vlm.engine.assessor import Assessor
from vlm.loading import BUNDLED
from vlm.mpoxvlm.backend import MpoxVLMBackend
from vlm.mpoxvlm.processor import MpoxVLMProcessor


@pytest.fixture(scope="session")
def backend() -> MpoxVLMBackend:
    loaded = vlm.load(device="cpu")
    assert isinstance(loaded, Assessor)
    assert isinstance(loaded.backend, MpoxVLMBackend)
    return loaded.backend


@pytest.fixture
def processor() -> MpoxVLMProcessor:
    loaded = AutoProcessor.from_pretrained(BUNDLED)
    assert isinstance(loaded, MpoxVLMProcessor)
    return loaded
