"""Greenlight's own health: what is a failure, what is a warning, and what is nobody's business."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core import health
from core.health import HealthReport, State
from core.ports.health import Outbox, OwnState, ServiceState, Tick

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
WELL = OwnState(
    revision="0020",
    tick=Tick("host:7", NOW - 9 * SECOND, 0.4, 1, ""),
    failed_hours=0,
    services=(ServiceState("mail", True, NOW - MINUTE, NOW - MINUTE, 20, 0, 1440),),
    episodes=(),
    outbox=Outbox(0, 0, 0, 12, None, None),
    bytes_by_schema={"metrics": 1},
    database_bytes=1,
)


class Reader:
    def __init__(self, own: OwnState) -> None:
        self._own = own

    def own_state(self, _as_of: datetime) -> OwnState:
        return self._own


def found(**changed: object) -> HealthReport:
    return health.report(Reader(replace(WELL, **changed)), NOW)  # type: ignore[arg-type]


def state_of(report: HealthReport, name: str) -> State:
    return next(part.state for part in report.parts if part.name == name)


def test_all_is_well_where_the_worker_ticks_and_the_data_are_fresh():
    report = found()

    assert report.state is State.OK
    assert report.sentence == "Greenlight is well."
    assert [part.name for part in report.parts] == [
        *("store", "worker", "notifications", "data of mail")
    ]


def test_a_store_without_any_tick_is_failing():
    report = found(tick=Tick("", None, None, 0, ""))

    assert state_of(report, "worker") is State.FAILING
    assert report.sentence == "Failing: worker."


@pytest.mark.parametrize(
    ("ago", "state"),
    [(2 * MINUTE, State.OK), (2 * MINUTE + SECOND, State.FAILING)],
)
def test_a_tick_is_late_after_two_minutes(ago: timedelta, state: State):
    assert state_of(found(tick=replace(WELL.tick, at=NOW - ago)), "worker") is state


def test_trouble_of_a_tick_is_a_warning_with_its_sentence():
    report = found(tick=replace(WELL.tick, error="Retention failed: no room."))

    assert report.state is State.WARNING
    assert "Retention failed: no room." in report.parts[1].sentence


def test_a_service_that_stopped_writing_is_a_warning_since_its_alerts_tell_people():
    stale = replace(WELL.services[0], data_through=NOW - 5 * MINUTE)

    report = found(services=(stale,))

    assert state_of(report, "data of mail") is State.WARNING
    assert "2026-06-01T11:55Z" in report.parts[-1].sentence


def test_a_service_that_only_has_goals_is_not_asked_for_data():
    planned = ServiceState("planned", False, None, None, 0, 0, 0)

    assert found(services=(planned,)).state is State.OK


@pytest.mark.parametrize(
    ("outbox", "state"),
    [
        (Outbox(3, 1, 0, 0, NOW - MINUTE, NOW - MINUTE), State.OK),
        (Outbox(3, 0, 0, 0, None, NOW - 16 * MINUTE), State.WARNING),
        (Outbox(0, 0, 1, 0, None, None), State.WARNING),
        (Outbox(3, 0, 0, 0, NOW - 16 * MINUTE, None), State.FAILING),
    ],
)
def test_notifications_that_nobody_tries_to_deliver_are_failing(outbox: Outbox, state: State):
    assert state_of(found(outbox=outbox), "notifications") is state


def test_a_store_that_does_not_answer_is_a_report_too():
    report = health.failing(NOW, "The store does not answer: no route.")

    assert health.values(report) == {
        "as_of": "2026-06-01T12:00Z",
        "state": "failing",
        "sentence": "Failing: store.",
        "parts": [
            {
                "name": "store",
                "state": "failing",
                "sentence": "The store does not answer: no route.",
            }
        ],
    }
