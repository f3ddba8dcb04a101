"""Availability and latency: the share of good letters, the budget that is left, the status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from core.reliability.alerts import Alert
from core.reliability.settings import Settings
from core.reliability.totals import Totals, share_good
from core.stats.burn import Budget, exhausted_in
from core.status import Status
from core.timeframe import Freshness

#: Less of the budget than this left is a reason to worry.
LITTLE_LEFT = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Sli:
    """One service level indicator over the window.

    Attributes:
        kind: 'availability' (errors among letters) or 'latency' (slow among answered letters).
        total: letters it is about.
        bad: letters that broke it.
        value: 1 - bad / total; None without letters.
        low: the value if every letter in a missing row was bad.
        high: the value if every one was good.
        budget: of the window's letters.
        period: the budget of the last whole period (30 days), whatever the window.
        burn: the present burn rate (last hour); None without letters.
        exhausted_in: how long the period's budget lasts at the present burn.
        status: held against its objective.
        reasons: why it is at risk, or why there is no data.
    """

    kind: str
    objective: Fraction
    total: int
    bad: int
    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    budget: Budget
    period: Budget
    burn: Fraction | None
    exhausted_in: timedelta | None
    status: Status
    reasons: tuple[str, ...]


def sli(
    kind: str,
    window: Totals,
    period: Totals,
    *,
    missing: int,
    burn: Fraction | None,
    alerts: Sequence[Alert],
    freshness: Freshness,
    state: str,
    settings: Settings,
) -> Sli:
    """Work out one indicator.

    Args:
        kind: 'availability' or 'latency'.
        window: of the window.
        period: of the last whole period.
        missing: letters believed to lie in the window's missing rows.
        burn: the present burn rate.
        alerts: the states of this indicator's policies.
        freshness: how far the data reach.
        state: 'ok', 'no_traffic' or 'no_data'.
        settings: the objectives.
    """
    objective = settings.objectives[kind]
    bad, total = window.counts(kind)
    value, low = share_good(bad, total), share_good(bad + missing, total + missing)
    spent = Budget.of(*period.counts(kind), objective)
    absent = _absent(value, freshness, state)
    worries = worries_about(bad, total, low, objective, alerts)
    status, reasons = (Status.AT_RISK if worries else Status.ON_TARGET), worries
    if absent:
        status, reasons = Status.NO_DATA, (absent,)
    elif value is not None and value < objective:
        status, reasons = Status.BREACHED, ()
    return Sli(
        kind=kind,
        objective=objective,
        total=total,
        bad=bad,
        value=value,
        low=low,
        high=share_good(bad, total + missing),
        budget=Budget.of(bad, total, objective),
        period=spent,
        burn=burn,
        exhausted_in=exhausted_in(spent.remaining, burn, settings.period),
        status=status,
        reasons=reasons,
    )


def worries_about(
    bad: int, total: int, low: Fraction | None, objective: Fraction, alerts: Sequence[Alert]
) -> tuple[str, ...]:
    """Why an objective that is met may not be for long."""
    reasons = []
    firing = [alert.policy.name for alert in alerts if alert.firing]
    if firing:
        reasons.append(f"firing: {', '.join(firing)}")
    remaining = Budget.of(bad, total, objective).remaining
    if remaining is not None and remaining < LITTLE_LEFT:
        reasons.append("less than a quarter of the error budget is left")
    if low is not None and low < objective:
        reasons.append("rows are missing: if their letters were bad, the objective is missed")
    return tuple(reasons)


def _absent(value: Fraction | None, freshness: Freshness, state: str) -> str:
    """Why there is nothing to judge; '' where there is."""
    if state == "no_data":
        return "no rows in this window"
    if freshness.stale:
        return "the data end too long before as-of"
    if state == "no_traffic":
        return "rows, but no letters in this window"
    return "" if value is not None else "letters, but none was answered in this window"
