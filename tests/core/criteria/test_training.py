"""The training criterion: exact counts against the nearest milestone's target."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.criteria import Reports, report
from core.criteria.training import judge_training
from core.ports import TrainingRun
from core.reliability import report as reliability_report
from core.status import Status, Verdict
from core.timeframe import Window
from tests.fakes import SERVICE, FakeReliabilityReader, goal
from tests.fakes_training import CRITERION, MILLION, Q1, Q2, on, run, seen


def verdict_on(day: float, rows: list[TrainingRun]) -> Verdict:
    """The criterion's verdict within its goal."""
    reliability = reliability_report(
        FakeReliabilityReader(), SERVICE, Window(timedelta(hours=1)), on(day)
    )
    found = report([goal(CRITERION)], Reports(reliability, training=seen(rows, day)), on(day))
    (verdict,) = found.verdicts
    return verdict


ROWS = [run(10, 5), run(40, 12), run(120, 100)]


@pytest.mark.parametrize(
    ("day", "milestone", "status"),
    [
        (20, "Q1", Status.BREACHED),
        (41, "Q1", Status.ON_TARGET),
        (100, "Q2", Status.BREACHED),
        (121, "Q2", Status.ON_TARGET),
        (300, "Q2", Status.ON_TARGET),
    ],
    ids=["5M of 10M", "12M of 10M", "12M of 100M", "100M of 100M", "long after"],
)
def test_it_is_judged_against_the_nearest_milestone(day: float, milestone: str, status: Status):
    verdict = verdict_on(day, ROWS)
    (part,) = verdict.evidence
    assert (part.target.milestone, verdict.status) == (milestone, status)
    assert (verdict.settles == "") is (status is Status.ON_TARGET)


def test_it_is_never_undecided_and_the_estimate_has_no_interval():
    (part,) = verdict_on(100, ROWS).evidence
    assert part.estimate is not None
    assert part.estimate.value == part.estimate.low == part.estimate.high == 12 * MILLION


def test_it_says_when_the_target_is_reached():
    verdict = verdict_on(100, ROWS)
    assert verdict.settles.startswith("88M letters to go: about ")
    assert "a month over the last increase" in verdict.settles
    assert verdict.data_through == on(40)


def test_without_a_run_there_is_no_data():
    verdict = verdict_on(20, [])
    assert verdict.status is Status.NO_DATA
    assert verdict.reasons == ("no training run is known",)
    assert verdict.sentence == "No training run is known."


def test_a_worry_puts_it_at_risk_and_is_the_reason():
    found = seen([run(10, 120), run(20, 1, "running", anonymised=5)], 20)
    judged = judge_training(found, [Q1, Q2])
    assert [part.status for part in judged.evidence] == [Status.AT_RISK] * 2
    assert len(judged.reasons) == 1


def test_a_measure_that_nobody_takes_is_named():
    judged = judge_training(seen(ROWS, 41), [replace(Q1, measure="letters_raw"), Q1])
    assert [part.status for part in judged.evidence] == [Status.NO_DATA, Status.ON_TARGET]
    assert judged.reasons == ("nothing measures 'letters_raw'",)
