"""Stores with and without nine days of an experiment."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import streamlit as st
from sqlalchemy import URL

from db.engine import Store
from tests.conftest import administer, open_store
from tests.pages.experiment_forms.desk import (
    Desk,
    run_for,
)


@pytest.fixture(autouse=True)
def _no_caches() -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))


@pytest.fixture(scope="module")
def nine_days(server_url: URL, migrated: str) -> Iterator[str]:
    """The name of a database with nine full days of an experiment that nobody has defined."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    with open_store(server_url.set(database=name)) as filled:
        run_for(filled, 9)
    yield name
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def ran(
    monkeypatch: pytest.MonkeyPatch, server_url: URL, nine_days: str, _address: None
) -> Iterator[Store]:
    """A store of the test's own with those nine days."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{nine_days}"')
    with open_store(server_url.set(database=name)) as opened:
        monkeypatch.setenv("DATABASE_URL", opened.url().render_as_string(hide_password=False))
        yield opened
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def desk(ran: Store) -> Desk:
    """In front of them."""
    return Desk(ran)
