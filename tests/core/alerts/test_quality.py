"""Certified precision, early warnings, drift: what the quality report says as alerts."""

from core.alerts.checks.answer import Answer
from core.alerts.checks.quality import certified_precision, drift, early_warning
from core.alerts.inputs import Inputs
from core.alerts.parameters import Drift, Nothing
from core.ports.alerts import Signal
from core.quality import QualityReport
from tests.core.quality.worlds import labelled, measured, released, scored
from tests.fakes import SERVICE
from tests.fakes_alerts import rule_named
from tests.fakes_quality import at_hour, scores

NOW = at_hour(48)
PROVEN = labelled(best=(4_000, 4_000), near=(2_000, 1_998), below=(2_000, 200))
#: Thirty-six usual hours, then twelve of other letters.
SHIFTED = [*scored(0, 36), *scores(36, 48, {-30: 9_000, 10: 9_000, 22: 400, 40: 10})]


def inputs(found: QualityReport) -> Inputs:
    return Inputs(SERVICE, NOW, quality=found)


def certified(found: QualityReport) -> Signal:
    (told,) = certified_precision(
        rule_named("certified-precision"), Nothing(), inputs(found)
    ).signals
    return told


def test_a_threshold_at_or_above_the_certified_one_is_quiet():
    found = measured(scored(), PROVEN, deployed=[released(-9, threshold=0.95)])
    assert found.thresholds.certified is not None
    told = certified(found)
    assert told.active is False
    assert "keeps to the threshold certified for 99.0 % precision: 0.95" in told.sentence


def test_a_threshold_below_the_certified_one_is_told_with_both():
    found = measured(scored(), PROVEN, deployed=[released(-9, threshold=0.6)])
    told = certified(found)
    assert told.active is True
    assert found.thresholds.certified is not None
    assert told.evidence["operating"] == 0.6
    assert told.evidence["certified"] == found.thresholds.certified.threshold
    assert "v1 decides below the threshold certified for 99.0 % precision: 0.6" in told.sentence


def test_precision_proven_below_its_target_is_told_with_its_upper_bound():
    bad = labelled(best=(4_000, 3_600), near=(2_000, 1_500), below=(2_000, 200))
    told = certified(measured(scored(), bad))
    assert told.active is True
    assert "is at most" in told.sentence
    assert told.value is not None
    assert told.value < 0.99


def test_few_labels_are_unknown_and_not_a_loss():
    thin = labelled(best=(20, 20), near=(20, 20), below=(20, 5), far=(20, 0))
    told = certified(measured(scored(), thin))
    assert told.active is None
    assert "is certified for 99.0 % precision yet" in told.sentence


def blind(found: QualityReport) -> list[Answer]:
    read = inputs(found)
    return [
        certified_precision(rule_named("certified-precision"), Nothing(), read),
        early_warning(rule_named("early-warning"), Nothing(), read),
        drift(rule_named("drift"), Drift(0.25, 1_000), read),
    ]


def test_scores_that_stopped_make_everything_unknown():
    for found in (measured(), measured(scored(0, 40), PROVEN), measured(scored())):
        for answer in blind(found):
            assert answer.signals == ()
            assert not answer.complete
            assert answer.why


def warning(found: QualityReport) -> Signal:
    (told,) = early_warning(rule_named("early-warning"), Nothing(), inputs(found)).signals
    return told


def test_an_early_warning_says_its_reasons():
    told = warning(measured(SHIFTED, PROVEN))
    assert told.active is True
    assert told.sentence.startswith("newsletters: ")
    assert "drifted far" in told.sentence
    assert told.labels == {"version": "v1"}


def test_the_same_letters_as_before_are_quiet():
    assert warning(measured(scored(), PROVEN)).active is False


def test_a_version_that_is_too_new_to_tell_is_unknown():
    rows = [*scored(0, 40, version="v1"), *scored(40, 48, version="v2")]
    found = measured(rows, [*labelled(version="v1"), *labelled(41, version="v2")])
    answer = early_warning(rule_named("early-warning"), Nothing(), inputs(found))
    assert not answer.complete
    assert "too new" in answer.why


def drifts(found: QualityReport, least: int = 1_000) -> dict[str, Signal]:
    answer = drift(rule_named("drift"), Drift(0.25, least), inputs(found))
    return {one.labels["segment"]: one for one in answer.signals}


def test_drift_is_told_for_all_letters_and_by_segment():
    rows = [*SHIFTED, *scored(segment="fr")]
    found = drifts(measured(rows, PROVEN))
    segments = set(found) - {""}
    assert len(segments) == 2
    moved, still = (next(name for name in segments if (name == "fr") is fr) for fr in (False, True))
    assert found[moved].active is True
    assert found[still].active is False
    assert found[moved].where == (moved,)
    assert f"for segment {moved} of newsletters" in found[moved].sentence


def test_drift_among_few_letters_is_unknown():
    found = drifts(measured(SHIFTED, PROVEN), least=10**9)
    assert {one.active for one in found.values()} == {None}
