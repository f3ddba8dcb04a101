"""The label-free look at the newest scores: it warns, and never decides."""

from core.quality import sentences
from core.status import Status
from tests.core.quality.worlds import labelled, measured, scored
from tests.fakes_quality import scores

PROVEN = {"best": (4_000, 4_000), "near": (2_000, 1_998), "below": (2_000, 200)}


def shifted(mix: dict[int, int]) -> list:
    """Thirty-six usual hours, then twelve of another mix of letters."""
    return [*scored(0, 36), *scores(36, 48, mix)]


def test_the_same_letters_as_before_raise_nothing():
    found = measured(scored(), labelled(**PROVEN))
    assert found.early is not None
    assert found.early.reasons == ()
    assert found.early.unknown == ""
    assert found.early.precision == found.early.reference_precision
    assert found.early.drift[0].word == "no drift"
    assert "look like the ones before" in sentences.early_title(found.early)


def test_letters_that_labels_know_to_be_hard_lower_the_expectation():
    mix = {-30: 9_000, 10: 1_000, 22: 3_000, 40: 10}
    found = measured(shifted(mix), labelled(best=(4_000, 4_000), near=(2_000, 1_960)))
    early = found.early
    assert early is not None
    assert early.precision is not None
    assert early.reference_precision is not None
    # By hand: bin 22 is right in 98 %, bin 40 always.
    assert abs(early.precision - (0.98 * 3_000 + 10) / 3_010) < 0.002
    assert early.precision < 0.99 <= early.reference_precision
    assert "below the target" in early.reasons[0]
    assert early.drift[0].word == "large drift"


def test_a_warning_puts_a_proven_criterion_at_risk_in_words_alone():
    mix = {-30: 9_000, 10: 9_000, 22: 400, 40: 10}
    found = measured(shifted(mix), labelled(**PROVEN))
    assert found.early is not None
    assert found.early.reasons
    # The report itself is not moved: labels decide.
    assert found.whole.statuses["precision"] is Status.ON_TARGET


def test_a_new_version_has_nothing_to_be_compared_with():
    rows = [*scored(0, 40, version="v1"), *scored(40, 48, version="v2")]
    found = measured(rows, [*labelled(version="v1"), *labelled(41, version="v2")])
    assert found.early is not None
    assert "too new" in found.early.unknown
    assert found.early.precision is None


def test_few_labels_do_not_tell_what_a_score_means():
    thin = labelled(best=(20, 20), near=(20, 19), below=(20, 5), far=(20, 0))
    found = measured(scored(), thin)
    assert found.early is not None
    assert "too few" in found.early.unknown


def test_segments_are_watched_apart():
    usual = [*scored(0, 48), *scored(0, 36, segment="en")]
    moved = scores(36, 48, {60: 11_000}, segment="en")
    given = [*labelled(**PROVEN), *labelled(segment="en", **PROVEN)]
    found = measured([*usual, *moved], given)
    assert found.early is not None
    words = {part.segment: part.word for part in found.early.drift}
    assert words["ru"] == "no drift"
    assert words["en"] == "large drift"
