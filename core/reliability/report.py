"""The report of the reliability area: one frozen value, read by page, terminal, alerts and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Maintenance, Minutes, Release, ReliabilityReader, Slice, Trend
from core.reliability.coverage import Coverage, coverage, data_through
from core.reliability.episodes import Episode, episodes
from core.reliability.load import Load, load
from core.reliability.months import Month, months
from core.stats.burn import PERIOD, POLICIES, Budget, Policy, Tally, burn_rate, exhausted_in, fires
from core.stats.histogram import quantiles
from core.status import Status
from core.timeframe import DAY, HOUR, MINUTE, Freshness, Span, Window, span_of

#: Percentiles that are reported, by their name.
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999}
#: Less of the budget than this left is a reason to worry.
LITTLE_LEFT = Fraction(1, 4)
#: A release is charged with the bad letters of its version for this long.
RELEASE_WATCH = DAY
SLIS = ("availability", "latency")


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


@dataclass(frozen=True, slots=True)
class Alert:
    """One policy's state for one indicator; firing None is unknown.

    Attributes:
        since: the first minute of the present firing; None unless it fires.
    """

    policy: Policy
    kind: str
    firing: bool | None
    long_burn: Fraction | None
    short_burn: Fraction | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ReleaseCost:
    """What the bad letters of a release's version cost in its first day, or until the next change.

    Attributes:
        bad: bad letters by 'availability' and 'latency'.
        share: of the period's budget, by the same keys.
    """

    release: Release
    until: datetime
    bad: Mapping[str, int]
    share: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class ReliabilityReport:
    """Everything the reliability area shows about a service in a window.

    Attributes:
        state: 'ok', 'no_traffic' (rows, but no letters) or 'no_data' (no rows).
        percentiles: ms by name; None without answered letters.
        burn: rates by kind, then by window ('5m' ... '3d').
        trend: the window in about 150 to 750 steps.
        trend_percentiles: ms, shape (steps, len(PERCENTILES)); NaN in gaps.
        burn_down: remaining share of the window's budget at the end of each step, by kind; NaN in gaps.
        cells: the window's latency histogram, shape (162,).
    """

    service: str
    window: Window
    span: Span
    freshness: Freshness
    settings: Settings
    state: str
    letters: int
    errors: int
    slow: int
    slis: Mapping[str, Sli]
    coverage: Coverage
    coverage_share: Fraction | None
    burn: Mapping[str, Mapping[str, Fraction | None]]
    alerts: tuple[Alert, ...]
    percentiles: Mapping[str, float | None]
    trend: Trend
    trend_percentiles: NDArray[np.float64]
    burn_down: Mapping[str, NDArray[np.float64]]
    cells: Counts
    load: Load
    minutes: Minutes
    by_datacenter: tuple[Slice, ...]
    by_instance: tuple[Slice, ...]
    by_version: tuple[Slice, ...]
    months: tuple[Month, ...]
    releases: tuple[ReleaseCost, ...]
    episodes: tuple[Episode, ...]
    maintenance: tuple[Maintenance, ...]

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The policies that fire now, pages first."""
        return tuple(alert for alert in self.alerts if alert.firing)

    @property
    def unknown(self) -> tuple[Alert, ...]:
        """The policies that missing rows keep from being judged."""
        return tuple(alert for alert in self.alerts if alert.firing is None)


