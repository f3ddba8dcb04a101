"""What an alert watches, minute by minute around its episode: the numbers of its chart.

They come from the same running sums as the alert's own check, so that its chart and its sentence
cannot disagree. Alerts on labels, experiments, plans or tables have no minutes: they have no trace,
and their own page shows what they are about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.alerts.checks.counters import LOAD_SPAN
from core.alerts.parameters import Errors, Vanished
from core.alerts.rules import parameters_of
from core.fields import FieldsError
from core.ports import Minutes, ServingReader
from core.ports.alerts import AlertRule, Episode
from core.reliability.alerts import Series, series_of
from core.reliability.coverage import Coverage, coverage
from core.reliability.settings import SLIS, Settings
from core.stats.burn import Policy
from core.timeframe import DAY, HOUR, MINUTE, Span, Window, floor_to

#: How much calm is shown before an episode at least, and after one that is over.
CALM = HOUR
#: Of an episode that runs for weeks, its beginning is cut off: the newest minutes matter.
LONGEST = 7 * DAY
#: A chart has no more points than this on a line.
MOST_POINTS = 720


@dataclass(frozen=True, slots=True)
class Line:
    """One series.

    Attributes:
        values: one a time of the trace; None where its minute was written by nobody.
    """

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """What is drawn around an episode.

    Attributes:
        span: what is shown.
        times: the ends of the minutes that have a value, oldest first.
        lines: the number that is compared first.
        threshold: what it is compared with; None where nothing is, or where it is not known.
        unit: of the numbers, as an axis says it.
        gaps: spans in which nobody wrote though somebody should have.
    """

    span: Span
    times: tuple[datetime, ...]
    lines: tuple[Line, ...]
    threshold: float | None
    unit: str
    gaps: tuple[Span, ...]


def trace(
    reader: ServingReader,
    episode: Episode,
    rule: AlertRule | None,
    as_of: datetime,
    settings: Settings | None = None,
) -> Trace | None:
    """Read what an episode's alert watched.

    Args:
        reader: the store.
        episode: as it was at as_of.
        rule: as it is now; None where it was deleted: then of a burning budget alone is known what
            it watched.
        as_of: the moment everything is seen from.
        settings: the objectives.

    Returns:
        None for an alert that watches no minutes.
    """
    settings = settings or Settings()
    policy = _policy(episode, settings)
    check = "burn" if policy is not None else "" if rule is None else rule.check
    if check not in {"burn", "errors", "load", "traffic_vanished", "rows", "heartbeat"}:
        return None
    window = _window(policy, rule)
    span = _span(episode, max(CALM, min(window, DAY)), floor_to(as_of, MINUTE))
    start = span.start - window
    grid = reader.minutes(episode.service, start, span.end)
    last = reader.last_minutes(episode.service, span.end)
    covered = coverage(grid, reader.lifetimes(episode.service), last, span.end)
    ends = _ends(window // MINUTE + 1, (span.end - start) // MINUTE)
    series = series_of(grid, covered)
    if policy is not None:
        kind = episode.labels["sli"]
        lines = _burns(series[kind], policy, ends, float(1 - settings.objectives[kind]))
        threshold: float | None = float(policy.factor(settings.period))
        unit = "burn rate"
    elif check == "errors":
        share = _share(series["availability"], window, ends) * 100
        lines = (_line(f"over {Window(window)}", share, series["availability"], ends),)
        threshold, unit = _errors_threshold(rule), "letters without an answer, %"
    elif check in {"load", "traffic_vanished"}:
        lines = (_counted(series["availability"], window, ends, check),)
        threshold = _letters_threshold(rule, episode)
        unit = f"letters in {Window(window)}" if check != "load" else "letters a minute"
    else:
        lines, threshold, unit = _written(grid, ends), None, "instances that wrote"
    times = tuple(start + int(end) * MINUTE for end in ends)
    return Trace(span, times, lines, threshold, unit, _gaps(covered, start, span))


def _policy(episode: Episode, settings: Settings) -> Policy | None:
    """The policy of a burning budget, by the alert's labels."""
    if episode.labels.get("sli") not in SLIS:
        return None
    named = {policy.name: policy for policy in settings.policies}
    return named.get(episode.labels.get("policy", ""))


