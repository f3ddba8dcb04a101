"""Measures that a red line may be drawn on: every number of every report's evidence, with its unit.

A measure that is not there, is no number, or rests on stale data is unknown, and says why. Unknown
is never "not crossed".
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from fractions import Fraction
from typing import Any

from core import wording
from core.status import Status, Verdict

#: The areas whose evidence is looked at.
AREAS = (
    *("reliability", "quality", "experiment", "false-reports", "alerts", "training", "criteria"),
)
#: Over which the reports of an area are made where a line names no window.
DEFAULT_WINDOW = "30d"
WINDOWS = ("1h", "6h", "24h", "7d", "30d")
#: The areas whose report depends on a window.
WINDOWED = frozenset({"reliability", "quality", "false-reports", "alerts", "criteria"})
HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
OPERATORS = tuple(HOLDS)
#: The measures that red lines are drawn on most; any other one may be typed.
USUAL = (
    "reliability.percentiles.p99.9",
    "reliability.percentiles.p99",
    "reliability.availability",
    "reliability.latency_sli",
    "reliability.budget.remaining",
    "reliability.load.peak_rpm",
    "quality.precision.value",
    "quality.recall.value",
    "quality.labels",
    "experiment.lift",
    "false-reports.waiting",
    "alerts.firing",
    "training.counted",
    "training.pace.daily",
)
#: Units by the last name of a path, then by a name anywhere in it.
_UNITS: Mapping[str, str] = {
    "letters": "letters",
    "errors": "letters",
    "slow": "letters",
    "population": "letters",
    "decided_positive": "letters",
    "counted": "letters",
    "daily": "letters a day",
    "labels": "labels",
    "reports": "reports",
    "waiting": "groups",
    "groups": "groups",
    "firing": "alerts",
    "unknown": "alerts",
    "pending": "alerts",
    "fired": "alerts",
    "days": "days",
    "days_to_decision": "days",
    "users": "users",
    "availability": "share",
    "latency_sli": "share",
    "coverage": "share",
    "lift": "share",
}
_UNITS_WITHIN: Mapping[str, str] = {
    "percentiles": "ms",
    "burn": "times the budget",
    "budget": "letters",
    "budget_latency": "letters",
    "precision": "share",
    "recall": "share",
    "report_precision": "share",
}


@dataclass(frozen=True, slots=True)
class AreaEvidence:
    """What an area's report says.

    Attributes:
        values: as `cli.py evidence` prints it.
        stale: the data end too long before the moment to say anything about it.
        units: of measures that carry their own, by path below the area.
        why: why there is no evidence at all; '' where there is.
    """

    values: Mapping[str, Any]
    stale: bool = False
    units: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


#: Gives the evidence of an area over a window.
EvidenceOf = Callable[[str, str], AreaEvidence]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure at a moment.

    Attributes:
        value: None where it is unknown.
        why: why it is unknown, as the end of a sentence; '' where it is known.
    """

    value: float | None
    unit: str
    why: str = ""

    def shown(self, *, good: str = "high") -> str:
        """The value with its unit, cut; see `written`."""
        return "unknown" if self.value is None else written(self.value, self.unit, good=good)


def measure(path: str, window: str, evidence_of: EvidenceOf) -> Measure:
    """The number that a path names.

    Args:
        path: area.path; a list counts as its length.
        window: over which the area's report is made.
        evidence_of: gives the evidence of an area.
    """
    area, _, rest = path.partition(".")
    unit = unit_of(path)
    if area not in AREAS or not rest:
        return Measure(None, unit, f"there is no measure {path}")
    found = evidence_of(area, window)
    value, why = None, found.why
    if not why:
        try:
            value, why = _number(below(found.values, rest), path)
        except LookupError:
            why = f"there is no measure {path}"
    if found.stale and not why:
        value, why = None, f"the data of {area} are stale"
    return Measure(value, found.units.get(rest, unit), why)


def _number(value: object, path: str) -> tuple[float | None, str]:
    """A value as a number, or why it is none."""
    if value is None:
        return None, f"nothing is known of {path}"
    if isinstance(value, list | tuple):
        return float(len(value)), ""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None, f"{path} is no number"
    return float(value), ""


def below(values: Any, path: str) -> Any:
    """What stands under a path of names joined by dots; a name may have dots itself ('p99.9').

    Raises:
        LookupError: nothing has this name.

    >>> below({"percentiles": {"p99.9": 18.5}}, "percentiles.p99.9")
    18.5
    """
    if not path:
        return values
    if isinstance(values, Mapping):
        for name, inner in values.items():
            if path == name:
                return inner
            if path.startswith(f"{name}."):
                try:
                    return below(inner, path[len(name) + 1 :])
                except LookupError:
                    continue
    raise LookupError(path)


def criteria_evidence(verdicts: Iterable[Verdict]) -> AreaEvidence:
    """The estimates of criteria by criterion and measure, e.g. 'criteria.quality.precision'."""
    values: dict[str, dict[str, float | None]] = {}
    units: dict[str, str] = {}
    for verdict in verdicts:
        for part in verdict.evidence:
            known = None if part.estimate is None else part.estimate.value
            dark = known is None or part.status is Status.NO_DATA
            name = part.target.measure
            values.setdefault(verdict.criterion_id, {})[name] = (
                None if dark or known is None else float(known)
            )
            units[f"{verdict.criterion_id}.{name}"] = part.target.unit
    return AreaEvidence(values, units=units)


def unit_of(path: str) -> str:
    """The unit of a measure by its name; '' where it has none, or none is known.

    >>> unit_of("reliability.percentiles.p99.9"), unit_of("quality.precision.low")
    ('ms', 'share')
    """
    names = path.split(".")[1:]
    if not names:
        return ""
    if names[-1].endswith("_rpm") or names[-1].startswith("peak_rpm"):
        return "letters a minute"
    if names[-1].endswith("share"):
        return "share"
    for name in names:
        if name in _UNITS_WITHIN:
            return _UNITS_WITHIN[name]
    return _UNITS.get(names[-1], "")


def _cut(value: float, good: str) -> str:
    """Six digits of a number."""
    toward = ROUND_FLOOR if good == "high" else ROUND_CEILING
    cut = Context(prec=6, rounding=toward).create_decimal(repr(float(value)))
    return f"{float(cut):,.6g}"


def bound(value: float, unit: str) -> str:
    """What a line holds a measure against, as it was typed; a share in percent.

    >>> bound(20, "ms"), bound(0.9999, "share")
    ('20 ms', '99.99 %')
    """
    if unit == "share":
        return f"{float(Fraction(repr(float(value))) * 100):.12g} %"
    return f"{value:,.12g} {unit}".rstrip()


def written(value: float, unit: str, *, good: str = "high") -> str:
    """A value with its unit, as people read it; what is compared is never this.

    It is cut, never rounded, toward the side that flatters less: down where high is good, up where
    low is; a latency always up.

    >>> written(42.125, "ms"), written(0.9731, "share"), written(1_200_000, "letters")
    ('42.2 ms', '97.31 %', '1,200,000 letters')
    >>> written(0.050001, "share", good="low"), written(1.23456789, "", good="low")
    ('5.01 %', '1.23457')
    """
    if math.isinf(value):
        return f"beyond all bounds {unit}".rstrip()
    if unit == "ms":
        return wording.milliseconds(value)
    if unit == "share":
        return wording.percent(value, good=good)
    number = wording.whole(value) if float(value).is_integer() else _cut(value, good)
    return f"{number} {unit}".rstrip()
