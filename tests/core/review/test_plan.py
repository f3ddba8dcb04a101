"""Milestones and risks as the review tells them."""

from datetime import date

from core.milestones import MilestoneState, MilestoneView
from core.milestones.burn_up import BurnUp
from core.milestones.dates import Milestone
from core.milestones.forecast import Dates, MilestoneForecast
from core.review.plan import milestone_line, risk_lines
from core.risks import report
from core.status import Status
from tests.fakes import SERVICE
from tests.fakes_risks import DAY, LINE, NOON, TODAY, MemoryRisks, evidence_of, risk

DUE = date(2026, 9, 1)


def milestone(state: MilestoneState, ahead: MilestoneForecast | None = None) -> MilestoneView:
    known = Milestone("Q1", DUE, 1, None, ())
    nothing = BurnUp((), (), ())
    return MilestoneView(known, state, ("Late.",), (), (), None, None, ahead, nothing, ())


def test_a_milestone_has_its_own_word_and_the_colour_of_a_status():
    line = milestone_line(milestone(MilestoneState.OVERDUE))
    assert (line.state, line.status, line.met) == ("overdue", Status.BREACHED, False)
    assert line.sentence == "No tasks yet. Late."
    assert line.forecast == ""
    assert milestone_line(milestone(MilestoneState.MET)).met


def test_a_forecast_is_told_with_both_of_its_dates():
    ahead = MilestoneForecast(Dates(date(2026, 8, 20), date(2026, 9, 3)), 0.6)
    line = milestone_line(milestone(MilestoneState.AT_RISK, ahead))
    assert line.forecast == ("Forecast: as likely as not by 20 Aug 2026, 85 % sure by 3 Sep 2026.")
    assert line.likely_on == date(2026, 8, 20)


def test_the_lectures_three_risks_come_by_rank_with_what_is_missing():
    known = (
        risk(1, 1, 3, title="Dropped", prevention="a spare", mitigation="borrow one"),
        risk(2, 3, 3, title="Late", prevention="order now", mitigation="half", line=LINE),
        risk(3, 2, 2, title="No power", prevention="measure", mitigation="two machines"),
    )
    found = report(MemoryRisks(known), SERVICE, NOON, evidence_of())
    lines = risk_lines(found)
    assert [(one.title, one.rank) for one in lines] == [
        ("Late", 9),
        ("No power", 4),
        ("Dropped", 3),
    ]
    assert lines[0].missing == "missing: a plan B"
    assert [one.missing for one in lines[1:]] == ["", ""]


def test_what_must_not_be_overlooked_about_a_risk_is_said():
    opened = risk(1, line=LINE, plan_b_opened_at=NOON - DAY, review_on=TODAY - DAY)
    unknown = risk(2, line=LINE)
    found = report(MemoryRisks((opened, unknown)), SERVICE, NOON, evidence_of({}))
    alarms = {one.risk_id: one.alarm for one in risk_lines(found)}
    assert alarms == {
        1: "plan B is open since 31 May and its review is overdue",
        2: "where its red line stands is unknown",
    }


def test_closed_risks_are_not_told():
    found = report(MemoryRisks((risk(closed_at=NOON - DAY),)), SERVICE, NOON, evidence_of())
    assert risk_lines(found) == ()
