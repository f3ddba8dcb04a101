"""The risks' report over a real store: red lines held against what the other areas' reports say."""

from __future__ import annotations

from typing import Any

import pytest

from core.risks import LineState
from db import reports
from db.engine import Role, Store
from db.readers.risks import SqlRiskReader
from db.team.risks import add_risk
from tests.db.alert_world import SERVICE, World
from tests.fakes_risks import form


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def draw(world: World, **changed: Any) -> None:
    given = form(**{"line_due_on": None, "line_operator": ">", "line_value": 20, **changed})
    at = world.at(0)
    given["review_on"] = at.date()
    add_risk(world.app, SERVICE, given, by="Анна", at=at, request_id=str(changed))


def states(world: World, minute: int) -> dict[str, LineState]:
    found = reports.risks_report(world.app, SERVICE, world.at(minute))
    return {view.risk.line.path: view.line.state for view in found.risks if view.line}  # type: ignore[union-attr]


def test_a_service_without_risks_has_an_empty_report_that_reads_no_other_one(store: Store):
    def never(area: str, window: str) -> Any:
        raise AssertionError(area)

    app = store.engine(Role.APP)
    found = reports.risks_report(app, SERVICE, World(store).at(0), never)
    assert (found.risks, found.exposure) == ((), ())


def test_a_line_on_the_p999_is_held_against_the_letters_of_its_window(world: World):
    world.write(0, 30)
    draw(world, line_path="reliability.percentiles.p99.9", line_value=1, line_window="1h")
    draw(world, line_path="reliability.percentiles.p99", line_value=90, line_window="1h")
    found = states(world, 30)
    assert found == {
        "reliability.percentiles.p99.9": LineState.CROSSED,
        "reliability.percentiles.p99": LineState.HOLDS,
    }


def test_stale_letters_are_unknown(world: World):
    world.write(0, 30)
    draw(world, line_path="reliability.percentiles.p99.9")
    assert list(states(world, 120).values()) == [LineState.UNKNOWN]


def test_every_area_has_evidence_that_a_line_may_name(world: World):
    world.write(0, 30)
    paths = (
        "reliability.letters",
        "quality.labels",
        "experiment.days",
        "false-reports.reports",
        "alerts.firing",
        "training.counted",
        "criteria.latency.latency_sli",
    )
    for path in paths:
        draw(world, line_path=path)
    found = states(world, 30)
    assert set(found) == set(paths)
    assert found["reliability.letters"] is LineState.CROSSED
    assert found["training.counted"] is LineState.UNKNOWN


def test_the_worker_watches_open_risks_with_a_line(world: World):
    draw(world, line_path="reliability.letters")
    draw(world, line_path="", line_operator="", line_value=None)
    (one,) = SqlRiskReader(world.worker).watched(SERVICE)
    assert one.line is not None
    assert one.line.path == "reliability.letters"
