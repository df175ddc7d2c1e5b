"""One default policy for the room, and properties without a clock: a busy machine is no defect."""

import pytest
from hypothesis import settings

from triage import Policy, load_policy

settings.register_profile("triage", deadline=None)
settings.load_profile("triage")


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The product's default policy."""
    return load_policy()