def report(
    reader: ReliabilityReader,
    service: str,
    window: Window,
    as_of: datetime,
    settings: Settings | None = None,
) -> ReliabilityReport:
    """Work out the whole area for the finished minutes of a window.

    Raises:
        ValueError: as_of has no zone.
    """
    settings = settings or Settings()
    span = span_of(window, as_of)
    longest = max(window.length, max(policy.long for policy in settings.policies))
    grid = reader.minutes(service, span.end - longest, span.end)
    lifetimes = reader.lifetimes(service)
    last = reader.last_minutes(service, span.end)
    freshness = Freshness.of(as_of, data_through(lifetimes, last, span.end))

    everything = coverage(grid, lifetimes, last, span.end)
    inside = slice(grid.rows.shape[1] - span.minutes, None)
    shown = _cut(grid, inside)
    covered = coverage(shown, lifetimes, last, span.end)

    by_datacenter = reader.slices(service, span.start, span.end, "datacenter")
    letters, errors, slow, cells = _totals(by_datacenter)
    tallies = _tallies(grid, everything)
    alerts = tuple(
        _alert(policy, kind, tallies[kind], span.end, settings)
        for policy in settings.policies
        for kind in SLIS
    )
    burn = {kind: _burn_windows(tallies[kind], settings, kind) for kind in SLIS}
    period = _totals(
        reader.slices(service, span.end - settings.period, span.end, "datacenter")
        if window.length != settings.period
        else by_datacenter
    )
    state = "no_data" if not shown.rows.any() and not letters else "ok" if letters else "no_traffic"
    slis = {
        kind: _sli(
            kind,
            (letters, errors, slow),
            period[:3],
            covered,
            burn[kind].get("1h"),
            [alert for alert in alerts if alert.kind == kind],
            freshness,
            state,
            settings,
        )
        for kind in SLIS
    }
    trend = reader.trend(service, span.start, span.end, step_of(window))
    releases = reader.releases(service, span.start, span.end)
    allowed = {kind: slis[kind].period.allowed for kind in SLIS}
    return ReliabilityReport(
        service=service,
        window=window,
        span=span,
        freshness=freshness,
        settings=settings,
        state=state,
        letters=letters,
        errors=errors,
        slow=slow,
        slis=slis,
        coverage=covered,
        coverage_share=covered.share,
        burn=burn,
        alerts=alerts,
        percentiles=percentiles_of(cells),
        trend=trend,
        trend_percentiles=quantiles(trend.cells, list(PERCENTILES.values())),
        burn_down={kind: _burn_down(trend, slis[kind].budget, kind) for kind in SLIS},
        cells=cells,
        load=load(shown, *(settings.objectives[kind] for kind in SLIS)),
        minutes=shown,
        by_datacenter=by_datacenter,
        by_instance=reader.slices(service, span.start, span.end, "instance"),
        by_version=reader.slices(service, span.start, span.end, "model_version"),
        months=months(reader, service, span.end, settings.objectives),
        releases=_release_costs(reader, service, releases, span.end, allowed),
        episodes=episodes(shown, covered.gaps, dict(settings.objectives), allowed),
        maintenance=reader.maintenance(service, span.start, span.end),
    )


def step_of(window: Window) -> timedelta:
    """The step of a window's trend: fine enough to see an incident, few enough points to draw."""
    for longest, step in (
        (3 * HOUR, MINUTE),
        (DAY, 5 * MINUTE),
        (3 * DAY, 15 * MINUTE),
        (31 * DAY, HOUR),
        (100 * DAY, 6 * HOUR),
    ):
        if window.length <= longest:
            return step
    return DAY


def percentiles_of(cells: Counts) -> dict[str, float | None]:
    """The reported percentiles of one histogram, ms by name; None where it is empty."""
    found = quantiles(cells[None, :], list(PERCENTILES.values()))[0]
    return {
        name: None if np.isnan(value) else float(value)
        for name, value in zip(PERCENTILES, found, strict=True)
    }


def sli_counts(kind: str, letters: int, errors: int, slow: int) -> tuple[int, int]:
    """The bad letters of an indicator and the letters it is about."""
    return (errors, letters) if kind == "availability" else (slow, letters - errors)


def share_good(bad: int, total: int) -> Fraction | None:
    """1 - bad / total, exactly; None without letters."""
    return 1 - Fraction(bad, total) if total else None


def _cut(grid: Minutes, inside: slice) -> Minutes:
    return Minutes(
        grid.start + (inside.start * MINUTE if inside.start > 0 else 0 * MINUTE),
        grid.datacenters,
        grid.rows[:, inside],
        grid.letters[:, inside],
        grid.errors[:, inside],
        grid.slow[:, inside],
    )


