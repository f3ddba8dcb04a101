"""The incidents' report: sentences first, drills apart from incidents, nothing forgotten."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from core import incidents, reliability
from core.incidents.impact import as_json, impact_of
from core.ports import Acknowledgement, Release, Transition
from core.ports.incidents import Note, Retrospective
from core.reliability import ReliabilityReport
from core.timeframe import Window
from tests.fakes import SERVICE, FakeReliabilityReader, at, life, outage, steady
from tests.fakes_oncall import (
    DAY,
    HANDOVER,
    HOUR,
    MINUTE,
    MONDAY,
    MemoryIncidents,
    action,
    drill,
    incident,
    linked,
)

WEEK = Window.parse("7d")
NOW = HANDOVER + DAY
HELD = incident(1, recovered_at=HANDOVER + HOUR)
LESSONS = Retrospective(1, SERVICE, 1, "Queue", "good", "improve", "how", MONDAY)


def found(**known: Any) -> incidents.IncidentsReport:
    return incidents.report(MemoryIncidents(**known), SERVICE, WEEK, NOW)


def reading(window: Window, as_of: datetime) -> ReliabilityReport:
    rows = outage(steady(-600, 60), 0, 10)
    return reliability.report(FakeReliabilityReader(rows, [life(-600, 60)]), SERVICE, window, as_of)


def test_without_anything_every_part_says_what_to_do():
    made = found()
    assert made.headline == "newsletters had no incident in the last 7 days"
    assert set(made.empty) == {"incidents", "drills", "retrospectives", "actions"}
    assert [one.due_on for one in made.coming] == [NOW.date()] * 4
    assert made.warnings[0] == "Datacenter lost: due now. It was never rehearsed."


def test_what_has_not_recovered_is_the_headline():
    made = found(known=(incident(2, title="Почта стоит"), HELD))
    assert made.headline == "Почта стоит has not recovered since 1 Jun 2026 07:00 UTC"
    assert [one.incident.incident_id for one in made.running] == [2]
    assert made.incidents[0].sentence == (
        "Major, since 1 Jun 2026 07:00 UTC: it has lasted 24 hours and has not recovered."
    )
    assert found(known=(incident(2), incident(3))).headline == "Two incidents have not recovered"


def test_an_incident_that_recovered_wants_a_retrospective():
    made = found(known=(HELD,))
    assert made.headline == "newsletters had one incident in the last 7 days and recovered"
    assert "Incident 1 has no retrospective yet." in made.warnings
    assert made.incidents[0].to_recover == HOUR
    learned = found(known=(HELD,), lessons=(LESSONS,), to_do=(action(1, MONDAY + 9 * DAY),))
    assert learned.incidents[0].retrospective == LESSONS
    assert [one.action_id for one in learned.incidents[0].actions] == [1]
    assert "Incident 1 has no retrospective yet." not in learned.warnings


def test_the_incident_of_a_drill_is_no_incident():
    made = found(known=(incident(1, drill_id=3),))
    assert made.incidents == ()
    assert [one.incident.drill_id for one in made.rehearsed] == [3]
    assert made.headline == "newsletters had no incident in the last 7 days"


def test_overdue_drills_and_actions_are_in_the_headline_and_warned_about():
    made = found(
        planned=(drill(1), drill(2, "bad_model", due_on=MONDAY + 5 * DAY)),
        to_do=(action(1, MONDAY), action(2, MONDAY + 9 * DAY)),
    )
    assert made.headline == (
        "newsletters had no incident in the last 7 days; two drills or actions are overdue"
    )
    assert [one.drill.drill_id for one in made.overdue_drills] == [1]
    assert [one.action_id for one in made.overdue_actions] == [1]
    assert "Datacenter lost: overdue for 1 day, owner Борис." in made.warnings
    assert "An action is not done: Вера, overdue for 1 day." in made.warnings


def test_a_running_drill_says_how_long_each_step_took():
    made = found(
        planned=(drill(started_at=HANDOVER, episode_id=7),),
        moves=(Transition(7, HANDOVER, "", "firing", ""),),
        taken=(Acknowledgement(7, "Вера", HANDOVER + 4 * MINUTE, "", NOW),),
        sent={7: HANDOVER + MINUTE},
    )
    (view,) = made.drills
    assert (view.to_detect, view.to_acknowledge, view.to_recover) == (MINUTE, 4 * MINUTE, None)
    assert view.sentence == (
        "Datacenter lost: runs since 1 Jun 2026 07:00 UTC; detected after 1 minute, acknowledged "
        "after 4 minutes and recovered not yet."
    )


def test_a_drill_that_ended_before_the_window_is_not_shown():
    old = drill(started_at=NOW - 9 * DAY, ended_at=NOW - 8 * DAY, episode_id=7)
    made = found(planned=(old,))
    assert made.drills == ()
    assert "drills" not in made.empty
    held = drill(started_at=NOW - DAY, ended_at=NOW - HOUR, episode_id=7, result="held")
    assert found(planned=(held,)).drills[0].sentence.endswith("and recovered never.")


def test_the_timeline_shows_releases_shortly_before_it_and_none_of_long_before():
    releases = tuple(
        Release(f"d{hours}", HANDOVER - hours * HOUR, f"v{hours}", "", "production", None, "")
        for hours in (1, 3)
    )
    made = found(known=(HELD,), released=releases, links=(linked(7),))
    shown = [entry.what for entry in made.incidents[0].timeline if entry.kind == "release"]
    assert shown == ["Release of v1, stage production"]
    assert [one.episode_id for one in made.incidents[0].alerts] == [7]


def test_an_open_incidents_impact_is_worked_out_and_a_closed_ones_is_as_it_was():
    began = incident(1, began_at=at(0), recovered_at=at(10))
    frozen = impact_of(began, at(30), reading)
    closed = incident(
        2, began_at=at(0), recovered_at=at(10), closed_at=at(40), impact=as_json(frozen)
    )
    unknown = incident(3, began_at=at(0), recovered_at=at(10), closed_at=at(40))
    reader = MemoryIncidents((began, closed, unknown))
    made = incidents.report(reader, SERVICE, WEEK, at(60), reading)
    live, kept, none = made.incidents
    assert live.impact == frozen
    assert live.impact_sentence == (
        # 610,000 letters came in the 30 days up to the recovery: 61 were allowed to fail.
        "10,000 of 10,000 letters failed and 0 took too long, that is 16393.5 % of the 30-day "
        "availability budget and 0.0 % of the 30-day latency budget. 10 of 10 minutes were outside "
        "an objective."
    )
    assert kept.impact is not None
    assert kept.impact.frozen
    assert none.impact is None
    assert incidents.report(reader, SERVICE, WEEK, at(60)).incidents[0].impact is None


def test_an_incident_has_its_own_alerts_and_notes_alone():
    said = tuple(Note(number, number, HANDOVER, "Анна", f"note {number}") for number in (1, 2))
    made = found(known=(HELD, incident(2)), said=said, links=(linked(7), linked(8, 2)))
    assert [[note.text for note in view.notes] for view in made.incidents] == [
        ["note 1"],
        ["note 2"],
    ]
    assert [[one.episode_id for one in view.alerts] for view in made.incidents] == [[7], [8]]


def test_what_was_done_in_the_window_is_shown_the_last_first():
    done = tuple(
        action(number, MONDAY, done_at=NOW - number * DAY, done_by="Вера") for number in (1, 2, 9)
    )
    made = found(to_do=done)
    assert [one.action_id for one in made.done] == [1, 2]
    assert made.actions == ()


def test_a_moment_needs_a_zone():
    with pytest.raises(ValueError, match="must have a time zone"):
        incidents.report(MemoryIncidents(), SERVICE, WEEK, NOW.replace(tzinfo=None))


def test_the_evidence_says_what_the_report_says():
    reader = MemoryIncidents(
        (incident(1, began_at=at(0), recovered_at=at(10), detected_at=at(1)),),
        links=(linked(7),),
        moves=(Transition(7, at(1), "", "firing", "It burns."),),
        lessons=(LESSONS,),
        to_do=(action(1, MONDAY),),
        planned=(drill(started_at=HANDOVER, episode_id=9),),
    )
    made = incidents.report(reader, SERVICE, WEEK, at(60), reading)
    written = json.loads(json.dumps(incidents.evidence(made), allow_nan=False))
    (one,) = written["incidents"]
    assert (one["to_detect"], one["to_recover"]) == (60.0, 600.0)
    assert one["impact"]["bad"] == {"availability": 10_000, "latency": 0}
    assert one["impact"]["frozen"] is False
    assert one["retrospective"]["actions"][0]["owner"] == "Вера"
    assert [entry["kind"] for entry in one["timeline"]] == [
        *("began", "alert", "detected", "opened", "recovered")
    ]
    assert written["drills"][0]["to_acknowledge"] is None
    assert written["sentence"] == f"{made.headline}."
