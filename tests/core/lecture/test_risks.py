"""The lecture's risks: ranks that are computed, what each asks for, red lines."""

from __future__ import annotations

from datetime import date

import pytest

from core.ports.risks import RedLine
from core.risks import LineState, drafted, rank
from core.risks.changes import parse_risk
from core.risks.lines import view_of
from core.risks.scale import BANDS, CONSEQUENCES, PROBABILITIES, band_of, missing
from tests.core.lecture.first_example import problems_of
from tests.core.milestones.plans import TODAY
from tests.fakes_risks import evidence_of, form
from tests.fakes_risks import risk as risk_of


def test_probability_and_consequence_are_called_what_the_lecture_calls_them():
    assert PROBABILITIES == {
        1: "rare, a coincidence",
        2: "from time to time, not in most projects",
        3: "frequent",
    }
    assert CONSEQUENCES == {
        1: "functionality slightly worse",
        2: "functionality worse",
        3: "destructive",
    }


def test_the_servers_are_late_lack_power_or_are_dropped_with_rank_9_4_and_3():
    drafts = drafted(
        "Delivered and installed before the middle of the project\n"
        "There is power in the rack for 3 A100 servers of 8 GPUs",
        "The machines must not be dropped while being mounted",
    )
    assert len(drafts) == 3
    assert drafts[2].title == "The machines are dropped while being mounted"
    for (probability, consequence), number in (((3, 3), 9), ((2, 2), 4), ((1, 3), 3)):
        assert rank(probability, consequence) == number
        assert risk_of(probability=probability, consequence=consequence).rank == number


def test_ranks_5_7_and_8_never_occur():
    ranks = {rank(one, other) for one in PROBABILITIES for other in CONSEQUENCES}
    assert ranks == {1, 2, 3, 4, 6, 9}
    for impossible in (5, 7, 8):
        with pytest.raises(ValueError, match="must be one of"):
            band_of(impossible)


@pytest.mark.parametrize("field", ["probability", "consequence"])
@pytest.mark.parametrize("wrong", [0, 4, 2.5, "", None, True, "3", -1])
def test_what_is_not_1_2_or_3_is_refused(field: str, wrong: object):
    assert list(problems_of(parse_risk, form(**{field: wrong}), TODAY)) == [field]


@pytest.mark.parametrize("typed", [9, 4, "9", None])
def test_a_rank_is_never_typed(typed: object):
    assert list(problems_of(parse_risk, form(rank=typed), TODAY)) == ["rank"]


def test_the_bands_ask_for_what_the_lecture_asks_for():
    assert [(band.lowest, band.highest, band.asks) for band in BANDS] == [
        (1, 3, ("accepted_or_mitigation",)),
        (4, 6, ("prevention", "mitigation")),
        (7, 9, ("prevention", "red_line", "plan_b", "mitigation")),
    ]


def test_bands_are_minimums_the_dropped_machines_have_a_prevention_and_a_mitigation():
    dropped = risk_of(
        probability=1,
        consequence=3,
        prevention="Order a spare machine if the budget allows",
        mitigation="Agree with a friendly team to borrow one",
    )
    assert missing(dropped) == ()
    assert missing(risk_of(probability=1, consequence=3, mitigation="Borrow one")) == ()
    assert missing(risk_of(probability=1, consequence=3, accepted=True)) == ()
    assert missing(risk_of(probability=1, consequence=3, prevention="A spare")) == (
        "accepted_or_mitigation",
    )


def test_a_red_line_is_a_day_or_a_value_whose_crossing_counts():
    day = RedLine(date(2026, 9, 1))
    for today, state in (
        (date(2026, 9, 1), LineState.HOLDS),
        (date(2026, 9, 2), LineState.CROSSED),
    ):
        assert view_of(day, today, evidence_of()).state is state
    line = RedLine(None, "reliability.percentiles.p99.9", ">", 20.0, "6h")
    for value, state in (
        (20.0, LineState.HOLDS),
        (20.000001, LineState.CROSSED),
        (None, LineState.UNKNOWN),
    ):
        known = evidence_of({"percentiles": {"p99.9": value}})
        assert view_of(line, TODAY, known).state is state
    stale = evidence_of({"percentiles": {"p99.9": 25.0}}, stale=True)
    assert view_of(line, TODAY, stale).state is LineState.UNKNOWN
