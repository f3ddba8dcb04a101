"""Silence is the signal: rows, instances, tables, the worker."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from core.alerts.checks.liveness import heartbeat, rows, tables, worker
from core.alerts.inputs import Inputs
from core.alerts.parameters import Quiet, Tables
from core.alerts.serving import serving
from core.overview import table_state
from core.ports import Lifetime, TableFreshness, WorkerPulse
from core.ports.alerts import Signal
from core.timeframe import DAY, HOUR, MINUTE
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, gap, life, steady
from tests.fakes_alerts import rule_named

THREE = Quiet(3 * MINUTE)


def rows_signal(written: Sequence[Row], minute: float, lives: Sequence[Lifetime] = ()) -> Signal:
    reader = FakeReliabilityReader(written, lives)
    inputs = Inputs(SERVICE, at(minute), serving=serving(reader, SERVICE, at(minute)))
    answer = rows(rule_named("rows"), THREE, inputs)
    assert answer.complete
    (found,) = answer.signals
    return found


@pytest.mark.parametrize(("minute", "active"), [(13, False), (14, True), (5_000, True)])
def test_nobody_writing_for_more_than_three_minutes_is_a_page(minute: int, active: bool):
    found = rows_signal(steady(0, 10), minute)
    assert found.active is active
    assert found.severity == "page"


def test_the_sentence_says_since_when_nothing_is_known():
    found = rows_signal(steady(0, 10), 20)
    assert found.sentence == "No row of newsletters since 12:10 UTC: nothing is known of it"
    assert found.since == at(13)
    assert found.value == 10


def test_one_silent_datacenter_is_not_the_whole_service():
    written = gap(steady(0, 60, datacenters=("dc1", "dc2")), 10, 60, datacenter="dc2")
    assert rows_signal(written, 60).active is False


def test_a_service_that_was_stopped_in_order_is_quiet_rightly():
    assert rows_signal(steady(0, 10), 60, [life(0, 9, 10)]).active is False
    assert rows_signal(steady(0, 10), 60, [life(0, 9)]).active is True


def test_a_service_that_never_wrote_has_not_begun():
    assert rows_signal([], 60).active is False


def beats(lives: Sequence[Lifetime], written: Sequence[Row], minute: float) -> dict[str, Signal]:
    """What the rule says by component and instance."""
    inference = [one for one in lives if one.component == "inference"]
    reader = FakeReliabilityReader(written, inference)
    inputs = Inputs(
        SERVICE, at(minute), serving=serving(reader, SERVICE, at(minute)), heartbeats=tuple(lives)
    )
    answer = heartbeat(rule_named("heartbeat"), THREE, inputs)
    assert answer.complete
    return {f"{one.labels['component']} {one.labels['instance']}": one for one in answer.signals}


def test_an_instance_that_stopped_beating_is_named():
    lives = [life(0, 60), life(0, 50, instance="b")]
    found = beats(lives, steady(0, 60, instances=("a", "b")), 60)
    assert found["inference a"].active is False
    silent = found["inference b"]
    assert silent.active is True
    assert silent.sentence == ("inference dc1/b of newsletters has not beaten since 12:50 UTC")
    assert silent.where == ("dc1/b",)
    assert silent.since == at(53)


def test_an_instance_that_beats_and_writes_nothing_is_named():
    written = gap(steady(0, 60, instances=("a", "b")), 40, 60, instance="b")
    found = beats([life(0, 60), life(0, 60, instance="b")], written, 60)
    assert found["inference b"].active is True
    assert "beats, but has written no row since 12:40 UTC" in found["inference b"].sentence


def test_other_components_are_watched_by_their_heart_alone():
    labelling = Lifetime("labelling", "", "l1", at(0), at(50), None)
    found = beats([life(0, 60), labelling], steady(0, 60), 60)
    assert found["inference a"].active is False
    assert found["labelling l1"].active is True
    assert found["labelling l1"].sentence.startswith("labelling l1 of newsletters has not beaten")


def test_an_orderly_stop_is_not_watched():
    lives = [life(0, 60), life(0, 29, 30, instance="b")]
    assert set(beats(lives, steady(0, 60), 60)) == {"inference a"}


def test_an_instance_that_has_been_dead_for_a_day_while_others_beat_is_gone():
    late = 25 * 60
    lives = [life(0, late), life(0, 5, instance="b")]
    assert set(beats(lives, steady(late - 10, late), late)) == {"inference a"}
    # Where nobody beats, nobody is gone.
    alone = beats([life(0, 5, instance="b")], steady(0, 5, instances=("b",)), late)
    assert alone["inference b"].active is True


def table(name: str, newest: float | None, step: timedelta) -> TableFreshness:
    return TableFreshness(name, None if newest is None else at(newest), None, step)


def table_signals(asked: Tables, *known: TableFreshness, minute: float = 0) -> dict[str, Signal]:
    states = tuple(table_state(one, at(minute)) for one in known)
    answer = tables(rule_named("tables"), asked, Inputs(SERVICE, at(minute), tables=states))
    return {one.labels["table"]: one for one in answer.signals}


def test_a_table_that_ends_too_long_ago_is_named():
    found = table_signals(
        Tables(()),
        table("score_hour", -4 * 60, HOUR),
        table("serving_minute", -2, MINUTE),
        table("product_day", -3 * 24 * 60, DAY),
        table("deployment", -9_999, timedelta(0)),
        table("training_run", None, timedelta(0)),
        table("shadow_hour", -99 * 60, HOUR),
    )
    active = {name: one.active for name, one in found.items()}
    assert active == {
        "score_hour": True,
        "serving_minute": False,
        "product_day": True,
        "shadow_hour": False,  # the run has ended
    }
    assert found["score_hour"].sentence == ("Table score_hour of newsletters ends at 09:00 UTC")


def test_some_tables_may_be_named():
    known = (table("score_hour", -400, HOUR), table("serving_minute", -40, MINUTE))
    assert set(table_signals(Tables(("score_hour",)), *known)) == {"score_hour"}


@pytest.mark.parametrize(
    ("pulse", "active", "said"),
    [
        (WorkerPulse("host:1", at(-5), ""), False, "ticks"),
        (WorkerPulse("host:1", at(-6), ""), True, "no tick since 11:54 UTC"),
        (WorkerPulse("", None, ""), True, "never finished a tick"),
        (WorkerPulse("host:1", at(-1), "The rollup failed: disk full."), True, "disk full"),
    ],
)
def test_the_worker_that_is_quiet_or_fails_is_told(pulse: WorkerPulse, active: bool, said: str):
    inputs = Inputs(SERVICE, at(0), worker=pulse)
    (found,) = worker(rule_named("worker"), Quiet(5 * MINUTE), inputs).signals
    assert found.active is active
    assert said in found.sentence


def test_a_long_error_of_the_worker_is_cut():
    pulse = WorkerPulse("host:1", at(0), "x" * 5_000)
    (found,) = worker(rule_named("worker"), THREE, Inputs(SERVICE, at(0), worker=pulse)).signals
    assert len(found.sentence) < 260


def test_an_area_that_was_not_read_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="was not read"):
        rows(rule_named("rows"), THREE, Inputs(SERVICE, at(0)))
