"""The reliability report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from core.reliability.report import ReliabilityReport, Sli
from core.stats.burn import Budget
from core.timeframe import write_time


def evidence(found: ReliabilityReport) -> dict[str, Any]:
    """Everything the report says, in full precision; None is unknown, never zero.

    Shares are of 1, latencies in ms, loads in letters a minute, times ISO 8601 UTC.
    """
    availability, latency = found.slis["availability"], found.slis["latency"]
    load = found.load
    return {
        "service": found.service,
        "window": str(found.window),
        "as_of": write_time(found.freshness.as_of),
        "data_through": _time(found.freshness.data_through),
        "stale": found.freshness.stale,
        "state": found.state,
        "letters": found.letters,
        "errors": found.errors,
        "slow": found.slow,
        "availability": number(availability.value),
        "latency_sli": number(latency.value),
        "coverage": number(found.coverage_share),
        "bounds": {
            kind: {"low": number(sli.low), "high": number(sli.high)}
            for kind, sli in found.slis.items()
        },
        "budget": _budget(availability.budget),
        "budget_latency": _budget(latency.budget),
        "period": {kind: _period(sli) for kind, sli in found.slis.items()},
        "burn": {
            kind: {window: number(rate) for window, rate in rates.items()}
            for kind, rates in found.burn.items()
        },
        "alerts": {
            kind: {alert.policy.name: alert.firing for alert in found.alerts if alert.kind == kind}
            for kind in found.slis
        },
        "percentiles": dict(found.percentiles),
        "load": {
            "mean_rpm": number(load.mean_rpm),
            "peak_rpm": load.peak_rpm,
            "peak_rpm_within_slo": load.carried.rpm if load.carried else None,
            "mean_rpm_within_slo": number(load.mean_rpm_within_slo),
            "headroom": {left.lost: left.carried_rpm for left in load.headroom},
        },
        "status": {kind: sli.status.name for kind, sli in found.slis.items()},
        "silent": [f"{silent.datacenter}/{silent.instance}" for silent in found.coverage.silent],
    }


def number(value: Fraction | float | int | None) -> float | int | None:
    """A fraction as JSON carries it: an integer where it is one."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else float(value)


def _budget(budget: Budget) -> dict[str, Any]:
    return {
        "allowed": number(budget.allowed),
        "bad": budget.bad,
        "remaining": number(budget.remaining),
    }


def _period(sli: Sli) -> dict[str, Any]:
    left = sli.exhausted_in
    return _budget(sli.period) | {
        "exhausted_in_seconds": None if left is None else int(left.total_seconds())
    }


def _time(moment: Any) -> str | None:
    return None if moment is None else write_time(moment)
