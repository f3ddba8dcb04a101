"""A store that the tests of a module share, emptied before each: faster than one of their own."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine, text

from db.engine import Role, Store
from tests.conftest import administer, open_store

_EMPTY = text("""
    truncate team.rota, team.rota_override, team.drill, team.incident, team.incident_alert,
        team.incident_note, team.retrospective, team.action, team.service_card, team.oncall_change,
        team.runbook, team.alert_rule, team.alert_change, team.alert_episode,
        team.alert_transition, team.alert_acknowledgement, team.channel, team.notification
    restart identity cascade""")


@pytest.fixture(scope="module")
def shared_oncall_store(server_url: URL, migrated: str) -> Iterator[Store]:
    """A migrated store."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    with open_store(server_url.set(database=name)) as opened:
        yield opened
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def oncall_store(shared_oncall_store: Store) -> Store:
    """The module's store, without anything about on-call, incidents and alerts."""
    with shared_oncall_store.engine(Role.OWNER).begin() as connection:
        connection.execute(_EMPTY)
    return shared_oncall_store


@pytest.fixture
def oncall_app(oncall_store: Store) -> Engine:
    """The emptied store as the web server sees it."""
    return oncall_store.engine(Role.APP)
