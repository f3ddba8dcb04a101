"""Our policies against a real Prometheus on the same minutes, evaluation by evaluation."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pytest

from core.alerts.serving import serving
from core.reliability import SLIS
from core.stats.burn import FEWEST_BAD, POLICIES, Policy
from core.timeframe import DAY, MINUTE, Window
from tests.fakes import SERVICE, at, life
from tests.fakes_alerts import GridReader, steady_grid
from tests.prometheus.server import Prometheus, open_metrics, prometheus

BEFORE = -3 * DAY // MINUTE
#: A day of incidents after three days of ordinary minutes.
LAST = 1_440
#: Service -> the minutes at which it is compared.
COMPARED = {SERVICE: (-30, LAST), "thin": (-10, 300)}
_OF_KIND = {"availability": ("errors", "letters"), "latency": ("slow", "answered")}


def busy() -> GridReader:
    """Chance all the time; outages, slowness, a slow leak, exactly 14.4, and rows that lack."""
    draw = np.random.default_rng(20260601)
    grid = steady_grid(BEFORE, LAST)
    shape = grid.letters.shape
    letters = draw.integers(50_000, 90_000, shape)
    errors, slow = draw.poisson(letters * 4e-5), draw.poisson(letters * 5e-5)

    def of(first: int, last: int) -> tuple[slice, slice]:
        return slice(None), slice(first - BEFORE, last - BEFORE)

    errors[of(0, 10)] = letters[of(0, 10)]
    errors[of(120, 240)] = letters[of(120, 240)] // 500
    slow[of(330, 400)] = letters[of(330, 400)] // 100
    errors[of(450, 480)] = letters[of(450, 480)] // 3
    errors[of(700, 1_100)] = letters[of(700, 1_100)] // 2_000
    # One bad letter decides: 144 of every 100,000, then one more.
    letters[of(1_200, 1_280)], errors[of(1_200, 1_280)] = 100_000, 144
    errors[of(1_265, 1_266)] = 145
    slow = np.minimum(slow, letters - errors)
    there = replace(grid, letters=letters, errors=errors, slow=slow)
    # Two minutes before a fault, eleven in the middle of an outage, a single late one, two of them.
    return there.without(100, 102).without(460, 471).without(900, 901).without(1_000, 1_002)


def thin() -> GridReader:
    """Twenty letters a minute: nine bad ones are chance, ten are not."""
    grid = steady_grid(BEFORE, 300, letters=20)
    errors = grid.errors.copy()
    errors[:, 50 - BEFORE : 59 - BEFORE] = 1
    errors[:, 200 - BEFORE : 212 - BEFORE] = 1
    return replace(grid, errors=errors)


GRIDS = {SERVICE: busy(), "thin": thin()}


def by_minute(grid: GridReader, counts: np.ndarray) -> dict[datetime, int]:
    """Counts of the minutes that were written."""
    return {
        at(grid.first + int(column)): int(counts[0, column])
        for column in np.flatnonzero(grid.written[0])
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus with the minutes of every service."""
    gauges = {
        f"greenlight_{name}": {
            service: by_minute(grid, counts(grid)) for service, grid in GRIDS.items()
        }
        for name, counts in {
            "letters": lambda grid: grid.letters,
            "answered": lambda grid: grid.letters - grid.errors,
            "errors": lambda grid: grid.errors,
            "slow": lambda grid: grid.slow,
        }.items()
    }
    with prometheus(open_metrics(gauges), tmp_path_factory.mktemp("prometheus")) as running:
        yield running


@dataclass(frozen=True)
class Ours:
    """What our evaluation says at every minute: 1 fires, 0 does not, NaN is unknown."""

    states: dict[tuple[str, str], np.ndarray]

    @classmethod
    def of(cls, grid: GridReader, first: int, last: int) -> "Ours":
        found: dict[tuple[str, str], list[float]] = {}
        for minute in range(first, last + 1):
            for one in serving(grid, SERVICE, at(minute)).alerts:
                state = np.nan if one.firing is None else float(one.firing)
                found.setdefault((one.kind, one.policy.name), []).append(state)
        return cls({key: np.array(states) for key, states in found.items()})


