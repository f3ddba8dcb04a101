"""What several tests of the demo ask for."""

import pytest

from db.demo.classifier import Trained, train


@pytest.fixture(scope="session")
def trained() -> Trained:
    """The demo's classifier, trained once: nothing changes it."""
    return train()
