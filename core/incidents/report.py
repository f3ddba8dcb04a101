"""The report of the incidents area: incidents, drills, retrospectives, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.incidents import sentences
from core.incidents.drills import NextDrill, next_drills
from core.incidents.impact import Reliability
from core.incidents.retrospective import carried_over
from core.incidents.retrospective import is_overdue as is_late
from core.incidents.views import DrillView, IncidentView, Learned, drill_views, incident_views
from core.ports.incidents import Action, Drill, IncidentReader, Retrospective
from core.timeframe import Span, Window, span_of


@dataclass(frozen=True, slots=True)
class IncidentsReport:
    """Everything the incidents area shows about a service.

    Attributes:
        headline: the finding, as the page's first sentence, without a full stop.
        incidents: open or of the window, the newest first; those of drills are not among them.
        rehearsed: incidents of drills, the newest first.
        drills: planned and running ones and those of the window: overdue ones first, then by day.
        coming: for every scenario when it is to be rehearsed next.
        retrospectives: the newest first.
        actions: not done yet, overdue ones first.
        done: actions that were done in the window, the last done first.
        warnings: what somebody has to do, as sentences.
        empty: what to say where there is nothing, by 'incidents', 'drills', 'retrospectives' and
            'actions'; a part that has something is not in it.
    """

    service: str
    window: Window
    as_of: datetime
    headline: str
    incidents: tuple[IncidentView, ...]
    rehearsed: tuple[IncidentView, ...]
    drills: tuple[DrillView, ...]
    coming: tuple[NextDrill, ...]
    retrospectives: tuple[Retrospective, ...]
    actions: tuple[Action, ...]
    done: tuple[Action, ...]
    warnings: tuple[str, ...]
    empty: dict[str, str]

    @property
    def running(self) -> tuple[IncidentView, ...]:
        """Real incidents that have not recovered."""
        return tuple(one for one in self.incidents if one.incident.recovered_at is None)

    @property
    def overdue_drills(self) -> tuple[DrillView, ...]:
        """Drills that should have been started before today."""
        return tuple(one for one in self.drills if one.overdue)

    @property
    def overdue_actions(self) -> tuple[Action, ...]:
        """Actions that should have been done before today."""
        return tuple(one for one in self.actions if is_late(one, self.as_of.date()))


def report(
    reader: IncidentReader,
    service: str,
    window: Window,
    as_of: datetime,
    reliability: Reliability | None = None,
) -> IncidentsReport:
    """Put the incidents' report of a service together.

    Args:
        reader: where incidents come from.
        service: whose.
        window: incidents that were open in it and drills that were held in it are shown.
        as_of: everything is as it was known then.
        reliability: gives the reliability report of the service for a window; it is asked once for
            every incident that is not closed. None leaves their impact out.

    Raises:
        ValueError: as_of has no zone.
    """
    span, as_of = span_of(window, as_of), as_of.astimezone(UTC)
    today = as_of.date()
    retrospectives = reader.retrospectives(service, as_of)
    actions = reader.actions(service, as_of)
    learned = Learned({one.incident_id: one for one in retrospectives}, actions)
    views = incident_views(reader, service, span, as_of, learned=learned, reliability=reliability)
    real = tuple(view for view in views if view.incident.drill_id is None)
    known_drills = reader.drills(service, as_of)
    drills = drill_views(reader, known_drills, span, as_of)
    coming = next_drills(known_drills, today)
    left = carried_over(actions, today)
    late = [action for action in left if is_late(action, today)]
    overdue = [view for view in drills if view.overdue]
    running = [view.incident for view in real if view.incident.recovered_at is None]
    return IncidentsReport(
        service=service,
        window=window,
        as_of=as_of,
        headline=sentences.headline(service, running, len(real), len(overdue) + len(late), window),
        incidents=real,
        rehearsed=tuple(view for view in views if view.incident.drill_id is not None),
        drills=drills,
        coming=coming,
        retrospectives=retrospectives,
        actions=left,
        done=_done(actions, span, as_of),
        warnings=(
            *(_without_retrospective(view) for view in real if _wants_retrospective(view)),
            *(view.sentence for view in overdue),
            *(f"An action is not done: {sentences.action_sentence(one, today)}." for one in late),
            *(
                sentences.next_sentence(one, today)
                for one in coming
                if one.planned is None and one.due_on <= today
            ),
        ),
        empty=_empty(real, known_drills, retrospectives, left),
    )


def _done(actions: Iterable[Action], span: Span, as_of: datetime) -> tuple[Action, ...]:
    done = [
        (action.done_at, action)
        for action in actions
        if action.done_at is not None and span.start <= action.done_at <= as_of
    ]
    ordered = sorted(done, key=lambda one: (one[0], one[1].action_id), reverse=True)
    return tuple(action for _, action in ordered)


def _wants_retrospective(view: IncidentView) -> bool:
    return view.incident.recovered_at is not None and view.retrospective is None


def _without_retrospective(view: IncidentView) -> str:
    return f"{view.incident.title} has no retrospective yet."


def _empty(
    real: tuple[IncidentView, ...],
    drills: tuple[Drill, ...],
    retrospectives: tuple[Retrospective, ...],
    left: tuple[Action, ...],
) -> dict[str, str]:
    said = {
        "incidents": (real, sentences.NO_INCIDENTS),
        "drills": (drills, sentences.NO_DRILLS),
        "retrospectives": (retrospectives, sentences.NO_RETROSPECTIVES),
        "actions": (left, sentences.NO_ACTIONS),
    }
    return {part: sentence for part, (there, sentence) in said.items() if not there}
