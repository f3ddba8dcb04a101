"""Every experiment of a service with its verdict."""

from __future__ import annotations

from dataclasses import replace

from core.experiment import Outcome, estimate, overview, report
from core.ports import ExperimentDecision
from core.status import Status
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    EXPERIMENT,
    FakeExperimentReader,
    World,
    day,
    defined,
    on_day,
)

READER = FakeExperimentReader(
    [
        *World(lifts={"treatment": -0.2}).rows(28),
        *World(seed=2).rows(45, first=40, experiment="second"),
    ],
    [replace(defined(), experiment="third", starts_on=day(90))],
    decided=[
        ExperimentDecision(on_day(number), "Анна", decision, "", on_day(number), {})
        for number, decision in ((30, "note"), (35, "ship"), (80, "note"))
    ],
)


def test_experiments_are_listed_with_their_verdicts_the_latest_start_first():
    found = overview(READER, SERVICE, on_day(46))
    assert [one.experiment for one in found] == ["third", "second", EXPERIMENT]
    outcomes = [one.outcome for one in found]
    assert outcomes == [Outcome.NOT_BEGUN, Outcome.KEEP_COLLECTING, Outcome.MET]
    statuses = [one.status for one in found]
    assert statuses == [Status.NOT_DUE, Status.UNDECIDED, Status.ON_TARGET]


def test_a_past_one_says_what_was_decided_by_then():
    past = overview(READER, SERVICE, on_day(46))[-1]
    assert past.decided is not None
    assert past.decided.decision == "ship"
    assert overview(READER, SERVICE, on_day(33))[-1].decided is not None
    assert overview(READER, SERVICE, on_day(20))[-1].decided is None


def test_its_numbers_are_those_of_the_report():
    for listed in overview(READER, SERVICE, on_day(46)):
        found = report(READER, SERVICE, on_day(46), listed.experiment)
        assert listed.outcome is found.outcome
        assert listed.status is found.status
        assert listed.lift == found.main.effect.lift
        assert listed.data_through == found.data_through
        assert listed.decision == found.decision
        bounds = estimate(found)
        if bounds is not None and listed.bounds is not None:
            assert (listed.bounds.low, listed.bounds.high) == (bounds.low, bounds.high)
        assert found.others == tuple(
            one.experiment
            for one in overview(READER, SERVICE, on_day(46))
            if one.experiment != listed.experiment
        )


def test_a_service_without_experiments_has_none():
    assert overview(FakeExperimentReader(), SERVICE, on_day(5)) == ()
