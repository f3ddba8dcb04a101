"""Business metrics: money, time span, frequency, each with its own good direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.overview import PRODUCT_METRICS, Direction, ProductChange, ProductMetric, compared
from core.ports import ProductSeries
from core.ports.criteria import BusinessMetric

#: What a metric measures, and in which order that is shown.
KINDS = ("money", "time span", "frequency")
DIRECTIONS = {"up": Direction.UP, "down": Direction.DOWN, "neither": Direction.NEITHER}


@dataclass(frozen=True, slots=True)
class BusinessLine:
    """A business metric with its live value.

    Attributes:
        change: the last seven days against the seven before; None where nothing measures it.
    """

    metric: BusinessMetric
    change: ProductChange | None

    @property
    def trend(self) -> str:
        """Whether it goes the good way: 'good', 'bad', or why that cannot be said."""
        if self.change is None:
            return "not measured"
        if self.change.change is None:
            return "a day is missing"
        if self.metric.direction == "neither":
            return "no good direction"
        if self.change.good is None:
            return "unchanged"
        return "good" if self.change.good else "bad"


def business_lines(
    metrics: Sequence[BusinessMetric], series: Sequence[ProductSeries], as_of: datetime
) -> tuple[BusinessLine, ...]:
    """Business metrics by kind, each against the rows of metrics.product_day.

    Args:
        metrics: as people wrote them; direction is theirs, and not the contract's.
        series: at least the last fourteen days.
        as_of: the moment.
    """
    measured = {found.metric: found for found in series}
    lines = []
    for metric in sorted(metrics, key=lambda one: KINDS.index(one.kind)):
        found = measured.get(metric.source)
        told = ProductMetric(metric.name, DIRECTIONS[metric.direction], metric.why)
        lines.append(BusinessLine(metric, None if found is None else compared(found, as_of, told)))
    return tuple(lines)


def sources(series: Sequence[ProductSeries]) -> tuple[str, ...]:
    """What a business metric can be measured by: what was written, then what the contract names."""
    return tuple(dict.fromkeys([*(found.metric for found in series), *PRODUCT_METRICS]))
