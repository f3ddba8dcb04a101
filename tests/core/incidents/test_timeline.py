"""The timeline: everything in order of time, what belongs elsewhere left out."""

from __future__ import annotations

from core.incidents.timeline import Happened, timeline
from core.ports import Acknowledgement, Release, Transition
from core.ports.alerts import Act
from core.ports.incidents import Note
from tests.fakes_oncall import HANDOVER, HOUR, MINUTE, incident, linked

ONE = incident(
    detected_at=HANDOVER + MINUTE,
    recovered_at=HANDOVER + HOUR,
    closed_at=HANDOVER + 2 * HOUR,
    title="Почта стоит",
)


def move(minute: int, before: str, after: str, episode_id: int = 7) -> Transition:
    return Transition(episode_id, HANDOVER + minute * MINUTE, before, after, "It burns.")


def test_alerts_notes_releases_and_acknowledgements_are_merged_by_time():
    found = timeline(
        ONE,
        Happened(
            (linked(7),),
            (move(1, "", "firing"), move(50, "firing", "resolved")),
            (Acknowledgement(7, "Борис", HANDOVER + 3 * MINUTE, "I look", HANDOVER + 2 * HOUR),),
            (Note(1, 1, HANDOVER + 20 * MINUTE, "Борис", "*rolled* back"),),
            (Release("d", HANDOVER - 10 * MINUTE, "v2", "dc1", "production", None, "new"),),
        ),
    )
    assert [(entry.kind, entry.what) for entry in found] == [
        ("release", "Release of v2 in dc1, stage production"),
        ("began", "It began to hurt"),
        ("alert", "The page slo-availability fires"),
        ("detected", "It was noticed"),
        ("acknowledgement", "slo-availability is in hand until 09:00 UTC"),
        ("opened", "The incident was opened"),
        ("note", "Note"),
        ("alert", "The page slo-availability is resolved"),
        ("recovered", "The service recovered"),
        ("closed", "The incident was closed"),
    ]
    assert [entry.by for entry in found if entry.by] == ["Борис", "Анна", "Борис", "Анна"]
    note = next(entry for entry in found if entry.kind == "note")
    assert note.text == "*rolled* back"


def test_what_belongs_to_another_incident_is_left_out():
    other = Happened(
        (linked(8, incident_id=2),),
        (move(1, "", "firing", episode_id=8),),
        (Acknowledgement(8, "Борис", HANDOVER, "", HANDOVER + HOUR),),
        (Note(1, 2, HANDOVER, "Борис", "elsewhere"),),
    )
    assert {entry.kind for entry in timeline(ONE, other)} == {
        *("began", "detected", "opened", "recovered", "closed")
    }


def test_a_drills_alert_says_that_it_is_one():
    found = timeline(
        incident(drill_id=3), Happened((linked(7, drill=True),), (move(1, "", "firing"),))
    )
    alert = next(entry for entry in found if entry.kind == "alert")
    assert alert.what == "Drill: the test alert slo-availability fires"
    assert alert.drill
    assert found[0].drill


def test_causes_come_before_alerts_and_alerts_before_people():
    at_once = incident(detected_at=HANDOVER, opened_at=HANDOVER)
    found = timeline(
        at_once,
        Happened(
            (linked(7),),
            (move(0, "", "firing"),),
            (Acknowledgement(7, "Борис", HANDOVER, "", HANDOVER + HOUR),),
            (Note(1, 1, HANDOVER, "Борис", "x"),),
            (Release("d", HANDOVER, "v2", "", "canary", None, ""),),
        ),
    )
    assert [entry.kind for entry in found] == [
        *("began", "release", "alert", "detected", "opened", "acknowledgement", "note")
    ]


def test_escalations_and_notes_of_alerts_are_told_and_a_resolution_by_hand_once():
    found = timeline(
        ONE,
        Happened(
            (linked(7),),
            (move(30, "firing", "resolved"),),
            acts=(
                Act(7, "escalated", "", HANDOVER + 15 * MINUTE, "Nobody came.", "Вера"),
                Act(7, "note", "Вера", HANDOVER + 17 * MINUTE, "dc2 only"),
                Act(7, "resolved", "Вера", HANDOVER + 30 * MINUTE, "mended"),
                Act(8, "note", "Вера", HANDOVER, "elsewhere"),
            ),
        ),
    )
    told = [(entry.kind, entry.what, entry.by) for entry in found if entry.episode_id == 7]
    assert told == [
        ("escalation", "slo-availability is escalated to Вера", ""),
        ("note", "Note on slo-availability", "Вера"),
        ("alert", "The page slo-availability is resolved", ""),
    ]
