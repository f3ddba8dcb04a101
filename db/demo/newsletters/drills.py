"""The drills of the story: one held, one planned, one overdue; each by the code that people use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from core.timeframe import DAY, HOUR
from db.demo.newsletters import story
from db.demo.newsletters.story import SERVICE, Scenario
from db.team.actions import add_action
from db.team.alert_acknowledgements import acknowledge
from db.team.channels import channels
from db.team.drills import end_drill, plan_drill, recover_drill, start_drill

#: From the drill's alert to somebody who has it in hand, and from its recovery to its end.
REACTS, WRAPS_UP = timedelta(minutes=3, seconds=40), timedelta(minutes=25)
#: Days after the anchor's on which the others are due; negative is before it.
PLANNED_IN_DAYS, OVERDUE_IN_DAYS, FOLLOW_UP_IN_DAYS = 12, -6, -2
_RESULT = (
    "simulated: dc1 and dc2 carried all letters of dc3 for 20 minutes; no objective was missed, "
    "and nobody had to do anything by hand. The drained datacenter's weights had to be looked up."
)


def seed_drills(app: Engine, scenario: Scenario, on_call: Callable[[datetime], str]) -> None:
    """Plan the drills and hold the one of the story.

    It has to come before there is a rota: a worker that evaluates between the drill's start and its
    end would find a page of long ago that nobody has acknowledged, and escalate it.

    Args:
        app: the store, as greenlight_app.
        scenario: whose history; the drill is left out of a shorter one.
        on_call: who was on call at a moment.
    """
    today = scenario.anchor.date()
    for rehearsed, title, due, hour in (
        ("inference_off", "simulated: inference off for the test accounts", PLANNED_IN_DAYS, 10),
        ("bad_model", "simulated: a bad model in a shadow run", OVERDUE_IN_DAYS, 11),
    ):
        planned_at = max(scenario.first_moment, scenario.midnight(30) + hour * HOUR)
        whoever = on_call(planned_at)
        plan_drill(
            app,
            SERVICE,
            {
                "scenario": rehearsed,
                "title": title,
                "due_on": (today + due * DAY).isoformat(),
                "owner": whoever,
            },
            by=whoever,
            at=planned_at,
            request_id=f"simulated drill {rehearsed}",
        )
    # A channel that is on would call somebody about what was weeks ago.
    if scenario.has(story.DRILL) and not any(one.channel.enabled for one in channels(app)):
        _hold(app, scenario, on_call)


def _hold(app: Engine, scenario: Scenario, on_call: Callable[[datetime], str]) -> None:
    starts, ends = scenario.starts(story.DRILL), scenario.ends(story.DRILL)
    owner, awake = on_call(starts), on_call(starts + REACTS)
    drill = plan_drill(
        app,
        SERVICE,
        {
            "scenario": "datacenter_lost",
            "title": "simulated: dc3 drained at the morning's load",
            "due_on": starts.date().isoformat(),
            "owner": owner,
        },
        by=owner,
        at=max(scenario.first_moment, starts - 7 * DAY),
        request_id="simulated drill datacenter_lost",
    )
    drill = start_drill(app, drill, by=owner, at=starts)
    if drill.episode_id is not None:
        acknowledge(
            app,
            drill.episode_id,
            by=awake,
            at=starts + REACTS,
            note="simulated: watching the load of dc1 and dc2",
            until=starts + 2 * HOUR,
            request_id="simulated drill acknowledged",
        )
    recover_drill(app, drill, by=owner, at=ends)
    end_drill(app, drill, _RESULT, by=owner, at=ends + WRAPS_UP)
    add_action(
        app,
        SERVICE,
        {
            "text": "simulated: write the weights of a drained datacenter into the runbook",
            "owner": awake,
            "due_on": (scenario.anchor.date() + FOLLOW_UP_IN_DAYS * DAY).isoformat(),
        },
        by=owner,
        at=ends + WRAPS_UP,
        request_id="simulated drill follow-up",
    )
