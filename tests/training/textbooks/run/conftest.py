"""The road walked once for all tests that only look at its end."""

import pytest

from tests.training.textbooks.run.walked import walked


@pytest.fixture(scope="package")
def done(tmp_path_factory):
    """The run's folder and what it said."""
    return walked(tmp_path_factory.mktemp("road"))
