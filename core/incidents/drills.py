"""Drills: accidents that are rehearsed, and how long it took to notice, to react, to recover.

A drill is planned, started (which raises a labelled test alert), acknowledged and ended. What is
measured, from the start on:

- **detected**: when the first notification of its alert was sent; where none was sent, when the
  alert first fired;
- **acknowledged**: when somebody first had the alert in hand;
- **recovered**: when somebody says so by hand; else when the alert was resolved.

A drill's alert is labelled and counts neither in the times of real alerts (MTTA, MTTR) nor in
their noise, and its incident is no incident. Its alert bears no letters. Letters that a drill
really loses are lost, and the objective counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core import wording
from core.fields import Fields, FieldsError
from core.ports.alerts import Acknowledgement, Transition
from core.ports.incidents import Drill

#: A scenario is rehearsed again this long after it was held.
REPEAT_AFTER = timedelta(days=90)
DRILL_FIELDS = ("scenario", "title", "due_on", "owner")


@dataclass(frozen=True, slots=True)
class Scenario:
    """An accident that can be rehearsed.

    Attributes:
        name: what it is called.
        rehearsal: what is done.
        shows: what has to be seen for it to have gone well.
    """

    name: str
    rehearsal: str
    shows: str


#: The accidents of the lecture on managing ML projects, by the key that the store keeps.
SCENARIOS: Mapping[str, Scenario] = {
    "datacenter_lost": Scenario(
        "Datacenter lost",
        "Take one datacenter out of the balancer at an hour of high load.",
        "The others carry the load within the objectives, and nobody has to do anything by hand.",
    ),
    "inference_off": Scenario(
        "Inference service off",
        "Switch the inference service off for the letters of a test account.",
        "Letters are delivered without a decision, in time, and none is lost or delayed.",
    ),
    "bad_model": Scenario(
        "Bad model rolled out",
        "Roll out a model that decides badly, to a shadow run or to test accounts only.",
        "Quality's early warning sees it, and the model before is back within minutes.",
    ),
    "samples_lost": Scenario(
        "Training samples lost",
        "Declare the samples lost, and restore them from where they are kept a second time.",
        "The restored samples are complete, and training runs on them.",
    ),
}


@dataclass(frozen=True, slots=True)
class Times:
    """When a drill was noticed, taken in hand and over; None where it was not, or not yet."""

    detected_at: datetime | None
    acknowledged_at: datetime | None
    recovered_at: datetime | None


@dataclass(frozen=True, slots=True)
class NextDrill:
    """When a scenario is to be rehearsed next.

    Attributes:
        due_on: of the drill that is planned, or what is proposed.
        planned: the drill that is planned; None where it is only proposed.
        last: the last one that was held; None where it never was.
        why: where the day comes from, as a sentence.
    """

    scenario: str
    due_on: date
    planned: Drill | None
    last: Drill | None
    why: str


@dataclass(frozen=True, slots=True)
class PlannedDrill:
    """What people fill in to plan a drill."""

    scenario: str
    title: str
    due_on: date
    owner: str


def parse_drill(given: Mapping[str, object]) -> PlannedDrill:
    """Read the fields of a drill: DRILL_FIELDS. Without a title it is called as its scenario.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(DRILL_FIELDS)
    scenario = form.name("scenario", tuple(SCENARIOS))
    title = form.name("title") if form.has("title") else None
    due_on, owner = form.day("due_on"), form.name("owner")
    if form.problems or scenario is None or due_on is None or owner is None:
        raise FieldsError(form.problems)
    return PlannedDrill(scenario, title or SCENARIOS[scenario].name, due_on, owner)


def times(
    drill: Drill,
    transitions: Iterable[Transition],
    acknowledgements: Iterable[Acknowledgement],
    told: datetime | None,
) -> Times:
    """Measure a drill; what is stored of one that has ended is not measured again.

    Args:
        drill: the drill.
        transitions: of any alerts, oldest first; those of the drill's alert count.
        acknowledgements: likewise.
        told: when the first notification of the drill's alert was sent; None where none was.
    """
    if drill.ended_at is not None or drill.started_at is None:
        return Times(drill.detected_at, drill.acknowledged_at, drill.recovered_at)
    mine = [one for one in transitions if one.episode_id == drill.episode_id]
    fired = [one.at for one in mine if one.after == "firing"]
    resolved = [one.at for one in mine if one.after == "resolved"]
    taken = [one.at for one in acknowledgements if one.episode_id == drill.episode_id]
    return Times(
        told if told is not None else min(fired, default=None),
        min(taken, default=None),
        drill.recovered_at if drill.recovered_at is not None else min(resolved, default=None),
    )


def taken(drill: Drill, moment: datetime | None) -> timedelta | None:
    """From a drill's start to something; None where one of the two has not been."""
    if drill.started_at is None or moment is None:
        return None
    return max(moment - drill.started_at, timedelta(0))


def is_overdue(drill: Drill, today: date) -> bool:
    """Whether a drill should have been started before today and was not."""
    return drill.started_at is None and drill.cancelled_at is None and drill.due_on < today


def next_drills(drills: Iterable[Drill], today: date) -> tuple[NextDrill, ...]:
    """For every scenario the drill that is planned next, or when one is due; the first due first.

    A scenario is due REPEAT_AFTER after its last drill ended, and today where it was never held: a
    proposal never lies in the past.
    """
    every = [drill for drill in drills if drill.cancelled_at is None]
    found = []
    for scenario in SCENARIOS:
        mine = [drill for drill in every if drill.scenario == scenario]
        waiting = [drill for drill in mine if drill.started_at is None]
        held = [(drill.ended_at, drill) for drill in mine if drill.ended_at is not None]
        last = max(held, key=lambda one: one[0], default=None)
        found.append(_next(scenario, waiting, last, today))
    order = list(SCENARIOS)
    return tuple(sorted(found, key=lambda one: (one.due_on, order.index(one.scenario))))


def _next(
    scenario: str, waiting: list[Drill], last: tuple[datetime, Drill] | None, today: date
) -> NextDrill:
    held = None if last is None else last[1]
    if waiting:
        planned = min(waiting, key=lambda drill: (drill.due_on, drill.drill_id))
        return NextDrill(scenario, planned.due_on, planned, held, "It is planned.")
    if last is None:
        return NextDrill(scenario, today, None, None, "It was never rehearsed.")
    due = last[0].date() + REPEAT_AFTER
    rehearsed = wording.long_date(last[0].date())
    why = f"It was last rehearsed on {rehearsed}, and is due every {REPEAT_AFTER.days} days."
    return NextDrill(scenario, max(due, today), None, held, why)