@pytest.fixture(scope="module")
def ours() -> dict[str, Ours]:
    """Every service's evaluations."""
    return {
        service: Ours.of(GRIDS[service], first, last) for service, (first, last) in COMPARED.items()
    }


def expression(service: str, kind: str, policy: Policy) -> str:
    """The policy as PromQL: both windows strictly above the factor, compared in whole numbers."""
    limit = policy.factor() / 10_000
    bad, total = (f'greenlight_{name}{{service="{service}"}}' for name in _OF_KIND[kind])

    def above(window: Window) -> str:
        return (
            f"(sum_over_time({bad}[{window}]) * {limit.denominator} "
            f"> bool {limit.numerator} * sum_over_time({total}[{window}]))"
        )

    long = Window(policy.long)
    enough = f"(sum_over_time({bad}[{long}]) >= bool {FEWEST_BAD})"
    return f"{above(long)} * {above(Window(policy.short))} * {enough}"


def with_gap(
    server: Prometheus, service: str, policy: Policy, span: tuple[datetime, datetime]
) -> np.ndarray:
    """Where the short window lacks a minute; the newest is not missing if it alone is."""
    series = f'greenlight_letters{{service="{service}"}}'
    there, newest, before = (
        np.nan_to_num(server.each_minute(f"count_over_time({series}[{range_}", *span))
        for range_ in (f"{Window(policy.short)}])", "1m])", "1m] offset 1m)")
    )
    late = (newest == 0) & (before == 1)
    return policy.short // MINUTE - there - late > 0


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
@pytest.mark.parametrize("kind", SLIS)
@pytest.mark.parametrize("service", COMPARED)
def test_every_evaluation_agrees_with_prometheus(
    server: Prometheus, ours: dict[str, Ours], service: str, kind: str, policy: Policy
):
    span = tuple(at(minute) for minute in COMPARED[service])
    theirs = server.each_minute(expression(service, kind, policy), *span)
    gaps = with_gap(server, service, policy, span)
    expected = np.where(gaps, np.nan, theirs)
    np.testing.assert_array_equal(ours[service].states[kind, policy.name], expected)


def test_the_comparison_sees_firing_quiet_and_unknown(ours: dict[str, Ours]):
    """Every policy fires, is quiet and is unknown at some minute: agreement is not empty."""
    states = ours[SERVICE].states
    for policy in POLICIES:
        seen = states["availability", policy.name]
        assert {0.0, 1.0} <= set(seen[~np.isnan(seen)])
        assert np.isnan(seen).any()
    assert np.nanmax(states["latency", "page_fast"]) == 1
    chance = ours["thin"].states["availability", "page_fast"]
    assert chance[60:200].max() == 0
    assert chance[200:].max() == 1


def test_a_gap_is_unknown_to_us_where_prometheus_goes_on_with_what_is_left(
    server: Prometheus, ours: dict[str, Ours]
):
    """Eleven minutes without rows in an outage: nothing resolves that Prometheus had firing."""
    (first, _), policy = COMPARED[SERVICE], POLICIES[0]
    told = server.each_minute(expression(SERVICE, "availability", policy), at(462), at(475))
    own = ours[SERVICE].states["availability", "page_fast"][462 - first : 476 - first]
    assert np.isnan(own).all()
    # An empty short window has no answer there: an alert of Prometheus would be resolved.
    assert np.isnan(told[465 - 462 : 471 - 462]).any()


def test_heartbeats_make_more_unknown_and_nothing_different(server: Prometheus):
    """Two minutes are missing before a fault: while they could decide, it is unknown."""
    first, last = 110, 170
    told = Ours.of(replace(GRIDS[SERVICE], lives=[life(BEFORE, LAST)]), first, last)
    plain = Ours.of(GRIDS[SERVICE], first, last)
    more = 0
    for policy in POLICIES:
        key = ("availability", policy.name)
        theirs = server.each_minute(
            expression(SERVICE, "availability", policy), at(first), at(last)
        )
        known = ~np.isnan(told.states[key])
        np.testing.assert_array_equal(told.states[key][known], theirs[known])
        more += int(np.isnan(told.states[key]).sum() - np.isnan(plain.states[key]).sum())
    assert more > 0
