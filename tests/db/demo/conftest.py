"""What several tests of the demo ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.demo.classifier import Trained, train
from db.demo.newsletters.story import SERVICE
from db.engine import Role, Store
from db.writer import MetricWriter


@pytest.fixture(scope="session")
def trained() -> Trained:
    """The demo's classifier, trained once: nothing changes it."""
    return train()


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


@pytest.fixture
def reader(store: Store) -> Engine:
    return store.engine(Role.SERVING)


@pytest.fixture
def writer(store: Store, tmp_path: Path) -> Iterator[MetricWriter]:
    with MetricWriter(store, service=SERVICE, buffer=tmp_path / "buffer") as opened:
        yield opened
