"""What happened in an incident, in order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core import wording
from core.ports.alerts import Acknowledgement, Act, Transition
from core.ports.incidents import Incident, LinkedAlert, Note
from core.ports.releases import Release

#: What comes first of what happened at one moment: causes, then alerts, then people.
KINDS = (
    "began",
    "release",
    "alert",
    "detected",
    "opened",
    "escalation",
    "acknowledgement",
    "note",
    "recovered",
    "closed",
)
_AFTER = {
    "pending": "is pending",
    "firing": "fires",
    "unknown": "is unknown: its data are missing",
    "resolved": "is resolved",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        kind: one of KINDS.
        what: what happened, in our words, without a full stop; ids and names in it are data.
        text: what somebody wrote or an alert said: data.
        by: who did it; '' where nobody did.
        episode_id: the alert that it is about; None where it is about none.
        drill: it belongs to a drill.
    """

    at: datetime
    kind: str
    what: str
    text: str = ""
    by: str = ""
    episode_id: int | None = None
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """What is known about an incident beside its own row, of whatever length."""

    alerts: tuple[LinkedAlert, ...] = ()
    transitions: tuple[Transition, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    notes: tuple[Note, ...] = ()
    releases: tuple[Release, ...] = ()
    acts: tuple[Act, ...] = ()


def timeline(incident: Incident, happened: Happened) -> tuple[Entry, ...]:
    """Everything that is known of an incident, oldest first.

    Of what happened at the same moment, causes come before alerts, and alerts before people.

    Args:
        incident: the incident.
        happened: the rest; what belongs to other incidents and alerts is left out.
    """
    linked = {
        one.episode_id: one for one in happened.alerts if one.incident_id == incident.incident_id
    }
    entries = [
        *_milestones(incident),
        *(_release(one) for one in happened.releases),
        *(
            _transition(one, linked[one.episode_id])
            for one in happened.transitions
            if one.episode_id in linked
        ),
        *(
            _acknowledgement(one, linked[one.episode_id])
            for one in happened.acknowledgements
            if one.episode_id in linked
        ),
        *(
            _act(one, linked[one.episode_id])
            for one in happened.acts
            # That somebody resolved an alert by hand is told by its transition.
            if one.episode_id in linked and one.kind != "resolved"
        ),
        *(
            Entry(one.at, "note", "Note", one.text, one.by)
            for one in happened.notes
            if one.incident_id == incident.incident_id
        ),
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.at, KINDS.index(entry.kind))))


def _milestones(incident: Incident) -> Iterable[Entry]:
    yield Entry(incident.began_at, "began", "It began to hurt", drill=incident.drill_id is not None)
    if incident.detected_at is not None:
        yield Entry(incident.detected_at, "detected", "It was noticed")
    yield Entry(
        incident.opened_at, "opened", "The incident was opened", incident.title, incident.opened_by
    )
    if incident.recovered_at is not None:
        yield Entry(incident.recovered_at, "recovered", "The service recovered")
    if incident.closed_at is not None:
        yield Entry(incident.closed_at, "closed", "The incident was closed", by=incident.changed_by)


def _release(release: Release) -> Entry:
    where = f" in {release.datacenter}" if release.datacenter else ""
    return Entry(
        release.deployed_at,
        "release",
        f"Release of {release.model_version}{where}, stage {release.stage}",
        release.note,
    )


def _transition(one: Transition, alert: LinkedAlert) -> Entry:
    labelled = "Drill: the test alert" if alert.drill else f"The {alert.severity}"
    what = f"{labelled} {alert.rule_id} {_AFTER.get(one.after, one.after)}"
    return Entry(one.at, "alert", what, one.sentence, episode_id=one.episode_id, drill=alert.drill)


def _acknowledgement(one: Acknowledgement, alert: LinkedAlert) -> Entry:
    return Entry(
        one.at,
        "acknowledgement",
        f"{alert.rule_id} is in hand until {wording.clock(one.until, one.at)}",
        one.note,
        one.by,
        one.episode_id,
        alert.drill,
    )


def _act(one: Act, alert: LinkedAlert) -> Entry:
    kind, what = "note", f"Note on {alert.rule_id}"
    if one.kind == "escalated":
        to = f" to {one.escalate_to}" if one.escalate_to else ""
        kind, what = "escalation", f"{alert.rule_id} is escalated{to}"
    return Entry(one.at, kind, what, one.text, one.by, one.episode_id, alert.drill)
