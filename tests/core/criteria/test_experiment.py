"""The A/B criterion: the experiment's own verdict at its own margin."""

from datetime import date
from decimal import Decimal

import pytest

from core.criteria.experiment import judge_experiment
from core.experiment import ExperimentReport, Outcome, estimate, report
from core.status import Operator, Status, Target
from tests.fakes import SERVICE
from tests.fakes_experiment import FakeExperimentReader, World, on_day


def target(value: str = "-0.05", measure: str = "complaint_lift") -> Target:
    return Target(measure, Operator.AT_MOST, Decimal(value), "share", "Q2", date(2026, 9, 30))


def seen(lift: float, number: int, days: int = 21) -> ExperimentReport:
    rows = World(lifts={"treatment": lift}).rows(days)
    return report(FakeExperimentReader(rows), SERVICE, on_day(number))


def test_a_clear_drop_meets_the_criterion():
    found = seen(-0.20, 20)
    assert found.outcome is Outcome.MET
    judged = judge_experiment(found, [target()])
    assert judged.evidence[0].status is found.status
    assert judged.evidence[0].estimate == estimate(found)
    assert judged.settles == ""


def test_before_the_minimum_it_is_undecided_and_says_what_settles_it():
    judged = judge_experiment(seen(-0.07, 12), [target()])
    assert judged.evidence[0].status is Status.UNDECIDED
    assert judged.settles.startswith("Settled by ")


def test_another_target_is_held_against_the_same_bounds():
    found = seen(-0.20, 20)
    assert judge_experiment(found, [target("-0.01")]).evidence[0].status is Status.ON_TARGET
    assert judge_experiment(found, [target("-0.60")]).evidence[0].status is Status.BREACHED


def test_without_a_test_there_is_no_data():
    judged = judge_experiment(report(FakeExperimentReader(()), SERVICE, on_day(5)), [target()])
    assert judged.evidence[0].status is Status.NO_DATA
    assert judged.evidence[0].estimate is None
    assert judged.sentence


@pytest.mark.parametrize("measure", ["retention", "lift"])
def test_a_measure_that_nobody_takes_is_named(measure: str):
    judged = judge_experiment(seen(-0.20, 20), [target(measure=measure)])
    assert judged.reasons[-1] == f"nothing measures {measure!r}"
