"""A store that the tests of a module share, emptied before each: faster than one of their own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine, text

from db.engine import Role
from tests.conftest import new_database, open_store

_EMPTY = text("""
    truncate team.risk, team.rota, team.rota_override, team.drill, team.incident,
        team.incident_alert, team.incident_note, team.retrospective, team.action,
        team.service_card, team.audit, team.member, team.sign_out, team.runbook,
        team.life_cycle_item, team.life_cycle_gate, team.alert_rule, team.alert_episode,
        team.alert_transition, team.alert_acknowledgement, team.alert_silence, team.channel,
        team.notification, team.plan_frame, team.milestone, team.task, team.scope_cell,
        team.baseline, team.baseline_task, team.planning_decision, team.iteration,
        team.review_pack, team.review_file, team.decision, team.goal, team.goal_node,
        team.business_metric
    restart identity cascade""")


@pytest.fixture(scope="module")
def shared_engines(server_url: URL, migrated: str) -> Iterator[dict[Role, Engine]]:
    """A migrated store as each of its roles sees it."""
    with new_database(server_url, migrated) as url, open_store(url) as opened:
        roles = (Role.OWNER, Role.APP, Role.WORKER)
        yield {role: opened.engine(role, pool_size=8) for role in roles}


@pytest.fixture
def oncall_engines(shared_engines: dict[Role, Engine]) -> dict[Role, Engine]:
    """The module's store, without anything about on-call, incidents and alerts."""
    with shared_engines[Role.OWNER].begin() as connection:
        connection.execute(_EMPTY)
    return shared_engines


@pytest.fixture
def oncall_app(oncall_engines: dict[Role, Engine]) -> Engine:
    """The emptied store as the web server sees it."""
    return oncall_engines[Role.APP]
