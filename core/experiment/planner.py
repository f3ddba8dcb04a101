"""The planner of the next experiment: from a base rate, users a day and a margin to days."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.experiment.comparison import Ground
from core.experiment.metrics import Metric
from core.ports.experiment import BUCKETS, SUMS
from core.stats.power import needed_error, power
from core.stats.ratio import log_margin, ratios
from core.stats.sequential import Rule

#: Sums that count events, which a spread is told for.
EVENTS = frozenset({"complaints", "sessions", "letters", "active_users"})
_USERS = SUMS.index("active_users")
#: A plan is rounded up to whole weeks: weekdays differ.
WEEK = 7
#: A test that takes longer than this is not planned but doubted.
LONGEST_DAYS = 365


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the next experiment is planned from.

    Attributes:
        base_rate: the control's ratio, e.g. complaints per letter.
        users_a_day: user-days a day, both arms together.
        per_user: denominators a user-day, e.g. letters; 1 where the ratio is per user-day.
        spread: how many times the variance of the log ratio is that of independent events;
            `spread_of` tells it of an experiment that has run.
        margin: relative change that has to be beaten.
        lift: the true relative change that is hoped for.
        power: chance of showing it.
        treated: share of the users in treatment.
        minimum_days: complete days before any verdict.
    """

    base_rate: float
    users_a_day: float
    per_user: float
    spread: float
    margin: float
    lift: float
    power: float = 0.80
    treated: float = 0.5
    minimum_days: int = 14


@dataclass(frozen=True, slots=True)
class Plan:
    """What comes of the assumptions.

    Attributes:
        days: planned length in whole weeks; None where no length within a year is enough.
        needed: days that the power takes, not rounded; None where the lift can never be shown.
        s_plan: standard error of the log lift expected at the planned end: what is frozen.
        power: chance of showing the lift at the planned end's last look.
        assumption: all of it in one line, to be kept with s_plan.
    """

    days: int | None
    needed: float | None
    s_plan: float | None
    power: float | None
    assumption: str


def plan(given: Assumptions, rule: Rule | None = None) -> Plan:
    """How long the next experiment has to run.

    Counts of an arm vary like `spread` times independent events, so the variance of its log ratio
    is spread / (events expected in it).

    Raises:
        ValueError: a rate, a number of users or a share is out of range.

    >>> asked = Assumptions(1e-4, 1_000_000, 25.0, 2.0, margin=-0.05, lift=-0.08)
    >>> found = plan(asked)
    >>> found.days, round(found.needed, 1), round(found.s_plan, 4)
    (28, 27.2, 0.0109)
    """
    rule = rule or Rule()
    _check(given)
    gap = abs(log_margin(given.margin) - log_margin(given.lift))
    daily, assumption = _daily_variance(given), _assumption(given)
    if not gap:
        return Plan(None, None, None, None, assumption)
    degrees = 2.0 * (BUCKETS - 1)
    error = needed_error(gap, degrees, rule.final_alpha, given.power)
    needed = daily / error**2
    days = WEEK * math.ceil(max(needed, given.minimum_days) / WEEK)
    if days > LONGEST_DAYS:
        return Plan(None, needed, None, None, assumption)
    s_plan = math.sqrt(daily / days)
    reached = float(power(gap, s_plan, degrees, rule.final_alpha))
    return Plan(days, needed, s_plan, reached, assumption)


def assumptions_of(
    ground: Ground, metric: Metric, arms: tuple[int, int], power_wanted: float
) -> Assumptions | None:
    """What the next experiment may be planned from: the rates and the traffic of this one.

    The true lift that is hoped for is half as much again as the margin; the traffic is that of the
    newest week. None where the metric's numerator is no count of events, or nothing is known yet.
    """
    if metric.numerator not in EVENTS or not ground.line.complete.any():
        return None
    days = ground.line.sums[ground.line.complete][-WEEK:][:, list(arms)]
    users = float(days[..., _USERS].sum()) / len(days)
    exposed = float(metric.columns(days)[1].sum()) / len(days)
    spread = spread_of(ground, metric, arms)
    control = ratios(*metric.columns(ground.cumulative[-1][arms[0]]))
    if spread is None or not users > 0 or not exposed > 0:
        return None
    shares = {one.name: one.share for one in ground.definition.variants}
    treated, plain = (shares[ground.line.variants[arm]] for arm in (arms[1], arms[0]))
    margin = ground.definition.primary.margin
    return Assumptions(
        base_rate=float(control.value),
        users_a_day=users,
        per_user=exposed / users,
        spread=spread,
        margin=margin,
        lift=1.5 * margin,
        power=power_wanted,
        treated=treated / (treated + plain),
        minimum_days=ground.definition.minimum_days,
    )


def spread_of(ground: Ground, metric: Metric, arms: tuple[int, int]) -> float | None:
    """How many times the variance of independent events an experiment's control shows.

    None where nothing can be computed.
    """
    x, y = metric.columns(ground.cumulative[-1][arms[0]])
    variance = float(ratios(x, y).log_variance)
    return variance * float(x.sum()) if math.isfinite(variance) else None


def _daily_variance(given: Assumptions) -> float:
    """The variance of the log lift after one day."""
    events = given.base_rate * given.per_user * given.users_a_day
    control = events * (1 - given.treated)
    treatment = events * given.treated * (1 + given.lift)
    return given.spread * (1 / control + 1 / treatment)


def _check(given: Assumptions) -> None:
    for name in ("base_rate", "users_a_day", "per_user", "spread"):
        value = getattr(given, name)
        if not 0 < value < math.inf:
            raise ValueError(f"{name} == {value}, must be above 0")
    if not 0 < given.treated < 1:
        raise ValueError(f"treated == {given.treated}, must be in (0, 1)")
    if given.minimum_days < 1:
        raise ValueError(f"minimum_days == {given.minimum_days}, must be at least 1")


def _assumption(given: Assumptions) -> str:
    return (
        f"base rate {given.base_rate:g}, {given.users_a_day:,.0f} user-days a day with "
        f"{given.per_user:g} each, {given.treated:.0%} treated, spread {given.spread:.2f}, "
        f"true lift {given.lift:+.1%} against a margin of {given.margin:+.1%}, "
        f"power {given.power:.0%}"
    )