def _totals(slices: Sequence[Slice]) -> tuple[int, int, int, Counts]:
    cells = sum((part.cells for part in slices), np.zeros(162, dtype=np.int64))
    return (
        sum(part.letters for part in slices),
        sum(part.errors for part in slices),
        sum(part.slow for part in slices),
        cells,
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """Running sums of one indicator over the minutes of a grid, each of shape (minutes + 1,)."""

    bad: Counts
    total: Counts
    missing: Counts
    gaps: Counts

    def tally(self, window: timedelta, back: int = 0) -> Tally:
        """The window that ends `back` minutes before the grid does."""
        last = len(self.bad) - 1 - back
        first = max(last - window // MINUTE, 0)
        return Tally(
            bad=int(self.bad[last] - self.bad[first]),
            total=int(self.total[last] - self.total[first]),
            missing=int(self.missing[last] - self.missing[first]),
            gap=bool(self.gaps[last] - self.gaps[first]),
        )


def _tallies(grid: Minutes, covered: Coverage) -> dict[str, _Series]:
    letters, errors, slow = (
        counts.sum(axis=0) for counts in (grid.letters, grid.errors, grid.slow)
    )
    unknown = covered.unknown_letters
    return {
        kind: _Series(*(_running(counts) for counts in (bad, total, unknown, covered.gaps)))
        for kind, bad, total in (
            ("availability", errors, letters),
            ("latency", slow, letters - errors),
        )
    }


def _running(counts: NDArray[np.generic]) -> Counts:
    return np.concatenate([[0], counts.astype(np.int64).cumsum()])


def _burn_windows(
    series: _Series, settings: Settings, kind: str
) -> dict[str, Fraction | None]:
    lengths = sorted(
        {length for policy in settings.policies for length in (policy.long, policy.short)}
    )
    rates: dict[str, Fraction | None] = {}
    for length in lengths:
        tally = series.tally(length)
        rates[str(Window(length))] = burn_rate(tally.bad, tally.total, settings.objectives[kind])
    return rates


def _alert(
    policy: Policy, kind: str, series: _Series, end: datetime, settings: Settings
) -> Alert:
    objective = settings.objectives[kind]

    def state(back: int) -> tuple[bool | None, Tally, Tally]:
        long, short = series.tally(policy.long, back), series.tally(policy.short, back)
        return fires(policy, long, short, objective, period=settings.period), long, short

    firing, long, short = state(0)
    since = None
    if firing:
        back, oldest = 1, len(series.bad) - 1
        while back < oldest and state(back)[0]:
            back += 1
        since = end - back * MINUTE
    return Alert(
        policy,
        kind,
        firing,
        burn_rate(long.bad, long.total, objective),
        burn_rate(short.bad, short.total, objective),
        since,
    )


def _sli(
    kind: str,
    counts: tuple[int, int, int],
    period_counts: tuple[int, int, int],
    covered: Coverage,
    burn: Fraction | None,
    alerts: Sequence[Alert],
    freshness: Freshness,
    state: str,
    settings: Settings,
) -> Sli:
    objective = settings.objectives[kind]
    bad, total = sli_counts(kind, *counts)
    period_bad, period_total = sli_counts(kind, *period_counts)
    missing = covered.missing_letters
    value = share_good(bad, total)
    low = share_good(bad + missing, total + missing)
    budget = Budget.of(bad, total, objective)
    period = Budget.of(period_bad, period_total, objective)
    status, reasons = _status(value, low, objective, budget, alerts, freshness, state)
    return Sli(
        kind=kind,
        objective=objective,
        total=total,
        bad=bad,
        value=value,
        low=low,
        high=share_good(bad, total + missing),
        budget=budget,
        period=period,
        burn=burn,
        exhausted_in=exhausted_in(period.remaining, burn, settings.period),
        status=status,
        reasons=reasons,
    )


def _status(
    value: Fraction | None,
    low: Fraction | None,
    objective: Fraction,
    budget: Budget,
    alerts: Sequence[Alert],
    freshness: Freshness,
    state: str,
) -> tuple[Status, tuple[str, ...]]:
    if state == "no_data":
        return Status.NO_DATA, ("no rows in this window",)
    if freshness.stale:
        return Status.NO_DATA, ("the data end too long before as-of",)
    if value is None:
        return Status.NO_DATA, ("rows, but no letters in this window",)
    if value < objective:
        return Status.BREACHED, ()
    reasons = []
    firing = [alert for alert in alerts if alert.firing]
    if firing:
        names = ", ".join(alert.policy.name for alert in firing)
        reasons.append(f"firing: {names}")
    if budget.remaining is not None and budget.remaining < LITTLE_LEFT:
        reasons.append("less than a quarter of the error budget is left")
    if low is not None and low < objective:
        reasons.append("rows are missing: if their letters were bad, the objective is missed")
    return (Status.AT_RISK if reasons else Status.ON_TARGET), tuple(reasons)


def _burn_down(trend: Trend, budget: Budget, kind: str) -> NDArray[np.float64]:
    bad = trend.errors if kind == "availability" else trend.slow
    if not budget.allowed:
        return np.full(len(trend.times), np.nan)
    remaining = 1 - bad.cumsum() / float(budget.allowed)
    return np.where(trend.minutes > 0, remaining, np.nan)


def _release_costs(
    reader: ReliabilityReader,
    service: str,
    releases: Sequence[Release],
    end: datetime,
    allowed: Mapping[str, Fraction],
) -> tuple[ReleaseCost, ...]:
    costs = []
    for release in releases:
        if release.stage not in {"canary", "production"}:
            continue
        later = (
            other.deployed_at
            for other in releases
            if other.deployed_at > release.deployed_at
            and other.model_version == release.model_version
        )
        until = min([*later, release.deployed_at + RELEASE_WATCH, end])
        first = release.deployed_at.replace(second=0, microsecond=0)
        until = until.replace(second=0, microsecond=0)
        if until <= first:
            continue
        counts = next(
            (
                part
                for part in reader.slices(service, first, until, "model_version")
                if part.key == release.model_version
            ),
            None,
        )
        bad = {
            kind: sli_counts(kind, counts.letters, counts.errors, counts.slow)[0] if counts else 0
            for kind in SLIS
        }
        share = {
            kind: Fraction(bad[kind]) / allowed[kind] if allowed[kind] else Fraction(0)
            for kind in SLIS
        }
        costs.append(ReleaseCost(release, until, bad, share))
    return tuple(costs)
