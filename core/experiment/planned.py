"""The standard error that the always-valid band is tuned for, fixed once and never changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import wording
from core.experiment.metrics import Metric
from core.experiment.timeline import Timeline
from core.ports import ExperimentDefinition
from core.stats.projection import projected_errors
from core.stats.ratio import Lifts, lifts, ratios

Floats = NDArray[np.float64]

#: The pace of a test's first week is that of its newest days: users are still entering.
FIRST_PACE_DAYS = 3


@dataclass(frozen=True, slots=True)
class PlannedError:
    """The standard error of the log lift expected at the planned end.

    Attributes:
        value: None while it is not known.
        source: 'frozen' by the definition, 'projected' from the first days, or 'unknown'.
        known_from: index of the day from which on it is known; 0 where it was frozen.
        sentence: where it comes from.
    """

    value: float | None
    source: str
    known_from: int
    sentence: str


def planned_error(
    metric: Metric,
    line: Timeline,
    cumulative: Floats,
    arms: tuple[int, int],
    definition: ExperimentDefinition,
    *,
    after: int,
    frozen: bool,
) -> PlannedError:
    """What a comparison's band is tuned for.

    Args:
        metric: which metric's lift.
        line: the days.
        cumulative: sums over the complete days so far, shape (d, v, BUCKETS, len(SUMS)).
        arms: positions of control and treatment.
        definition: with the planned length, and s_plan where it was frozen.
        after: complete days that a projection is made from.
        frozen: whether the definition's s_plan is about this metric: it is about the primary one.
    """
    if frozen and definition.s_plan is not None:
        return PlannedError(definition.s_plan, "frozen", 0, _frozen(definition))
    first = np.flatnonzero(line.complete)[:after]
    if first.size < after:
        left = after - int(first.size)
        return PlannedError(
            None,
            "unknown",
            len(line.days),
            f"The always-valid band begins after {after} complete days, when its tuning can be "
            f"projected: {_days(left)} more.",
        )
    at = int(first[-1])
    error = float(_lift(metric, cumulative[at], arms).error)
    if not np.isfinite(error):
        return PlannedError(
            None,
            "unknown",
            len(line.days),
            f"The always-valid band has no tuning: the first {after} complete days say nothing "
            f"about the spread of {metric.label.lower()}.",
        )
    ahead = definition.planned_days - (at + 1)
    value = error
    if ahead > 0:
        daily = metric.columns(line.sums[first][:, list(arms)])[1].sum(axis=(1, 2))
        value = float(projected_errors(error, daily, ahead, pace_days=FIRST_PACE_DAYS)[-1])
    return PlannedError(
        value,
        "projected",
        at,
        f"The band is tuned for a standard error of {value:.4f} on day {definition.planned_days}: "
        f"{error:.4f} after the first {after} complete days, shrinking with one over the root of "
        f"what is exposed at the pace of the last {FIRST_PACE_DAYS} of them.",
    )


def _frozen(definition: ExperimentDefinition) -> str:
    who = f" by {definition.frozen_by}" if definition.frozen_by else ""
    when = "" if definition.frozen_at is None else f" on {wording.day(definition.frozen_at)}"
    assumed = f": {definition.assumption}" if definition.assumption else ""
    return (
        f"The band is tuned for a standard error of {definition.s_plan:.4f}, frozen{who}{when}"
        f"{assumed}."
    )


def _lift(metric: Metric, sums: Floats, arms: tuple[int, int]) -> Lifts:
    control, treatment = (ratios(*metric.columns(sums[arm])) for arm in arms)
    return lifts(control, treatment)


def _days(number: int) -> str:
    return "one day" if number == 1 else f"{wording.number_word(number)} days"
