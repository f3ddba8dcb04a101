"""What a rule's parameters say, typed: read from JSON or a form, every wrong one named at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from core.fields import Fields, FieldsError
from core.reliability import SLIS
from core.risks.measures import OPERATORS
from core.stats.burn import POLICIES
from core.timeframe import MINUTE

POLICY_NAMES = tuple(policy.name for policy in POLICIES)
#: The parts of a service that a red line may be drawn in.
RED_LINE_AREAS = ("reliability", "quality", "experiment", "criteria")
#: A pattern of fewer weeks than this is no pattern.
FEWEST_WEEKS = 6

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Burn:
    """An error budget burns too fast: by one indicator, by the named policies."""

    sli: str
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Something that should speak has been quiet for longer than this."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Tables:
    """Metric tables that must stay current; none named are all of them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Errors:
    """More than a share of the letters of some minutes fail, and at least so many."""

    span: timedelta
    share: float
    least: int


@dataclass(frozen=True, slots=True)
class Load:
    """Letters a minute above a multiple of what was ever carried within the SLO."""

    factor: float


@dataclass(frozen=True, slots=True)
class Vanished:
    """Fewer letters than a share of what the same minutes of earlier days had.

    Attributes:
        least: letters that earlier days must have had in such a span: below, little traffic is
            usual.
    """

    span: timedelta
    share: float
    least: int


@dataclass(frozen=True, slots=True)
class Drift:
    """Scores further than a population stability index from earlier ones, among enough letters."""

    index: float
    least: int


@dataclass(frozen=True, slots=True)
class Weekly:
    """A rate outside of its weekly pattern.

    Attributes:
        weeks: of history that make the pattern.
        false_alarms: how often a day of nothing but chance is outside, e.g. 0.001.
    """

    weeks: int
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Hours:
    """How far back is looked."""

    hours: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """A milestone that is over by more than so many days and not met."""

    days: int


@dataclass(frozen=True, slots=True)
class RedLine:
    """A day, or a measure's value, whose crossing opens plan B.

    Attributes:
        path: of the measure, e.g. 'reliability.percentiles.p99.9' (as `cli.py evidence` prints it)
            or 'criteria.quality.precision'; '' for a day.
        operator: one of OPERATORS; the line is crossed where `measure operator value` holds.
        value: what the measure is held against; None for a day.
        due_on: the last day that is still in time; None for a measure.
    """

    path: str
    operator: str
    value: float | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A check that takes no parameters."""


def burn(form: Fields) -> Burn | None:
    """Read {"sli": "availability", "policies": ["page_fast", ...]}; all policies if not named."""
    form.refuse_unknown(("sli", "policies"))
    sli = form.name("sli", SLIS)
    names = form.names("policies", POLICY_NAMES) if form.has("policies") else POLICY_NAMES
    if not names and not any("policies" in field for field in form.problems):
        form.refuse("policies", "Name at least one policy, or leave them out for all.")
    return None if sli is None else Burn(sli, names)


def quiet(form: Fields) -> Quiet | None:
    """Read {"minutes": 3}."""
    form.refuse_unknown(("minutes",))
    minutes = form.whole("minutes", 1, 7 * 24 * 60)
    return None if minutes is None else Quiet(minutes * MINUTE)


def tables(form: Fields) -> Tables | None:
    """Read {"tables": ["score_hour", ...]}; all tables if not named."""
    form.refuse_unknown(("tables",))
    return Tables(form.names("tables"))


def errors(form: Fields) -> Errors | None:
    """Read {"minutes": 5, "share": 0.01, "least": 10}."""
    form.refuse_unknown(("minutes", "share", "least"))
    minutes, share, least = _span(form)
    if minutes is None or share is None or least is None:
        return None
    return Errors(minutes * MINUTE, share, least)


def load(form: Fields) -> Load | None:
    """Read {"factor": 1.0}."""
    form.refuse_unknown(("factor",))
    factor = _between(form, "factor", 0.1, 10)
    return None if factor is None else Load(factor)


def vanished(form: Fields) -> Vanished | None:
    """Read {"minutes": 10, "share": 0.1, "least": 100}."""
    form.refuse_unknown(("minutes", "share", "least"))
    minutes, share, least = _span(form)
    if minutes is None or share is None or least is None:
        return None
    return Vanished(minutes * MINUTE, share, least)


def drift(form: Fields) -> Drift | None:
    """Read {"index": 0.25, "least": 1000}."""
    form.refuse_unknown(("index", "least"))
    index, least = _between(form, "index", 0.01, 10), form.whole("least", 1, 10**9)
    return None if index is None or least is None else Drift(index, least)


def weekly(form: Fields) -> Weekly | None:
    """Read {"weeks": 8, "false_alarms": 0.001}."""
    form.refuse_unknown(("weeks", "false_alarms"))
    weeks = form.whole("weeks", FEWEST_WEEKS, 52)
    alarms = _between(form, "false_alarms", 1e-6, 0.1)
    return None if weeks is None or alarms is None else Weekly(weeks, alarms)


def hours(form: Fields) -> Hours | None:
    """Read {"hours": 24}."""
    form.refuse_unknown(("hours",))
    found = form.whole("hours", 1, 24 * 31)
    return None if found is None else Hours(found)


def overdue(form: Fields) -> Overdue | None:
    """Read {"days": 0}."""
    form.refuse_unknown(("days",))
    found = form.whole("days", 0, 365)
    return None if found is None else Overdue(found)


def red_line(form: Fields) -> RedLine | None:
    """Read {"due_on": "2026-09-01"} or {"path": ..., "operator": ">", "value": 20}."""
    form.refuse_unknown(("path", "operator", "value", "due_on"))
    if form.has("due_on"):
        for field in ("path", "operator", "value"):
            if form.has(field):
                form.refuse(field, "A red line is a day or a measure's value, not both.")
        due_on = form.day("due_on")
        return None if due_on is None else RedLine("", "", None, due_on)
    path, operator = form.name("path"), form.name("operator", OPERATORS)
    value = form.number("value")
    if path is not None and (path.partition(".")[0] not in RED_LINE_AREAS or "." not in path):
        form.refuse("path", f"Must begin with one of {', '.join(RED_LINE_AREAS)} and a dot.")
    if path is None or operator is None or value is None:
        return None
    return RedLine(path, operator, value, None)


def nothing(form: Fields) -> Nothing:
    """Read {}."""
    form.refuse_unknown(())
    return Nothing()


def read(reader: Callable[[Fields], Found | None], given: Mapping[str, Any]) -> Found:
    """Read parameters by themselves.

    Raises:
        FieldsError: with a sentence for each wrong one.
    """
    form = Fields(given)
    found = reader(form)
    if form.problems or found is None:
        raise FieldsError(form.problems)
    return found


def _span(form: Fields) -> tuple[int | None, float | None, int | None]:
    return (
        form.whole("minutes", 1, 24 * 60),
        _between(form, "share", 0, 1),
        form.whole("least", 0, 10**12),
    )


def _between(form: Fields, field: str, least: float, most: float) -> float | None:
    found = form.number(field)
    if found is not None and not least <= found <= most:
        form.refuse(field, f"Must lie in {least:g} to {most:g}.")
        return None
    return found
