"""What a service is held to, and what is reported about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

from core.stats.burn import PERIOD, POLICIES, Policy

#: The service level indicators.
SLIS = ("availability", "latency")
#: Percentiles that are reported, by their name.
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999}


@dataclass(frozen=True, slots=True)
class Settings:
    """The objectives a service is held to.

    Attributes:
        objectives: share of good letters, by 'availability' and 'latency'.
        target_ms: what the serving stack counts slow against; an edge of the histogram.
        period: the time an error budget is for.
        policies: when a burning budget calls somebody.
    """

    objectives: Mapping[str, Fraction] = field(
        default_factory=lambda: dict.fromkeys(SLIS, Fraction(9_999, 10_000))
    )
    target_ms: float = 20.0
    period: timedelta = PERIOD
    policies: tuple[Policy, ...] = POLICIES
