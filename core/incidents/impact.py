"""What an incident cost, from the reliability report of its span.

The letters are counted as they were: every bad letter between the beginning and the recovery, those
that would have failed on a quiet day among them. A drill that really loses letters costs budget
like any other loss, since users have lost them; its test alert bears no letters and costs nothing.

It is worked out anew as long as the incident is open, since late rows still come, and frozen when
it is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np

from core.ports.incidents import Incident
from core.reliability import ReliabilityReport
from core.reliability.settings import SLIS
from core.reliability.totals import sli_counts
from core.timeframe import DAY, MINUTE, Window, floor_to, parse_as_of, write_time

#: The reliability report of a window that ends at a moment.
Reliability = Callable[[Window, datetime], ReliabilityReport]
#: An incident is never judged over a longer span than a window may be.
LONGEST = 400 * DAY


@dataclass(frozen=True, slots=True)
class Impact:
    """What an incident cost.

    Attributes:
        start: the first minute that is counted.
        end: the end of the last one.
        letters: all that came in the span.
        bad: letters that broke each objective, by 'availability' and 'latency'.
        allowed: bad letters that the 30 days up to the end allow, by the same keys.
        minutes: minutes in which an objective was missed, by the same keys and 'any'.
        missing: minutes without any row: what happened in them is not known.
        known: minutes of the span that are kept one by one; fewer than the span's where retention
            has taken some, and then `minutes` counts among these alone.
        frozen: it is as it was when the incident was closed.
    """

    start: datetime
    end: datetime
    letters: int
    bad: Mapping[str, int]
    allowed: Mapping[str, Fraction]
    minutes: Mapping[str, int]
    missing: int
    known: int
    frozen: bool = False

    def share(self, kind: str) -> Fraction | None:
        """The share of the 30-day budget that the incident took; None without a budget."""
        allowed = self.allowed[kind]
        return Fraction(self.bad[kind]) / allowed if allowed else None

    @property
    def length(self) -> int:
        """Minutes from start to end."""
        return (self.end - self.start) // MINUTE


def impact_of(incident: Incident, as_of: datetime, reliability: Reliability) -> Impact:
    """What an incident cost up to its recovery, or up to as_of where it has not recovered.

    Args:
        incident: the incident, closed or not.
        as_of: now.
        reliability: gives the reliability report of its service for a window.
    """
    until = as_of if incident.recovered_at is None else min(incident.recovered_at, as_of)
    # A minute that was bad in part counts as a whole: less would flatter. The unfinished one waits.
    start = floor_to(incident.began_at, MINUTE)
    end = min(_ceiling(until), floor_to(as_of, MINUTE))
    length = min(max(end - start, MINUTE), LONGEST)
    found = reliability(Window(length), start + length)
    return measured(found)


def measured(found: ReliabilityReport) -> Impact:
    """What the letters of a report's window say."""
    grid = found.minutes
    missed = {}
    for kind in SLIS:
        columns = (grid.letters, grid.errors, grid.slow)
        letters, errors, slow = (counts.sum(axis=0) for counts in columns)
        bad, total = (errors, letters) if kind == "availability" else (slow, letters - errors)
        limit = 1 - found.settings.objectives[kind]
        missed[kind] = bad * limit.denominator > limit.numerator * total
    minutes = {kind: int(missed[kind].sum()) for kind in SLIS}
    minutes["any"] = int(np.logical_or.reduce([missed[kind] for kind in SLIS]).sum())
    return Impact(
        start=found.span.start,
        end=found.span.end,
        letters=found.letters,
        bad={kind: sli_counts(kind, found.letters, found.errors, found.slow)[0] for kind in SLIS},
        allowed={kind: found.slis[kind].period.allowed for kind in SLIS},
        minutes=minutes,
        missing=int((grid.rows.sum(axis=0) == 0).sum()),
        known=int(grid.rows.shape[1]),
    )


def as_json(impact: Impact) -> dict[str, Any]:
    """An impact as team.incident keeps it; budgets stay exact, as fractions."""
    return {
        "start": write_time(impact.start),
        "end": write_time(impact.end),
        "letters": impact.letters,
        "bad": dict(impact.bad),
        "allowed": {kind: str(allowed) for kind, allowed in impact.allowed.items()},
        "minutes": dict(impact.minutes),
        "missing": impact.missing,
        "known": impact.known,
    }


def from_json(kept: Mapping[str, Any]) -> Impact:
    """The impact that `as_json` has written, which is frozen."""
    return Impact(
        start=parse_as_of(kept["start"]),
        end=parse_as_of(kept["end"]),
        letters=int(kept["letters"]),
        bad={kind: int(bad) for kind, bad in kept["bad"].items()},
        allowed={kind: Fraction(allowed) for kind, allowed in kept["allowed"].items()},
        minutes={kind: int(minutes) for kind, minutes in kept["minutes"].items()},
        missing=int(kept["missing"]),
        known=int(kept["known"]),
        frozen=True,
    )


def _ceiling(moment: datetime) -> datetime:
    floor = floor_to(moment, MINUTE)
    return floor if floor == moment else floor + MINUTE
