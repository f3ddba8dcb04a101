"""The report of the reliability area: one frozen value for page, terminal, alerts and export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Maintenance, Minutes, ReliabilityReader, Slice, Trend
from core.reliability.alerts import Alert, alert, burn_windows, series_of
from core.reliability.coverage import Coverage, coverage, data_through
from core.reliability.episodes import Episode, episodes
from core.reliability.indicators import Sli, sli
from core.reliability.load import Load, load
from core.reliability.months import Month, months
from core.reliability.releases import ReleaseCost, release_costs
from core.reliability.settings import PERCENTILES, SLIS, Settings
from core.reliability.totals import Totals, share_good, sli_counts
from core.stats.burn import Budget
from core.stats.histogram import CELLS, quantiles
from core.timeframe import DAY, HOUR, MINUTE, Freshness, Span, Window, span_of

__all__ = [
    "PERCENTILES",
    "SLIS",
    "Alert",
    "ReleaseCost",
    "ReliabilityReport",
    "Settings",
    "Sli",
    "percentiles_of",
    "report",
    "share_good",
    "sli_counts",
    "step_of",
]


@dataclass(frozen=True, slots=True)
class ReliabilityReport:
    """Everything the reliability area shows about a service in a window.

    Attributes:
        state: 'ok', 'no_traffic' (rows, but no letters) or 'no_data' (no rows).
        coverage: of the window's minutes that are still kept one by one (90 days), as are load,
            minutes and episodes.
        percentiles: ms by name; None without answered letters.
        burn: rates by kind, then by window ('5m' ... '3d').
        trend: the window in about 150 to 750 steps.
        trend_percentiles: ms, shape (steps, len(PERCENTILES)); NaN in gaps.
        burn_down: remaining share of the window's budget at the end of each step, by kind; NaN in
            gaps.
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
    longest = max([window.length, *(policy.long for policy in settings.policies)])
    grid = _kept(reader, service, reader.minutes(service, span.end - longest, span.end))
    lifetimes = reader.lifetimes(service)
    last = reader.last_minutes(service, span.end)
    freshness = Freshness.of(as_of, data_through(lifetimes, last, span.end))

    everything = coverage(grid, lifetimes, last, span.end)
    covered = everything.newest(span.minutes)
    shown = _newest(grid, span.minutes)

    by_datacenter = reader.slices(service, span.start, span.end, "datacenter")
    totals = Totals.of(by_datacenter)
    cells = sum((part.cells for part in by_datacenter), np.zeros(CELLS, dtype=np.int64))
    series = series_of(grid, everything)
    alerts = tuple(
        alert(policy, kind, series[kind], grid.start, settings)
        for policy in settings.policies
        for kind in SLIS
    )
    burn = {kind: burn_windows(series[kind], settings, kind) for kind in SLIS}
    period = totals
    if window.length != settings.period:
        period = Totals.of(
            reader.slices(service, span.end - settings.period, span.end, "datacenter")
        )
    wrote = bool(shown.rows.any()) or bool(by_datacenter)
    state = "ok" if totals.letters else "no_traffic" if wrote else "no_data"
    slis = {
        kind: sli(
            kind,
            totals,
            period,
            missing=covered.missing_letters,
            burn=burn[kind].get("1h"),
            alerts=[found for found in alerts if found.kind == kind],
            freshness=freshness,
            state=state,
            settings=settings,
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
        letters=totals.letters,
        errors=totals.errors,
        slow=totals.slow,
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
        releases=release_costs(reader, service, releases, span.end, allowed),
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


def _kept(reader: ReliabilityReader, service: str, grid: Minutes) -> Minutes:
    """The grid without leading minutes whose rows retention took: those are no gap."""
    minutes = grid.rows.shape[1]
    written = np.flatnonzero(grid.rows.any(axis=0))
    empty = int(written[0]) if written.size else minutes
    if empty and reader.slices(service, grid.start, grid.start + empty * MINUTE, "datacenter"):
        return _newest(grid, minutes - empty)
    return grid


def _newest(grid: Minutes, minutes: int) -> Minutes:
    """The last minutes of a grid."""
    first = max(grid.rows.shape[1] - minutes, 0)
    return Minutes(
        grid.start + first * MINUTE,
        grid.datacenters,
        grid.rows[:, first:],
        grid.letters[:, first:],
        grid.errors[:, first:],
        grid.slow[:, first:],
    )


def _burn_down(trend: Trend, budget: Budget, kind: str) -> NDArray[np.float64]:
    bad = trend.errors if kind == "availability" else trend.slow
    if not budget.allowed:
        return np.full(len(trend.times), np.nan)
    remaining = 1 - bad.cumsum() / float(budget.allowed)
    return np.where(trend.minutes > 0, remaining, np.nan)
