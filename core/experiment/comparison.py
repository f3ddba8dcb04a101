"""One treatment against the control: the course of the lift, its decision, its guardrails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.experiment.decision import Daily, Decision, Outcome, daily_of, decide
from core.experiment.effects import Effect, Interval, effect
from core.experiment.guardrails import Guardrail, guardrail
from core.experiment.metrics import Metric, metric_named
from core.experiment.planned import PlannedError, planned_error
from core.experiment.settings import Settings
from core.experiment.timeline import Timeline
from core.ports import ExperimentDefinition, MetricRule
from core.ports.experiment import SUMS
from core.stats.ratio import lifts, ratios
from core.stats.sequential import Rule

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NEW = SUMS.index("new_users")


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What every comparison of an experiment stands on.

    Attributes:
        rule: with its errors shared by the comparisons.
        alpha: of the intervals shown, likewise.
        line: d days.
        cumulative: sums over the complete days so far, shape (d, v, BUCKETS, len(SUMS)).
        final: True on the day of the planned last look, shape (d,).
        may: days on which a verdict may be given, shape (d,).
    """

    definition: ExperimentDefinition
    settings: Settings
    rule: Rule
    alpha: float
    line: Timeline
    cumulative: Floats
    final: Mask
    may: Mask

    def until(self, days: int) -> Ground:
        """The first days of it."""
        return Ground(
            self.definition,
            self.settings,
            self.rule,
            self.alpha,
            self.line.until(days),
            self.cumulative[:days],
            self.final[:days],
            self.may[:days],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One treatment against the control.

    Attributes:
        treatment: the variant's name.
        arms: positions of control and treatment among the timeline's variants.
        users: first-exposed users of both.
        effect: on the primary metric over the days that count.
        planned: what the always-valid band is tuned for.
        daily: the course of the lift.
        deciding: what the rule decides by on the last of the days; None without any bounds.
        looked: the planned last look was made.
        decision: when and by what it was decided; None while open.
        outcome: of this comparison alone.
        guardrails: in the order of the definition.
    """

    treatment: str
    arms: tuple[int, int]
    users: int
    effect: Effect
    planned: PlannedError
    daily: Daily
    deciding: Interval | None
    looked: bool
    decision: Decision | None
    outcome: Outcome
    guardrails: tuple[Guardrail, ...]

    @property
    def harmed(self) -> tuple[Guardrail, ...]:
        """Guardrails that treatment harms."""
        return tuple(one for one in self.guardrails if one.state == "harmed")


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The lift of one treatment day by day, and when it was decided."""

    arms: tuple[int, int]
    planned: PlannedError
    daily: Daily
    decision: Decision | None


def course(ground: Ground, treatment: int) -> Course:
    """Follow the lift of the treatment at a position over the days."""
    arms = (0, treatment)
    primary = ground.definition.primary
    metric = metric_named(primary.metric)
    planned = _planned(ground, metric, arms, frozen=True)
    control, treated = (ratios(*metric.columns(ground.cumulative[:, arm])) for arm in arms)
    daily = daily_of(
        lifts(control, treated),
        ground.line.complete,
        ground.final,
        margin=primary.margin,
        alpha=ground.alpha,
        rule=ground.rule,
        s_plan=planned.value,
        known_from=planned.known_from,
    )
    decision = decide(
        daily,
        ground.line.days,
        ground.may,
        ground.final,
        margin=primary.margin,
        direction=primary.direction,
        rule=ground.rule,
    )
    return Course(arms, planned, daily, decision)


def comparison(ground: Ground, found: Course, *, over: bool) -> Comparison:
    """Everything about one treatment at the end of the days that count.

    Args:
        ground: cut to those days.
        found: the course over them.
        over: nothing more will come.
    """
    definition = ground.definition
    looked = bool(ground.final.any())
    primary = effect_on(
        ground, metric_named(definition.primary.metric), found.arms, s_plan=found.planned.value
    )
    held = tuple(
        _guardrail(ground, rule, found.arms, final=looked) for rule in definition.guardrails
    )
    return Comparison(
        ground.line.variants[found.arms[1]],
        found.arms,
        int(ground.cumulative[-1:, list(found.arms), :, _NEW].sum()),
        primary,
        found.planned,
        found.daily,
        _deciding(ground, found.daily),
        looked,
        found.decision,
        _outcome(found.decision, primary, over=over),
        held,
    )


def effect_on(
    ground: Ground, metric: Metric, arms: tuple[int, int], *, s_plan: float | None = None
) -> Effect:
    """The effect on a metric over all complete days."""
    shape = ground.cumulative.shape[1:]
    sums = ground.cumulative[-1] if len(ground.line.days) else np.zeros(shape)
    names = ground.line.variants[arms[0]], ground.line.variants[arms[1]]
    return effect(metric, sums[arms[0]], sums[arms[1]], ground.alpha, names=names, s_plan=s_plan)


def _guardrail(
    ground: Ground, rule: MetricRule, arms: tuple[int, int], *, final: bool
) -> Guardrail:
    metric = metric_named(rule.metric)
    planned = _planned(ground, metric, arms, frozen=False)
    return guardrail(rule, effect_on(ground, metric, arms, s_plan=planned.value), final=final)


def _planned(
    ground: Ground, metric: Metric, arms: tuple[int, int], *, frozen: bool
) -> PlannedError:
    return planned_error(
        metric,
        ground.line,
        ground.cumulative,
        arms,
        ground.definition,
        after=ground.settings.projected_from,
        frozen=frozen,
    )


def _deciding(ground: Ground, daily: Daily) -> Interval | None:
    known = np.flatnonzero(np.isfinite(daily.deciding_high))
    if not known.size:
        return None
    at = int(known[-1])
    one_sided = ground.rule.final_alpha if ground.final[at] else ground.rule.daily_alpha
    return Interval(
        float(daily.deciding_low[at]), float(daily.deciding_high[at]), 1 - 2 * one_sided
    )


def _outcome(decision: Decision | None, primary: Effect, *, over: bool) -> Outcome:
    if decision is not None:
        return Outcome.MET if decision.met else Outcome.NOT_MET
    if primary.lift is None:
        return Outcome.NO_DATA
    return Outcome.LEFT_OPEN if over else Outcome.KEEP_COLLECTING
