"""What a criterion can promise: the measures that reports have, and which way of each is good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.criteria.experiment import LIFT
from core.status import Operator
from core.training import MEASURE as LETTERS_ANONYMISED

#: Areas whose reports `core.criteria` judges by, as the pages call them.
AREAS: Mapping[str, str] = MappingProxyType(
    {
        "experiment": "A/B test",
        "quality": "Quality",
        "reliability": "Latency and SLA",
        "training": "Training data",
    }
)
#: Areas whose reports look back over a window; the others look at a test, or at the newest run.
WINDOWED = frozenset({"quality", "reliability"})


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that a report has.

    Attributes:
        name: as a target names it.
        label: as people do.
        operator: the one that makes sense: at least where high is good, at most where low is.
        unit: 'share' for a share of one, else the words that follow the number.
        example: what a target of it looks like.
        signed: it may be below zero; a share that is not lies in [0, 1].
    """

    name: str
    area: str
    label: str
    operator: Operator
    unit: str
    example: str
    signed: bool = False


_HIGH, _LOW = Operator.AT_LEAST, Operator.AT_MOST
_RATE = "letters a minute"
_ALL = (
    Measure(LIFT, "experiment", "lift of the primary metric", _LOW, "share", "-5 %", signed=True),
    Measure("precision", "quality", "precision", _HIGH, "share", "99 %"),
    Measure("recall", "quality", "recall", _HIGH, "share", "70 %"),
    Measure("f1", "quality", "F1", _HIGH, "share", "82 %"),
    Measure("false_positive_rate", "quality", "false positive rate", _LOW, "share", "0.1 %"),
    Measure("availability", "reliability", "availability", _HIGH, "share", "99.99 %"),
    Measure(
        "latency_sli",
        "reliability",
        "share of letters within the time limit",
        _HIGH,
        "share",
        "99.99 %",
    ),
    Measure("mean_rpm", "reliability", "mean load", _HIGH, _RATE, "1M"),
    Measure("peak_rpm_within_slo", "reliability", "peak load within the SLO", _HIGH, _RATE, "2M"),
    Measure(
        LETTERS_ANONYMISED,
        "training",
        "deduplicated, anonymised letters",
        _HIGH,
        "letters",
        "100M",
    ),
)
MEASURES: Mapping[str, Measure] = MappingProxyType({found.name: found for found in _ALL})


def of_area(area: str) -> tuple[Measure, ...]:
    """The measures that the report of an area has."""
    return tuple(found for found in MEASURES.values() if found.area == area)
