"""The lift by segment, and whether it changes with the week of exposure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.experiment.effects import Effect, Interval, effect, ordinary
from core.experiment.metrics import Metric
from core.experiment.timeline import arranged
from core.ports import BucketSlice
from core.ports.experiment import BUCKETS, SUMS
from core.stats.multiple import each_alpha, holm
from core.stats.paired import change
from core.stats.ratio import p_value

Floats = NDArray[np.float64]

#: The dimension of the weeks since users came into the test: not a segment, but a course.
EXPOSURE = "exposure_week"
_NEW = SUMS.index("new_users")


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """One value of a dimension over the complete days.

    Attributes:
        sums: shape (v, BUCKETS, len(SUMS)), variants in the order of the timeline.
    """

    dimension: str
    value: str
    sums: Floats


@dataclass(frozen=True, slots=True)
class Segment:
    """The effect on the primary metric in one segment.

    Attributes:
        effect: with an interval that holds together with those of all other segments.
        p: against no change, adjusted for all segments by Holm; None without a lift.
        users: first-exposed users of both arms.
    """

    dimension: str
    value: str
    effect: Effect
    p: float | None
    users: int


@dataclass(frozen=True, slots=True)
class ExposureWeek:
    """The effect in one week of exposure, and its change from the first.

    Attributes:
        change: the lift's relative change from the first week's, (1 + later) / (1 + first) - 1;
            None for the first, and where it cannot be computed.
        interval: of the change, holding together with those of the other weeks.
        p: of the change, adjusted by Holm.
    """

    week: str
    effect: Effect
    change: float | None
    interval: Interval | None
    p: float | None


def cuts_of(runs: Sequence[Sequence[BucketSlice]], arms: Sequence[str]) -> tuple[Cut, ...]:
    """Add slices up over stretches of complete days.

    Args:
        runs: the slices of each stretch.
        arms: the variants in the order wanted.
    """
    summed: dict[tuple[str, str], Floats] = {}
    for slices in runs:
        for one in slices:
            key = (one.dimension, one.value)
            sums = arranged(one.variants, one.sums, arms)
            summed[key] = summed[key] + sums if key in summed else sums
    return tuple(Cut(*key, summed[key]) for key in sorted(summed, key=_order))


def segments(
    metric: Metric, cuts: Sequence[Cut], arms: tuple[int, int], names: tuple[str, str], alpha: float
) -> tuple[Segment, ...]:
    """Every segment; intervals share alpha, p-values are Holm's."""
    chosen = [cut for cut in cuts if cut.dimension != EXPOSURE]
    share = each_alpha(alpha, len(chosen))
    effects = [
        effect(metric, cut.sums[arms[0]], cut.sums[arms[1]], share, names=names) for cut in chosen
    ]
    adjusted = holm([np.nan if one.p is None else one.p for one in effects])
    return tuple(
        Segment(
            cut.dimension,
            cut.value,
            one,
            None if np.isnan(p) else float(p),
            int(cut.sums[list(arms), :, _NEW].sum()),
        )
        for cut, one, p in zip(chosen, effects, adjusted, strict=True)
    )


def exposure_weeks(
    metric: Metric, cuts: Sequence[Cut], arms: tuple[int, int], names: tuple[str, str], alpha: float
) -> tuple[ExposureWeek, ...]:
    """The lift by week of exposure, each compared with the first within the buckets."""
    weeks = [cut for cut in cuts if cut.dimension == EXPOSURE]
    share = each_alpha(alpha, len(weeks))
    effects = [
        effect(metric, cut.sums[arms[0]], cut.sums[arms[1]], share, names=names) for cut in weeks
    ]
    if not weeks:
        return ()
    share = each_alpha(alpha, len(weeks) - 1)
    changes = [change(_arms(metric, weeks[0], arms), _arms(metric, cut, arms)) for cut in weeks[1:]]
    known = [bool(np.isfinite(found.error)) for found in changes]
    adjusted = holm(
        [
            float(p_value(found)) if there else np.nan
            for found, there in zip(changes, known, strict=True)
        ]
    )
    found = [ExposureWeek(weeks[0].value, effects[0], None, None, None)]
    for at, cut in enumerate(weeks[1:]):
        if not known[at]:
            found.append(ExposureWeek(cut.value, effects[at + 1], None, None, None))
            continue
        moved = changes[at]
        found.append(
            ExposureWeek(
                cut.value,
                effects[at + 1],
                float(moved.relative),
                ordinary(moved, share),
                float(adjusted[at]),
            )
        )
    return tuple(found)


def _arms(metric: Metric, cut: Cut, arms: tuple[int, int]) -> tuple[Floats, Floats, Floats, Floats]:
    assert cut.sums.shape[-2:] == (BUCKETS, len(SUMS))
    control, treatment = (metric.columns(cut.sums[arm]) for arm in arms)
    return (*control, *treatment)


def _order(key: tuple[str, str]) -> tuple[str, int, float, str]:
    """Dimensions by name; values that are numbers by number, the others after them by name."""
    dimension, value = key
    if value.isdecimal():
        return dimension, 0, float(value), value
    return dimension, 1, 0.0, value
