"""The incident of the story, dc2 lost: opened, followed and closed by simulated people.

They do it by the code that people use.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
from sqlalchemy import Engine

from core.incidents.impact import Impact
from core.ports.incidents import Incident
from core.reliability.settings import SLIS, Settings
from core.reliability.totals import sli_counts
from core.stats.burn import Budget
from core.timeframe import DAY, HOUR, MINUTE
from db.demo.newsletters import story
from db.demo.newsletters.simulated_minutes import SimulatedMinutes
from db.demo.newsletters.story import SERVICE, Scenario
from db.readers.alerts import SqlAlertReader
from db.readers.incidents import SqlIncidentReader
from db.team.actions import complete_action, hold_retrospective
from db.team.incidents import add_note, close_incident, mark_recovered, open_incident

#: From the loss to the incident, to its notes, to its end.
OPENED = timedelta(minutes=6)
NOTES = (
    (timedelta(minutes=8), "simulated: dc2 answers no probe; its network is gone, not the service"),
    (timedelta(minutes=11), "simulated: dc1 and dc3 carry everything, within the objectives"),
    (timedelta(minutes=34), "simulated: dc2 is back since 14:26; a switch had lost its power"),
    (timedelta(hours=3), "simulated: no letter is late any more; all queues of dc2 are empty"),
)
CLOSED = timedelta(hours=4)
#: Days before the anchor's on which people looked back, and on which one action was done; days
#: after it on which the other is due.
HELD_DAYS_AGO, DONE_DAYS_AGO, DUE_IN_DAYS = 6, 3, 4
_DONE = "simulated: probe every datacenter each 10 seconds instead of each minute"
_OPEN = "simulated: put both switches of dc2 on separate power lines"


def seed_incident(
    app: Engine,
    scenario: Scenario,
    reader: SimulatedMinutes,
    on_call: Callable[[datetime], str],
) -> None:
    """Write the incident with its notes, what it cost, and the retrospective.

    Args:
        app: the store, as greenlight_app; the alerts of the incident are in it.
        scenario: whose history; the incident is left out of a shorter one.
        reader: its minutes.
        on_call: who was on call at a moment.
    """
    event = story.DATACENTER_LOST
    if not scenario.has(event):
        return
    began = scenario.starts(event)
    by = on_call(began)
    recovered = began + story.BALANCER_MINUTES * MINUTE
    raised = SqlAlertReader(app).episodes(SERVICE, began, began + OPENED)
    alerts = [one for one in raised if one.severity == "page" and not one.drill]
    incident = open_incident(
        app,
        SERVICE,
        {
            "title": "simulated: dc2 lost its network",
            "severity": "major",
            "began_at": began,
            "detected_at": min((one.fired_at for one in alerts if one.fired_at), default=None),
        },
        [one.episode_id for one in alerts],
        by=by,
        at=began + OPENED,
        request_id="simulated incident",
    )
    for number, (after, said) in enumerate(NOTES, start=1):
        add_note(
            app,
            incident,
            said,
            by=on_call(began + after),
            at=began + after,
            request_id=f"simulated note {number}",
        )
    incident = mark_recovered(app, incident, recovered, by=by, at=began + NOTES[2][0])
    cost = impact(reader, began, recovered)
    incident = close_incident(app, incident, cost, by=by, at=began + CLOSED)
    _look_back(app, scenario, incident, on_call)


def impact(reader: SimulatedMinutes, start: datetime, end: datetime) -> Impact:
    """What a span of whole minutes cost; as `core.incidents.measured` says it of a report.

    Args:
        reader: the simulated minutes, all of which are known.
        start: the first minute.
        end: after the last one.
    """
    settings = Settings()
    grid = reader.minutes(SERVICE, start, end)
    letters, errors, slow = (
        counts.sum(axis=0) for counts in (grid.letters, grid.errors, grid.slow)
    )
    parts = reader.slices(SERVICE, end - settings.period, end, "datacenter")
    period = [sum(getattr(one, name) for one in parts) for name in ("letters", "errors", "slow")]
    totals = int(letters.sum()), int(errors.sum()), int(slow.sum())
    allowed: dict[str, Fraction] = {}
    missed = {}
    for kind in SLIS:
        objective = settings.objectives[kind]
        allowed[kind] = Budget.of(*sli_counts(kind, *period), objective).allowed
        bad, total = (errors, letters) if kind == "availability" else (slow, letters - errors)
        limit = 1 - objective
        missed[kind] = bad * limit.denominator > limit.numerator * total
    return Impact(
        start=start,
        end=end,
        letters=totals[0],
        bad={kind: sli_counts(kind, *totals)[0] for kind in SLIS},
        allowed=allowed,
        minutes={kind: int(missed[kind].sum()) for kind in SLIS}
        | {"any": int(np.logical_or.reduce([missed[kind] for kind in SLIS]).sum())},
        missing=int((grid.rows.sum(axis=0) == 0).sum()),
        known=grid.rows.shape[1],
    )


def _look_back(
    app: Engine, scenario: Scenario, incident: Incident, on_call: Callable[[datetime], str]
) -> None:
    held, done = (scenario.midnight(days) + 12 * HOUR for days in (HELD_DAYS_AGO, DONE_DAYS_AGO))
    by, other = on_call(held), on_call(held + 7 * DAY)
    retrospective = hold_retrospective(
        app,
        SERVICE,
        {
            "title": "simulated: after the loss of dc2",
            "good": (
                "The page came within a minute and said where it was. The balancer did what the "
                "drill had shown; nobody had to do anything by hand."
            ),
            "improve": (
                "Two minutes of errors on a third of all letters, because the balancer probes each "
                "datacenter once a minute and believes the second failure."
            ),
            "how": "Probe more often, and take away the cause: one power line for both switches.",
            "held_on": held.date().isoformat(),
            "actions": [
                {
                    "text": _DONE,
                    "owner": by,
                    "due_on": (done.date() + DAY).isoformat(),
                },
                {
                    "text": _OPEN,
                    "owner": other,
                    "due_on": (scenario.anchor.date() + DUE_IN_DAYS * DAY).isoformat(),
                },
            ],
        },
        by=by,
        at=held,
        request_id="simulated retrospective",
        incident=incident,
    )
    for action in SqlIncidentReader(app).actions(SERVICE, held):
        if action.retrospective_id == retrospective.retrospective_id and action.text == _DONE:
            complete_action(app, action, by=by, at=done)
