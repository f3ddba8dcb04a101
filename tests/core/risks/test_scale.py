"""Ranks, bands and what they ask for: the lecture's numbers."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from core.risks import BANDS, CONSEQUENCES, PROBABILITIES, band_of, rank
from core.risks.scale import RESPONSES, missing
from tests.fakes_risks import LINE, NOON, TODAY, risk


@pytest.mark.parametrize(
    ("named", "probability", "consequence", "wanted"),
    [
        ("delivered and installed late (after the middle of the project)", 3, 3, 9),
        ("the rack lacks power for 3 machines", 2, 2, 4),
        ("the machines are dropped while being mounted", 1, 3, 3),
    ],
)
def test_the_lectures_servers_have_the_ranks_of_the_lecture(
    named: str, probability: int, consequence: int, wanted: int
):
    assert rank(probability, consequence) == wanted
    assert risk(title=named, probability=probability, consequence=consequence).rank == wanted


def test_five_seven_and_eight_cannot_occur():
    assert {rank(one, other) for one, other in product((1, 2, 3), repeat=2)} == {1, 2, 3, 4, 6, 9}
    for impossible in (0, 5, 7, 8, 10):
        with pytest.raises(ValueError, match="must be one of"):
            band_of(impossible)


@pytest.mark.parametrize("wrong", [0, 4, 2.5, None, "", "3", True, -1])
def test_what_is_not_one_two_or_three_has_no_rank(wrong: Any):
    with pytest.raises(ValueError, match="must be 1, 2 or 3"):
        rank(wrong, 2)
    with pytest.raises(ValueError, match="must be 1, 2 or 3"):
        rank(2, wrong)


def test_the_words_are_the_lectures():
    assert PROBABILITIES[1] == "rare, a coincidence"
    assert PROBABILITIES[2] == "from time to time, not in most projects"
    assert PROBABILITIES[3] == "frequent"
    assert CONSEQUENCES[3] == "destructive"


@pytest.mark.parametrize(
    ("number", "asks"),
    [
        (1, ("accepted_or_mitigation",)),
        (3, ("accepted_or_mitigation",)),
        (4, ("prevention", "mitigation")),
        (6, ("prevention", "mitigation")),
        (9, ("prevention", "red_line", "plan_b", "mitigation")),
    ],
)
def test_a_band_asks_for_its_responses(number: int, asks: tuple[str, ...]):
    assert band_of(number).asks == asks
    assert set(asks) <= set(RESPONSES)


def test_the_bands_meet():
    assert [(band.lowest, band.highest) for band in BANDS] == [(1, 3), (4, 6), (7, 9)]


def test_what_nobody_has_written_is_missing():
    assert missing(risk()) == ("prevention", "red_line", "plan_b", "mitigation")
    assert missing(risk(prevention="x", line=LINE, mitigation="x")) == ("plan_b",)
    assert missing(risk(probability=2, consequence=2, mitigation="x")) == ("prevention",)


def test_a_small_risk_is_accepted_or_its_consequences_are_dealt_with():
    small = {"probability": 1, "consequence": 3}
    assert missing(risk(**small)) == ("accepted_or_mitigation",)
    assert missing(risk(**small, accepted=True)) == ()
    assert missing(risk(**small, mitigation="Borrow a machine from a friendly team")) == ()


def test_bands_are_minimums_and_more_is_welcome():
    spare = risk(
        probability=1,
        consequence=3,
        prevention="Order a spare machine, if the budget allows",
        mitigation="Agree with a friendly team to borrow one",
    )
    assert missing(spare) == ()


def test_an_accepted_risk_still_lacks_what_its_band_asks_for():
    accepted = {"accepted": True, "approver": "Вера", "accepted_on": TODAY}
    assert missing(risk(probability=2, consequence=2, **accepted)) == ("prevention", "mitigation")


def test_a_red_line_whose_plan_b_is_over_is_spent():
    spent = {"plan_b_opened_at": NOON, "plan_b_ended_at": NOON, "plan_b_result": "x"}
    whole = {"prevention": "x", "mitigation": "x", "plan_b": "x", "line": LINE}
    assert missing(risk(**whole, plan_b_opened_at=NOON)) == ()
    assert missing(risk(**whole, **spent)) == ("red_line",)