def _window(policy: Policy | None, rule: AlertRule | None) -> timedelta:
    """How far back the number at a minute looks."""
    if policy is not None:
        return policy.long
    asked = _asked(rule)
    if isinstance(asked, Errors | Vanished):
        return asked.span
    return LOAD_SPAN if rule is not None and rule.check == "load" else MINUTE


def _asked(rule: AlertRule | None) -> object:
    """A rule's parameters; None where they are wrong, which the rule's list tells."""
    try:
        return None if rule is None else parameters_of(rule)
    except FieldsError:
        return None


def _span(episode: Episode, calm: timedelta, end: datetime) -> Span:
    began = floor_to(episode.began_at, MINUTE)
    if episode.resolved_at is not None:
        end = min(end, floor_to(episode.resolved_at, MINUTE) + CALM)
    start = max(began - calm, end - LONGEST)
    return Span(min(start, end - CALM), end)


def _ends(first: int, last: int) -> NDArray[np.int64]:
    """The minutes that get a point, the newest among them."""
    step = max(-(-(last - first + 1) // MOST_POINTS), 1)
    return np.arange(last, first - 1, -step, dtype=np.int64)[::-1]


def _burns(
    series: Series, policy: Policy, ends: NDArray[np.int64], lost: float
) -> tuple[Line, ...]:
    """The burn rates of both windows."""
    return tuple(
        _line(f"over {Window(length)}", _share(series, length, ends) / lost, series, ends)
        for length in (policy.long, policy.short)
    )


def _share(series: Series, window: timedelta, ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of bad letters in the window before each minute; NaN without letters."""
    starts = (ends - window // MINUTE).clip(min=0)
    bad = (series.bad[ends] - series.bad[starts]).astype(np.float64)
    total = series.total[ends] - series.total[starts]
    share = np.full(len(ends), np.nan)
    np.divide(bad, total, out=share, where=total > 0)
    return share


def _counted(series: Series, window: timedelta, ends: NDArray[np.int64], check: str) -> Line:
    """Letters of the window before each minute, a minute on average where it is about load."""
    starts = (ends - window // MINUTE).clip(min=0)
    letters = (series.total[ends] - series.total[starts]).astype(np.float64)
    if check == "load":
        letters /= window // MINUTE
    return _line(f"over {Window(window)}", letters, series, ends)


def _line(name: str, values: NDArray[np.float64], series: Series, ends: NDArray[np.int64]) -> Line:
    """A line that is broken wherever nobody wrote the newest minute."""
    written = series.rows[ends] > series.rows[ends - 1]
    known = written & np.isfinite(values)
    return Line(
        name,
        tuple(float(value) if there else None for value, there in zip(values, known, strict=True)),
    )


def _written(grid: Minutes, ends: NDArray[np.int64]) -> tuple[Line, ...]:
    """How many instances wrote, by datacenter: here nobody is a number."""
    return tuple(
        Line(name, tuple(float(count) for count in rows[ends - 1]))
        for name, rows in zip(grid.datacenters, grid.rows, strict=True)
    )


def _errors_threshold(rule: AlertRule | None) -> float | None:
    asked = _asked(rule)
    return asked.share * 100 if isinstance(asked, Errors) else None


def _letters_threshold(rule: AlertRule | None, episode: Episode) -> float | None:
    """What letters are compared with, as the alert itself has told: it moves with the days."""
    factor = None if rule is None else rule.parameters.get("factor", rule.parameters.get("share"))
    told = episode.evidence.get("carried_rpm", episode.evidence.get("usual"))
    if not isinstance(factor, int | float) or not isinstance(told, int | float):
        return None
    return float(factor) * float(told)


def _gaps(covered: Coverage, start: datetime, span: Span) -> tuple[Span, ...]:
    """Stretches of minutes that nobody wrote, cut to what is shown."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], covered.gaps, [False]]).astype(int)))
    found = []
    for first, end in edges.reshape(-1, 2).tolist():
        shown = Span(max(start + first * MINUTE, span.start), min(start + end * MINUTE, span.end))
        if shown.start < shown.end:
            found.append(shown)
    return tuple(found)
