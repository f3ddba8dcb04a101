"""Red lines at a moment: crossed, not crossed, or unknown; and what a crossing says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from core import wording
from core.ports.risks import RedLine
from core.risks.measures import HOLDS, EvidenceOf, bound, measure, unit_of
from core.timeframe import Window


class LineState(Enum):
    """Where a red line stands. Unknown is never "holds"."""

    CROSSED = "crossed"
    HOLDS = "not crossed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LineView:
    """A red line at a moment.

    Attributes:
        words: what it is, e.g. 'reliability.percentiles.p99.9 > 20 ms over 6 hours'.
        value: of the measure; None for a day, and where it is unknown.
        live: the value with its unit, or how far the day is; for people.
        sentence: how it stands, without a full stop.
    """

    line: RedLine
    state: LineState
    words: str
    value: float | None
    live: str
    sentence: str


def view_of(line: RedLine, today: date, evidence_of: EvidenceOf) -> LineView:
    """Hold a red line against the calendar or its measure.

    A day is crossed from the day after it on. A measure is compared as it is, never rounded.

    Args:
        line: the line.
        today: the day, UTC.
        evidence_of: gives the evidence of an area over a window.
    """
    if line.due_on is not None:
        return _day(line, line.due_on, today)
    found = measure(line.path, line.window, evidence_of)
    words = words_of(line, found.unit)
    if found.value is None or line.value is None:
        return LineView(
            line, LineState.UNKNOWN, words, None, "unknown", f"{words}: unknown, {found.why}"
        )
    crossed = HOLDS[line.operator](found.value, line.value)
    state = LineState.CROSSED if crossed else LineState.HOLDS
    # A line that is crossed from below is about something of which less is better.
    shown = found.shown(good="low" if line.operator in {">", ">="} else "high")
    sentence = f"{words}: {state.value}, it is {shown}"
    return LineView(line, state, words, found.value, shown, sentence)


def words_of(line: RedLine, unit: str = "") -> str:
    """What a line is, as people write it.

    >>> words_of(RedLine(date(2026, 9, 1)))
    'done by 1 September 2026'
    >>> words_of(RedLine(None, "reliability.percentiles.p99.9", ">", 20, "6h"))
    'reliability.percentiles.p99.9 > 20 ms over 6 hours'
    """
    if line.due_on is not None:
        return f"done by {wording.long_date(line.due_on)}"
    against = "" if line.value is None else bound(line.value, unit or unit_of(line.path))
    over = f" over {Window.parse(line.window).words}" if line.window else ""
    return f"{line.path} {line.operator} {against}{over}"


def _day(line: RedLine, due_on: date, today: date) -> LineView:
    days = (due_on - today).days
    words = words_of(line)
    if days < 0:
        live = f"{_days(-days)} over"
        return LineView(line, LineState.CROSSED, words, None, live, f"{words}: {live}")
    live = "today" if days == 0 else f"{_days(days)} left"
    return LineView(line, LineState.HOLDS, words, None, live, f"{words}: {live}")


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
