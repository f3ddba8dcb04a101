"""A store whose service burns."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import streamlit as st
from sqlalchemy import URL

from db.engine import Store
from tests.conftest import administer, open_store
from tests.db.alert_world import World
from tests.pages.alerts.desk import FRESH, change


@pytest.fixture(autouse=True)
def _no_caches() -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="module")
def burning(server_url: URL, migrated: str) -> Iterator[str]:
    """The name of a database whose service burns for an hour: two pages and two tickets."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    with open_store(server_url.set(database=name)) as filled:
        world = World(filled)
        world.keep("slo-availability", "drift")
        world.add_channel()
        world.write(0, 300)
        # A little ahead: a slow test must not look like a service that went quiet.
        world.write(300, 364, errors=22)
        world.run((299, 320, 340, 359))
    yield name
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def burns(monkeypatch: pytest.MonkeyPatch, server_url: URL, burning: str) -> Iterator[Store]:
    """A store of the test's own, where that was evaluated just now."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{burning}"')
    with open_store(server_url.set(database=name)) as opened:
        monkeypatch.setenv("DATABASE_URL", opened.url().render_as_string(hide_password=False))
        change(opened, FRESH)
        change(opened, "update rollup.worker set ticked_at = now()")
        yield opened
    administer(server_url, f'drop database "{name}" with (force)')
