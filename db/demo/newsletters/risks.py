"""The risks of the story, written, changed and closed by the code that people use."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from core.ports.risks import Risk
from core.risks import AreaEvidence, watched
from core.risks.changes import fields_of
from core.timeframe import HOUR
from db.demo.newsletters.story import SERVICE, Scenario
from db.readers.risks import SqlRiskReader
from db.team.risks import add_risks, change_risk, close_risk, end_plan_b, open_plans_b, review_risk

_LEAD, _ENGINEER, _ANALYST = "simulated: Dmitri", "simulated: Elena", "simulated: Farid"
_SERVERS = "simulated: buy GPU servers to train BERT"
_NO_EVIDENCE = AreaEvidence({}, why="the seed reads no report")


def seed_risks(app: Engine, scenario: Scenario) -> None:
    """Write the risks with their history, unless the service has a risk already.

    Args:
        app: the store, as greenlight_app.
        scenario: whose history; what was earlier than its beginning is told as of it.
    """
    if SqlRiskReader(app).risks(SERVICE, scenario.anchor + timedelta(days=400)):
        return
    story = _Story(app, scenario)
    story.servers()
    story.letters()
    story.neighbour()
    story.datacenter()
    story.others()


class _Story:
    """The risks, one chapter each; days are counted back from the anchor's."""

    def __init__(self, app: Engine, scenario: Scenario) -> None:
        self._app = app
        self._scenario = scenario

    def servers(self) -> None:
        """The three of the lecture: ranks 9, 4 and 3."""
        late, _, _ = self._add(
            100,
            {
                "title": "simulated: delivered and installed late, after the project's middle",
                "statement": "delivered and installed before the middle of the project",
                "probability": 3,
                "consequence": 3,
                "owner": _LEAD,
                "prevention": "simulated: order from two suppliers, ask both every Monday",
                "mitigation": "simulated: train on a slice of 5M letters with what there is",
                "plan_b": "simulated: rent three machines of 8 A100 for two months",
                "line_due_on": self._day(-12),
                "review_on": self._day(-5),
            },
            {
                "title": "simulated: the rack lacks power for 3 machines",
                "statement": "power in the rack for 3 A100 servers of 8 GPUs",
                "probability": 2,
                "consequence": 2,
                "owner": _ENGINEER,
                "prevention": "simulated: have the free power measured before the order",
                "mitigation": "simulated: put the third machine into another rack",
                "review_on": self._day(-9),
            },
            {
                "title": "simulated: the machines are dropped while being mounted",
                "statement": "must not be dropped while being mounted",
                "probability": 1,
                "consequence": 3,
                "owner": _ENGINEER,
                "prevention": "simulated: order a spare machine if the budget allows",
                "mitigation": "simulated: a friendly team lends one, that is agreed",
                "review_on": self._day(-20),
            },
            task=_SERVERS,
        )
        review_risk(self._app, late, self._day(-5), by=_LEAD, at=self._at(9))

    def letters(self) -> None:
        """A red line that was crossed: plan B was opened, ended, and the risk closed."""
        (slow,) = self._add(
            98,
            {
                "title": "simulated: 10M anonymised letters are not collected by the first quarter",
                "probability": 3,
                "consequence": 3,
                "owner": _ANALYST,
                "prevention": "simulated: collect in all three datacenters from the first week on",
                "mitigation": "simulated: train the prototype on what there is",
                "plan_b": "simulated: train on 5M first, measure, and go on collecting",
                "line_due_on": self._day(50),
                "review_on": self._day(30),
                "milestone_id": "Q1",
            },
        )
        crossed = self._at(49)
        with self._app.begin() as connection:
            looked = watched([slow], crossed.date(), lambda area, window: _NO_EVIDENCE)
            open_plans_b(connection, looked, crossed)
        opened = self._now(slow)
        over = end_plan_b(
            self._app,
            opened,
            "simulated: 5M gave 96 % and 44 %; the other 5M came ten days later",
            by=_ANALYST,
            at=self._at(38),
        )
        why = "simulated: the prototype was trained on 10M letters"
        close_risk(self._app, over, why, by=_LEAD, at=self._at(30))

    def neighbour(self) -> None:
        """A red line on the p99.9, drawn after the slow disk of the story."""
        (slow,) = self._add(
            58,
            {
                "title": "simulated: сосед по хранилищу признаков снова замедлит ответы",
                "probability": 3,
                "consequence": 3,
                "owner": _ENGINEER,
                "prevention": "simulated: вынести признаки на отдельные диски",
                "mitigation": "simulated: отдавать письмо без решения через 20 мс",
                "plan_b": "simulated: считать без медленных признаков, полнота ниже на 0,4 %",
                "line_path": "reliability.percentiles.p99.9",
                "line_operator": ">",
                "line_value": 20,
                "line_window": "1h",
                "review_on": self._day(-3),
            },
        )
        self._change(slow, 21, probability=2)

    def datacenter(self) -> None:
        """A rank that fell from 9 to 3, and whose review is overdue."""
        (lost,) = self._add(
            95,
            {
                "title": "simulated: one datacenter is lost at peak, the others do not carry it",
                "probability": 3,
                "consequence": 3,
                "owner": _ENGINEER,
                "prevention": "simulated: probe every datacenter each 10 seconds",
                "mitigation": "simulated: shed bulk mail first",
                "plan_b": "simulated: switch the classifier off for bulk mail",
                "line_path": "reliability.availability",
                "line_operator": "<",
                "line_value": 0.999,
                "line_window": "6h",
                "review_on": self._day(40),
            },
        )
        lost = self._change(lost, 44, probability=2)
        seen = self._at(20)
        coming = max(self._day(6), seen.date())
        lost = review_risk(self._app, lost, coming, by=_LEAD, at=seen)
        self._change(lost, 13, probability=1)

    def others(self) -> None:
        """What a register has besides: something missing, an acceptance, something closed."""
        self._add(
            40,
            {
                "title": "simulated: разметка не успеет: 99 % точности не доказать к обзору",
                "probability": 2,
                "consequence": 3,
                "owner": _ANALYST,
                "prevention": "simulated: размечать то, что велит план меток на странице Quality",
                "review_on": self._day(-8),
                "milestone_id": "Q2",
            },
            {
                "title": "simulated: holiday mail exceeds 2M letters a minute",
                "probability": 1,
                "consequence": 2,
                "owner": _LEAD,
                "accepted": True,
                "approver": "simulated: Greta",
                "accepted_on": self._at(40).date(),
                "review_on": self._day(-30),
            },
            {
                "title": "simulated: complaints fall by less than 5 % before the review",
                "probability": 2,
                "consequence": 2,
                "owner": _LEAD,
                "prevention": "simulated: widen the folder to two more segments",
                "mitigation": "simulated: go on with the segments that reach 5 %",
                "review_on": self._day(-14),
            },
        )
        (cache,) = self._add(
            26,
            {
                "title": "simulated: the cache of bert-4 fills up again",
                "probability": 2,
                "consequence": 2,
                "owner": _ENGINEER,
                "prevention": "simulated: bound the cache",
                "mitigation": "simulated: restart the canary",
                "review_on": self._day(12),
            },
        )
        why = "simulated: the bounded cache held for 25 hours in the second canary"
        close_risk(self._app, cache, why, by=_ENGINEER, at=self._at(10))

    def _add(self, days_ago: int, *given: dict[str, Any], task: str = "") -> tuple[Risk, ...]:
        return add_risks(
            self._app,
            SERVICE,
            [{"task": task, **one} for one in given],
            by=_LEAD,
            at=self._at(days_ago),
            request_id=f"simulated risks {days_ago}",
        )

    def _change(self, risk: Risk, days_ago: int, **changed: Any) -> Risk:
        given = fields_of(risk) | changed
        return change_risk(self._app, risk, given, by=_LEAD, at=self._at(days_ago))

    def _now(self, risk: Risk) -> Risk:
        every = SqlRiskReader(self._app).risks(SERVICE, self._scenario.anchor)
        return next(one for one in every if one.risk_id == risk.risk_id)

    def _at(self, days_ago: int) -> datetime:
        """Ten o'clock of a day, or the beginning of a history that is shorter."""
        wanted = self._scenario.midnight(days_ago) + 10 * HOUR
        return max(self._scenario.first_moment, min(wanted, self._scenario.anchor))

    def _day(self, days_ago: int) -> date:
        """A day; negative is after the anchor's."""
        return (self._scenario.anchor - timedelta(days=days_ago)).date()
