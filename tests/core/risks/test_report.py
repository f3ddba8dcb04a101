"""The risks' report: the register, what is missing, reviews, exposure, and what is said of them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.ports.risks import Ranked, Risk
from core.printout import rendered
from core.printout.risks import risks as printed
from core.risks import RisksReport, evidence, report
from core.risks.exposure import exposures
from core.risks.sentences import NO_RISKS, NONE_OPEN, exposure_title, rank_words, risk_sentence
from tests.fakes import SERVICE
from tests.fakes_risks import DAY, LINE, NOON, TODAY, MemoryRisks, evidence_of, ranked, risk

WHOLE = {"prevention": "x", "mitigation": "x", "plan_b": "x", "line": LINE}
CLOSED = {"closed_at": NOON, "closed_why": "Delivered"}


def made(*risks: Risk, ranks: tuple[Ranked, ...] = (), **changed: Any) -> RisksReport:
    return report(MemoryRisks(risks, ranks), SERVICE, NOON, evidence_of(**changed))


def test_without_a_risk_the_report_says_how_to_find_one():
    found = made()
    assert found.headline == "No risk of newsletters is written down"
    assert (found.empty, found.total, found.risks) == (NO_RISKS, 0, ())


def test_the_lectures_three_risks_stand_by_rank_with_their_exposure():
    late = risk(1, 3, 3, **WHOLE)
    power = risk(2, 2, 2, prevention="x", mitigation="x")
    dropped = risk(3, 1, 3, prevention="x", mitigation="x")
    found = made(dropped, power, late)
    assert [view.rank for view in found.risks] == [9, 4, 3]
    assert (found.total, found.missing) == (16, 0)
    assert found.headline == ("Three risks are open, exposure 16, with all that the ranks ask for")
    assert found.at(3, 3) == (found.risks[0],)
    assert found.at(1, 1) == ()


def test_what_is_missing_is_listed_and_counts_as_open():
    found = made(risk(1), risk(2, 2, 2, mitigation="x"))
    assert found.missing == 5
    assert "two lack what the rank asks for" in found.headline
    assert [view.state for view in found.risks] == ["incomplete", "incomplete"]
    assert risk_sentence(found.risks[1]).startswith(
        "Rank 4: prevent, and deal with the consequences. Missing: how it is prevented."
    )


def test_an_accepted_risk_shows_its_approver_and_what_its_band_asks_for():
    found = made(risk(1, 2, 3, accepted=True, approver="Вера", accepted_on=TODAY))
    (view,) = found.risks
    assert view.state == "accepted, incomplete"
    assert found.missing == 2
    assert "Accepted by Вера on 1 June 2026." in risk_sentence(view)
    assert "Missing: how it is prevented" in risk_sentence(view)


def test_a_crossed_red_line_comes_first_and_is_the_headline():
    crossed = {"values": {"percentiles": {"p99.9": 42.0}}}
    small = risk(2, 1, 1, accepted=True, line=LINE, plan_b_opened_at=NOON)
    found = made(risk(1, **(WHOLE | {"line": None})), small, **crossed)
    assert [view.risk.risk_id for view in found.risks] == [2, 1]
    assert found.headline == "Plan B is open: the red line of “Risk 2” is crossed"
    assert found.plans_b == (found.risks[0],)
    assert found.warnings[0].startswith("Risk 2: plan B is open, Борис answers for it.")


def test_an_unknown_red_line_is_told():
    found = made(risk(**WHOLE), stale=True)
    assert any(said.endswith("Unknown is not safe.") for said in found.warnings)
    assert found.risks[0].state == "handled"


def test_many_of_one_kind_are_told_as_one():
    many = [risk(one, line=LINE, review_on=TODAY - one * DAY) for one in range(1, 6)]
    assert made(*many, stale=True).warnings == (
        (
            "5 red lines are unknown. The first is Risk 5: reliability.percentiles.p99.9 > 20 ms "
            "over 30 days: unknown, the data of reliability are stale. Unknown is not safe."
        ),
        "5 reviews are overdue. The longest is Risk 5: its review is overdue for 5 days.",
    )


def test_overdue_reviews_come_first_the_longest_overdue_at_the_top():
    days = {1: 3, 2: -2, 3: -9, 4: 0}
    found = made(*(risk(one, review_on=TODAY + ahead * DAY) for one, ahead in days.items()))
    assert [view.risk.risk_id for view in found.reviews] == [3, 2, 4, 1]
    assert [view.overdue_days for view in found.overdue] == [9, 2]
    assert "two reviews are overdue" in found.headline
    assert any("overdue for 9 days" in said for said in found.warnings)


def test_closed_risks_leave_the_register_and_stay_in_history():
    ranks = (ranked(1, -20, 3, 3), ranked(1, 0, 3, 3, closed=True))
    found = made(risk(1, **CLOSED), ranks=ranks)
    assert (found.risks, found.reviews, found.total) == ((), (), 0)
    assert found.empty == NONE_OPEN
    (view,) = found.closed
    assert (view.state, view.missing, view.overdue_days) == ("closed", (), 0)
    assert risk_sentence(view) == "Closed: Delivered"
    assert rank_words(view) == "9 → closed"


def test_the_history_of_a_rank_has_its_changes_alone():
    ranks = (
        ranked(1, -20, 3, 3),
        ranked(1, -15, 3, 3),
        ranked(1, -10, 2, 3),
        ranked(2, -9, 1, 1),
        ranked(1, -5, 1, 3),
    )
    found = made(risk(1, 1, 3, accepted=True), ranks=ranks)
    assert rank_words(found.risks[0]) == "9 → 6 → 3"


def test_exposure_is_the_sum_of_open_ranks_over_time():
    ranks = (
        ranked(1, -20, 3, 3),
        ranked(2, -20, 2, 2),
        ranked(1, -10, 2, 3),
        ranked(2, -9, 2, 2),
        ranked(2, -5, 2, 2, closed=True),
    )
    steps = exposures(ranks)
    assert [(one.at, one.total, one.by_band, one.risks) for one in steps] == [
        (NOON - 20 * DAY, 13, (0, 4, 9), 2),
        (NOON - 10 * DAY, 10, (0, 10, 0), 2),
        (NOON - 5 * DAY, 6, (0, 6, 0), 1),
    ]
    assert exposure_title(steps) == "Total exposure is 6, down from 13 on 12 May"
    assert exposure_title(steps[:1]) == "Total exposure is 13, the highest so far"


def test_a_risk_that_is_opened_again_counts_again():
    ranks = (ranked(1, -3, 1, 2), ranked(1, -2, 1, 2, closed=True), ranked(1, -1, 1, 2))
    assert [one.total for one in exposures(ranks)] == [2, 0, 2]


def test_the_evidence_is_json_and_says_what_the_report_says():
    found = made(risk(**WHOLE), risk(2, **CLOSED), ranks=(ranked(1, -3, 3, 3),))
    values = json.loads(json.dumps(evidence(found), allow_nan=False))
    (one,) = values["risks"]
    assert (values["exposure"], values["open"], one["rank"], one["missing"]) == (9, 1, 9, [])
    assert one["red_line"]["state"] == "not crossed"
    assert one["red_line"]["live"] == 18.5
    assert one["probability_words"] == "frequent"
    assert values["sentence"] == f"{found.headline}."
    assert values["closed"][0]["closed_why"] == "Delivered"


@pytest.mark.parametrize("style", ["table", "markdown"])
def test_the_terminal_prints_what_the_report_says(style: str):
    found = made(risk(title="Серверы | поздно"), risk(2, **CLOSED))
    said = rendered(printed(found), style)
    assert "Серверы" in said
    assert found.headline in said.replace("\\", "")


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        report(MemoryRisks(), SERVICE, datetime(2026, 6, 1), evidence_of())  # noqa: DTZ001


def test_the_day_is_utcs():
    found = report(
        MemoryRisks((risk(review_on=TODAY),)), SERVICE, NOON + timedelta(hours=13), evidence_of()
    )
    assert found.risks[0].overdue_days == 1
