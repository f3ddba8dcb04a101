"""What the quality area says in words."""

from datetime import timedelta

import pytest

from core.quality import sentences
from core.quality.trend import Lag
from core.status import Estimate
from tests.core.quality.worlds import LETTERS, labelled, measured, scored
from tests.fakes_quality import scores


def test_an_interval_is_cut_outward():
    shown = sentences.interval_words(Estimate(0.991999, 0.988199, 0.995101, 900))
    assert shown == "99.19 % (98.81 to 99.52 %)"
    assert sentences.interval_words(Estimate(None, None, None, 0)) == "unknown"


def test_how_many_labels_could_certify_it_is_told_without_promising():
    said = sentences.certify_sentence(measured(scored(), labelled()))
    assert said.startswith("Without one error above the threshold, 99 % can be certified from 299")
    assert "at a true 99.20 % from about 5,400 on" in said
    assert said.endswith("Labels: there are 1,400.")


def test_a_precision_below_the_target_is_never_certified():
    said = sentences.certify_sentence(measured(scored(), labelled(near=(400, 380))))
    assert "at a true 98.00 % never" in said
    assert sentences.certify_sentence(measured(scored())) == ""


@pytest.mark.parametrize(
    ("median", "slowest", "said"),
    [
        (timedelta(minutes=3), timedelta(minutes=10), "within 3 minutes, 95 % within 10 minutes"),
        (timedelta(hours=11.2), timedelta(hours=39), "within 12 hours, 95 % within 39 hours"),
    ],
)
def test_lags_are_rounded_up(median: timedelta, slowest: timedelta, said: str):
    assert sentences.lag_words(Lag(median, slowest, estimated=True)).endswith(said)


def test_what_is_too_close_to_tell_apart_is_not_promised_to_be_settled():
    exactly = labelled(best=(600, 600), near=(400, 390), below=(4_000, 400))
    # So many letters that labelling them all is no way out.
    many = scores(0, 48, {number: letters * 10_000 for number, letters in LETTERS.items()})
    found = measured(many, exactly)
    assert found.whole.measures["precision"].value == pytest.approx(0.99)
    assert found.settles is None
    assert "no reasonable number" in sentences.settles(found)
    assert "no reasonable number" in sentences.plan_sentence(found)
