"""What the incidents' report says in words; titles and names in the sentences are data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from core import wording
from core.incidents.drills import REPEAT_AFTER, SCENARIOS, NextDrill, Times, is_overdue, taken
from core.incidents.impact import Impact
from core.incidents.retrospective import is_overdue as is_late
from core.ports.incidents import Action, Drill, Incident
from core.reliability.settings import SLIS
from core.timeframe import Window

NO_INCIDENTS = "No incident was recorded. Open one from an alert, or without any."
NO_DRILLS = "No drill was ever held. The four scenarios below are due: plan the first one."
NO_RETROSPECTIVES = "No retrospective was held yet. An incident's can be written once it recovered."
NO_ACTIONS = "No action is open."


def headline(
    service: str, running: Sequence[Incident], recorded: int, overdue: int, window: Window
) -> str:
    """The finding, as the page's first sentence.

    Args:
        service: whose.
        running: real incidents that have not recovered, the newest first.
        recorded: real incidents of the window.
        overdue: drills and actions that are overdue.
        window: of the report.
    """
    late = f"; {_counted(overdue, 'drill or action is', 'drills or actions are')} overdue"
    after = late if overdue else ""
    if len(running) == 1:
        return f"{running[0].title} has not recovered since {_clock(running[0])}{after}"
    if running:
        return (
            f"{wording.number_word(len(running)).capitalize()} incidents have not recovered{after}"
        )
    if not recorded:
        return f"{service} had no incident in the {window.last}{after}"
    counted = _counted(recorded, "incident", "incidents")
    return f"{service} had {counted} in the {window.last} and recovered{after}"


def incident_sentence(incident: Incident, as_of: datetime) -> str:
    """How an incident stands."""
    since = wording.clock(incident.began_at, as_of)
    severity = incident.severity.capitalize()
    if incident.recovered_at is None:
        lasts = wording.duration(as_of - incident.began_at)
        return f"{severity}, since {since}: it has lasted {lasts} and has not recovered."
    lasted = wording.duration(incident.recovered_at - incident.began_at)
    state = "is open still" if incident.closed_at is None else "is closed"
    return f"{severity}, since {since}: it recovered after {lasted} and {state}."


def impact_sentence(impact: Impact) -> str:
    """What an incident cost."""
    counted = wording.whole
    failed, slow = (counted(impact.bad[kind]) for kind in SLIS)
    lost = f"{failed} of {counted(impact.letters)} letters failed and {slow} took too long"
    shares = [
        f"{wording.percent(share, 1, good='low')} of the 30-day {kind} budget"
        for kind in SLIS
        if (share := impact.share(kind)) is not None
    ]
    budget = f"that is {wording.listing(shares)}" if shares else "there is no budget to hold"
    minutes = impact.minutes["any"]
    outside = f"{wording.whole(minutes)} of {wording.whole(impact.known)} minutes were outside"
    said = f"{lost}, {budget}. {outside} an objective."
    if impact.missing:
        said += (
            f" {_counted(impact.missing, 'minute has', 'minutes have')} no data: it may be more."
        )
    if impact.known < impact.length:
        said += " Minutes before these are not kept one by one any more."
    return said


def drill_sentence(drill: Drill, measured: Times, as_of: datetime) -> str:
    """How a drill stands."""
    name = SCENARIOS[drill.scenario].name
    if drill.started_at is None:
        if is_overdue(drill, as_of.date()):
            days = (as_of.date() - drill.due_on).days
            late = "1 day" if days == 1 else f"{days} days"
            return f"{name}: overdue for {late}, owner {drill.owner}."
        return f"{name}: due on {wording.long_date(drill.due_on)}, owner {drill.owner}."
    absent = "not yet" if drill.ended_at is None else "never"
    parts = [
        f"{what} {absent if moment is None else f'after {_length(taken(drill, moment))}'}"
        for what, moment in (
            ("detected", measured.detected_at),
            ("acknowledged", measured.acknowledged_at),
            ("recovered", measured.recovered_at),
        )
    ]
    started = wording.clock(drill.started_at, as_of)
    running = "runs since" if drill.ended_at is None else "held"
    return f"{name}: {running} {started}; {wording.listing(parts)}."


def next_sentence(coming: NextDrill, today: date) -> str:
    """When a scenario is to be rehearsed next."""
    name = SCENARIOS[coming.scenario].name
    if coming.planned is not None:
        return f"{name}: planned for {wording.long_date(coming.due_on)}."
    when = "due now"
    if coming.due_on > today:
        when = f"due on {wording.long_date(coming.due_on)}"
    return f"{name}: {when}. {coming.why}"


def action_sentence(action: Action, today: date) -> str:
    """Whose an action is, and since when it is late."""
    if is_late(action, today):
        days = (today - action.due_on).days
        return f"{action.owner}, overdue for {'1 day' if days == 1 else f'{days} days'}"
    return f"{action.owner}, due on {wording.long_date(action.due_on)}"


def drill_rule() -> str:
    """How drills are counted, for the page."""
    return (
        "A drill's alerts are labelled and count neither in the times to acknowledge and to "
        "resolve nor as noise, and its test alert bears no letters. Letters that a drill really "
        f"loses are lost, and count. Each scenario is due every {REPEAT_AFTER.days} days."
    )


def _length(length: timedelta | None) -> str:
    return "an unknown time" if length is None else wording.duration(length)


def _counted(number: int, one: str, many: str) -> str:
    return f"{wording.number_word(number)} {one if number == 1 else many}"


def _clock(incident: Incident) -> str:
    return wording.clock(incident.began_at)
