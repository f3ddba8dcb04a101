"""The label plan: where labels are worth most, and how many settle the verdict."""

import pytest

from core.quality import sentences
from core.quality.comparison import differences
from core.quality.slices import Confusion, SliceQuality
from core.stats import intervals
from core.stats.stratified import Strata
from core.status import Estimate
from tests.core.quality.worlds import labelled, measured, renamed, scored


def test_the_rows_add_up_to_the_labels_that_settle_it():
    found = measured(scored(), labelled())
    plan = found.plan
    assert plan is not None
    assert plan.settles
    assert sum(row.more for row in plan.rows) == plan.settles == plan.suggested
    assert [row.score_from for row in plan.rows] == sorted(
        (row.score_from for row in plan.rows), reverse=True
    )
    # Precision is open and its doubt lies in bin 22: most labels go there.
    assert max(plan.rows, key=lambda row: row.more).score_from == pytest.approx(0.9002, abs=1e-4)


def test_giving_the_labels_of_the_plan_settles_it_if_the_estimates_were_true():
    found = measured(scored(), labelled())
    assert found.plan is not None
    more = {round(row.score_from, 4): row.more for row in found.plan.rows}
    shares = {0.982: 1.0, 0.9002: 0.98, 0.7311: 0.25, 0.0474: 0.0}
    counts = [(more[edge], round(more[edge] * share)) for edge, share in shares.items()]
    best, near, below, far = counts
    extra = renamed(labelled(2, best=best, near=near, below=below, far=far), "more")
    after = measured(scored(), [*labelled(), *extra])
    assert after.labels.count == found.labels.count + found.plan.suggested
    low, high = (after.whole.measures["precision"].low, after.whole.measures["precision"].high)
    assert low is not None
    assert high is not None
    assert low >= 0.989 or high < 0.991


def test_more_labels_narrow_both_intervals():
    found = measured(scored(), labelled())
    assert found.plan is not None
    widths = [(gain.precision, gain.recall) for gain in found.plan.gains]
    assert widths == sorted(widths, reverse=True)
    assert found.plan.gains[0].more == 0


def test_a_decided_verdict_asks_for_nothing():
    clean = labelled(best=(9_000, 9_000), near=(9_000, 8_995), below=(9_000, 900))
    found = measured(scored(), clean)
    assert found.settles == 0
    assert sentences.settles(found) == ""
    assert "is decided" in sentences.plan_sentence(found)


def test_the_chance_to_draw_a_letter_follows_from_the_letters():
    found = measured(scored(), labelled())
    assert found.plan is not None
    for row in found.plan.rows:
        assert row.inclusion_probability == pytest.approx(row.more / row.letters)


def proportion(successes: int, n: int) -> SliceQuality:
    """A slice that is one big stratum, all of it decided positive."""
    found = intervals.precision(Strata([1e12], [n], [successes], [True], [n]))
    estimate = Estimate(float(found.value), float(found.low), float(found.high), n)
    return SliceQuality(
        "", 0, 0, n, successes, {"precision": estimate}, {}, Confusion(None, None, None, None),
        0.0, 0, 0.95,
    )  # fmt: skip


def test_the_interval_of_a_difference_is_newcombes():
    # Newcombe 1998, table II (a): 56/70 against 48/80, Wilson's intervals: .0524 to .3339. Ours
    # are envelopes of Wilson's and the likelihood's, so at most a little wider.
    (found,) = differences(proportion(48, 80), proportion(56, 70))
    assert found.estimate.value == pytest.approx(0.2)
    assert found.estimate.low is not None
    assert found.estimate.high is not None
    assert 0.0524 - 0.01 < float(found.estimate.low) <= 0.0525
    assert 0.3338 <= float(found.estimate.high) < 0.3339 + 0.01
    assert found.apart


def test_a_side_without_labels_makes_no_difference():
    nothing = measured(scored()).whole
    found = differences(nothing, measured(scored(), labelled()).whole)
    assert all(each.estimate.value is None and not each.apart for each in found)
