"""The gates of the simulated history, as the report of the life cycle says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from core.life_cycle import Phase, stages
from core.status import Status
from db.demo.newsletters import population, records, shadow
from db.demo.newsletters.life_cycle import seed_life_cycle
from db.demo.newsletters.story import SERVICE, Scenario
from db.reports import life_cycle_report
from db.team.life_cycle import keep
from db.writer import MetricWriter
from tests.db.demo.bells import Bell

#: Long past, so that no clock of a machine is behind it.
ANCHOR = datetime(2025, 6, 3, 12, 40, tzinfo=UTC)
SCENARIO = Scenario(ANCHOR)


def test_the_newsletters_are_in_operation_and_have_passed_their_gates(
    app: Engine, writer: MetricWriter
) -> None:
    letters = population.build(Bell())
    writer.load("deployment", records.deployments(SCENARIO, letters))
    writer.load("training_run", records.training_runs(SCENARIO, ANCHOR))
    writer.load("shadow_hour", shadow.hours(SCENARIO, letters))
    seed_life_cycle(app, SCENARIO)
    seed_life_cycle(app, SCENARIO)
    found = life_cycle_report(app, SERVICE, ANCHOR)
    now = found.standing
    assert now.phase is Phase.OPERATION
    assert [(one.gate, one.model_version, one.waived) for one in now.passed] == [
        (stages.DATA, "", ()),
        (stages.RESEARCH, "bert-4", ()),
        (stages.SHADOW, "bert-4", ()),
    ]
    assert now.run is not None
    assert (len(now.run.hours), now.run.missing, now.run.user_visible) == (168, (), 0)
    assert found.shadow_status is Status.ON_TARGET
    assert found.warnings == ()
    assert [one.item for one in now.items] == ["data", "score_distributions"]
    assert all(one.place.startswith("simulated: ") for one in now.items)
    assert all(one.reason.startswith("simulated: ") for one in now.passed)
    before = life_cycle_report(app, SERVICE, ANCHOR - timedelta(days=30))
    assert [one.gate for one in before.standing.passed] == [stages.DATA, stages.RESEARCH]


def test_what_was_not_filled_in_has_passed_nothing(app: Engine) -> None:
    seed_life_cycle(app, SCENARIO)
    found = life_cycle_report(app, SERVICE, ANCHOR)
    assert [one.gate for one in found.standing.passed] == [stages.DATA]


def test_where_somebody_has_written_nothing_is_added(app: Engine) -> None:
    ours = keep(app, SERVICE, "samples", None, {"place": "ours"}, by="Анна", at=ANCHOR)
    seed_life_cycle(app, SCENARIO)
    assert life_cycle_report(app, SERVICE, ANCHOR).standing.items == (ours,)
