"""What alerts need of the reliability area every minute: the same numbers, without the rest of it.

A whole reliability report reads months of rollups; fifty services a minute cannot pay for that. The
policies' states come from the same functions as the report's, over the same grid of minutes, so
that page and alert cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from core.ports import Minutes, Release, ServingReader, Slice
from core.reliability import SLIS, Settings
from core.reliability.alerts import Alert, Series, alert, series_of
from core.reliability.coverage import Coverage, coverage, data_through
from core.reliability.lives import Life, lives
from core.reliability.load import load
from core.reliability.totals import Totals
from core.stats.burn import Budget, Tally, burn_rate, exhausted_in
from core.timeframe import DAY, HOUR, MINUTE, Freshness, Window, span_of

#: How far back the highest load carried within the SLO is looked for.
CARRIED_OVER = 30 * DAY
#: How long before a firing a release may lie that is named with it.
RELEASES_BACK = DAY


@dataclass(frozen=True, slots=True)
class Spending:
    """The error budget of an indicator that burns.

    Attributes:
        budget: of the last whole period (30 days).
        lasts: how long it lasts at the burn of the last hour; None where nothing burns.
    """

    budget: Budget
    lasts: timedelta | None


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """A service's minutes at a moment, and what the policies say of them.

    Attributes:
        end: as_of cut to the minute.
        last_minutes: the newest minute of each (datacenter, instance) that ever wrote.
        lives: of its 'inference' instances.
        grid: as long as the longest policy.
        alerts: every policy for both indicators, as in the reliability report.
        spending: of the indicators that fire.
        parts: for each short window of a firing policy, slices of the window by 'instance' and
            'model_version'.
        releases: deployments since a day before the grid, oldest first; read only where something
            fires.
    """

    service: str
    as_of: datetime
    end: datetime
    freshness: Freshness
    settings: Settings
    last_minutes: Mapping[tuple[str, str], datetime]
    lives: tuple[Life, ...]
    grid: Minutes
    covered: Coverage
    series: Mapping[str, Series]
    alerts: tuple[Alert, ...]
    spending: Mapping[str, Spending]
    parts: Mapping[timedelta, Mapping[str, tuple[Slice, ...]]]
    releases: tuple[Release, ...]

    @property
    def newest(self) -> datetime | None:
        """The newest minute that anyone wrote; None without any."""
        return max(self.last_minutes.values(), default=None)

    def tally(self, kind: str, length: timedelta, end: datetime | None = None) -> Tally:
        """What an indicator's window before a moment holds, all letters of the service."""
        until = self.end if end is None else end
        return self.series[kind].tally(length, (until - self.grid.start) // MINUTE)


def serving(
    reader: ServingReader, service: str, as_of: datetime, settings: Settings | None = None
) -> Serving:
    """Look at the newest minutes of a service.

    It is meant for the present: where minutes older than the longest policy (3 days) are kept.

    Raises:
        ValueError: as_of has no zone.
    """
    settings = settings or Settings()
    longest = max(policy.long for policy in settings.policies)
    end = span_of(Window(longest), as_of).end
    grid = reader.minutes(service, end - longest, end)
    lifetimes, last = reader.lifetimes(service), reader.last_minutes(service, end)
    covered = coverage(grid, lifetimes, last, end)
    series = series_of(grid, covered)
    alerts = tuple(
        alert(policy, kind, series[kind], grid.start, settings)
        for policy in settings.policies
        for kind in SLIS
    )
    firing = [found for found in alerts if found.firing]
    shorts = sorted({found.policy.short for found in firing})
    return Serving(
        service=service,
        as_of=as_of,
        end=end,
        freshness=Freshness.of(as_of, data_through(lifetimes, last, end)),
        settings=settings,
        last_minutes=last,
        lives=lives(lifetimes, last, end),
        grid=grid,
        covered=covered,
        series=series,
        alerts=alerts,
        spending=_spending(reader, service, end, series, settings) if firing else {},
        parts={
            short: {
                by: reader.slices(service, end - short, end, by)
                for by in ("instance", "model_version")
            }
            for short in shorts
        },
        releases=reader.releases(service, end - longest - RELEASES_BACK, end) if firing else (),
    )


@dataclass(frozen=True, slots=True)
class Carried:
    """The highest load that a service has carried within its SLO.

    Attributes:
        rpm: letters a minute, held for five minutes; None where none was.
        through: the end of the minutes that were looked at.
    """

    rpm: int | None
    through: datetime


def carried(
    reader: ServingReader, service: str, as_of: datetime, settings: Settings | None = None
) -> Carried:
    """Look for the highest load carried in the 30 days before a moment.

    Raises:
        ValueError: as_of has no zone.
    """
    settings = settings or Settings()
    span = span_of(Window(CARRIED_OVER), as_of)
    grid = reader.minutes(service, span.start, span.end)
    found = load(grid, *(settings.objectives[kind] for kind in SLIS)).carried
    return Carried(None if found is None else found.rpm, span.end)


def _spending(
    reader: ServingReader,
    service: str,
    end: datetime,
    series: Mapping[str, Series],
    settings: Settings,
) -> dict[str, Spending]:
    period = Totals.of(reader.slices(service, end - settings.period, end, "datacenter"))
    found = {}
    for kind in SLIS:
        objective: Fraction = settings.objectives[kind]
        budget = Budget.of(*period.counts(kind), objective)
        hour = series[kind].tally(HOUR, series[kind].minutes)
        burn = burn_rate(hour.bad, hour.total, objective)
        found[kind] = Spending(budget, exhausted_in(budget.remaining, burn, settings.period))
    return found
