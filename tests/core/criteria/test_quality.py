"""99/70 as a criterion: the interval decides, and the early warning only puts at risk."""

from datetime import date, timedelta
from decimal import Decimal

from core.criteria.quality import judge_quality
from core.status import Operator, Status, Target
from tests.core.quality.worlds import NOW, labelled, measured, scored
from tests.fakes_quality import scores

PROVEN = {"best": (4_000, 4_000), "near": (2_000, 1_998), "below": (2_000, 200)}


def target(measure: str, value: str) -> Target:
    return Target(measure, Operator.AT_LEAST, Decimal(value), "share", "Q2", date(2026, 9, 30))


NINETY_NINE, SEVENTY = target("precision", "0.99"), target("recall", "0.70")


def test_both_measures_are_evidence_with_their_intervals():
    found = measured(scored(), labelled())
    judged = judge_quality(found, [NINETY_NINE, SEVENTY])
    assert [part.status for part in judged.evidence] == [Status.UNDECIDED, Status.ON_TARGET]
    assert judged.evidence[0].estimate == found.whole.measures["precision"]
    assert "more labels settle it" in judged.settles
    assert judged.sentence.startswith("Precision is 99.20 %")
    assert judged.data_through == found.freshness.data_through


def test_a_proven_criterion_asks_for_nothing():
    judged = judge_quality(measured(scored(), labelled(**PROVEN)), [NINETY_NINE, SEVENTY])
    assert {part.status for part in judged.evidence} == {Status.ON_TARGET}
    assert judged.settles == ""
    assert judged.reasons == ()


def test_the_early_warning_puts_what_is_proven_at_risk_and_breaches_nothing():
    drifted = [*scored(0, 36), *scores(36, 48, {-30: 9_000, 10: 9_000, 22: 400, 40: 10})]
    judged = judge_quality(measured(drifted, labelled(**PROVEN)), [NINETY_NINE, SEVENTY])
    statuses = {part.target.measure: part.status for part in judged.evidence}
    assert statuses["precision"] is Status.AT_RISK
    assert any("scores" in reason for reason in judged.reasons)


def test_without_labels_or_scores_or_with_old_scores_there_is_no_verdict():
    for found, why in (
        (measured(scored()), "no letter of the last 2 days is labelled"),
        (measured(), "no scores in the last 2 days"),
        (
            measured(scored(), labelled(10), as_of=NOW + timedelta(hours=3)),
            "scores end at",
        ),
    ):
        judged = judge_quality(found, [NINETY_NINE, SEVENTY])
        assert {part.status for part in judged.evidence} == {Status.NO_DATA}
        assert judged.reasons[0].startswith(why)


def test_a_measure_that_nobody_takes_is_named():
    judged = judge_quality(measured(scored(), labelled()), [target("charm", "0.5")])
    assert judged.evidence[0].status is Status.NO_DATA
    assert judged.reasons == ("nothing measures 'charm'",)
