"""The CUPED row: the primary metric with what its users did before the test taken out."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment.comparison import Ground
from core.experiment.effects import Effect, from_ratios
from core.experiment.metrics import Metric
from core.experiment.timeline import arranged
from core.ports import BucketSlice
from core.stats.cuped import adjusted


@dataclass(frozen=True, slots=True)
class Cuped:
    """The adjusted effect.

    Attributes:
        effect: adjusted.
        narrower: by how much the ordinary interval's width on the log scale shrinks, as a share of
            the plain one's; below 0 where it grows. None without either.
    """

    effect: Effect
    narrower: float | None


def cuped(ground: Ground, before: BucketSlice, arms: tuple[int, int], plain: Effect) -> Cuped:
    """Take out what the same users did in the days before the test.

    Args:
        ground: the days that count.
        before: of the days before.
        arms: positions of control and treatment.
        plain: the effect on the primary metric without adjustment.
    """
    metric, variants, sums = plain.metric, ground.line.variants, ground.cumulative[-1]
    earlier = arranged(before.variants, before.sums, variants)
    control, treatment = (metric.columns(sums[arm]) for arm in arms)
    control_before, treatment_before = (metric.columns(earlier[arm]) for arm in arms)
    for name, (_, exposed) in (
        (variants[arms[0]], control_before),
        (variants[arms[1]], treatment_before),
    ):
        if not exposed.sum() > 0:
            return Cuped(_nothing(metric, f"{name} has no rows from before the test"), None)
    if plain.lift is None:
        return Cuped(_nothing(metric, plain.missing), None)
    sides = adjusted(control, treatment, control_before, treatment_before)
    found = from_ratios(metric, *sides, ground.alpha)
    narrower = None
    if found.error is not None and plain.error is not None:
        narrower = 1 - found.error / plain.error
    return Cuped(found, narrower)


def _nothing(metric: Metric, why: str) -> Effect:
    return Effect(metric, None, None, None, None, None, None, None, None, None, why)
