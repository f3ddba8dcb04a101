"""Red lines as the worker watches them: what is crossed opens plan B, and is told as an alert."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.ports.risks import Risk
from core.risks.lines import LineState, LineView, view_of
from core.risks.measures import EvidenceOf


@dataclass(frozen=True, slots=True)
class Watched:
    """A red line at one look.

    Attributes:
        active: crossed, now or since plan B was opened; None is unknown.
        opens: it is crossed, and plan B is not open yet.
        value: of the measure; where it is unknown and plan B is open, what it was when the line was
            crossed. None for a day.
        sentence: how it stands, for whoever is called.
    """

    risk: Risk
    line: str
    active: bool | None
    opens: bool
    value: float | None
    threshold: float | None
    sentence: str


def watched(risks: Iterable[Risk], today: date, evidence_of: EvidenceOf) -> tuple[Watched, ...]:
    """Look at the red lines of open risks. A line whose plan B is over is spent, and not looked at.

    Plan B stays open where the measure comes back: who ends it says what came of it.
    """
    return tuple(
        _look(risk, view_of(risk.line, today, evidence_of))
        for risk in risks
        if risk.line is not None and risk.closed_at is None and risk.plan_b_ended_at is None
    )


def _look(risk: Risk, view: LineView) -> Watched:
    is_open = risk.plan_b_is_open
    crossed = view.state is LineState.CROSSED
    active = True if is_open or crossed else None if view.state is LineState.UNKNOWN else False
    named = f"The red line of “{risk.title}” (rank {risk.rank}, {risk.owner})"
    if is_open and not crossed:
        said = f"{named} was crossed and plan B is open; now {view.sentence}"
    elif active:
        said = f"{named} is crossed, open plan B: {view.sentence}"
    else:
        said = f"{named} is {view.state.value}: {view.sentence}"
    return Watched(
        risk=risk,
        line=view.words,
        active=active,
        opens=crossed and not is_open,
        value=risk.plan_b_value if is_open and view.value is None else view.value,
        threshold=view.line.value,
        sentence=said,
    )
