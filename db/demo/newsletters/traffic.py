"""Letters, errors and slow letters of every instance and minute of the simulated service.

An hour is drawn at once and always in full, so that a minute is the same whether it is asked for
alone (live) or with its day (history).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from db.demo.newsletters import story
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.story import INSTANCES, Event, Scenario, minute_number

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Letters a minute on average once the service had grown: 1.5 billion a day.
MEAN_RPM = 1_040_000
#: Share of that at the start of the history; growth is linear until the anchor.
FIRST_LEVEL = 0.95
#: Monday to Sunday.
WEEK: Floats = np.array([1.035, 1.06, 1.055, 1.05, 1.02, 0.90, 0.88])
#: A mailing campaign holds about this many letters a minute for an hour, by weekday.
CAMPAIGNS = {1: 2_050_000, 3: 1_700_000}
CAMPAIGN_STARTS, CAMPAIGN_MINUTES, CAMPAIGN_RAMP = 9 * 60, 70, 8
DATACENTER_SHARES: Floats = np.array([0.36, 0.33, 0.31])

#: Errors and slow letters of an instance at its average load are ERRORS * (1 + ERRORS_LOAD); both
#: grow with the square of the load, as queues do.
ERRORS, ERRORS_LOAD = 2.3e-5, 0.28
SLOW, SLOW_LOAD = 2.75e-5, 0.34
#: Relative spread of the two rates from minute to minute.
RATE_SPREAD = 0.3
SLOW_DISK_SHARE = 3.5e-3
CANARY_SLOW_SHARE = 0.11
DRAINING_ERRORS = 0.02

_HOUR = 60
_DAY = 1440
_DATACENTER_OF: Ints = np.array([instance.datacenter for instance in INSTANCES])
_NAMES = [instance.name for instance in INSTANCES]
_SECOND = np.array([name.endswith("-b") for name in _NAMES])
_CANARY = {name: _NAMES.index(name) for name in (story.FIRST_CANARY, story.SECOND_CANARY)}


@dataclass(frozen=True, slots=True)
class Hour:
    """The rows of one hour, in the order of the contract's key; n of them.

    Attributes:
        minute: minutes since 1970, shape (n,).
        instance: index into story.INSTANCES, shape (n,).
        version: index into story.VERSIONS, shape (n,).
        letters: shape (n,).
        errors: shape (n,).
        slow: shape (n,).
        load: letters over the instance's average, shape (n,).
        slowed: whether the first canary's full cache slows the row's body too, shape (n,).
    """

    minute: Ints
    instance: Ints
    version: Ints
    letters: Ints
    errors: Ints
    slow: Ints
    load: Floats
    slowed: NDArray[np.bool_]

    @property
    def answered(self) -> Ints:
        """Letters that got an answer, shape (n,)."""
        return self.letters - self.errors


def expected(scenario: Scenario, minutes: Ints) -> Floats:
    """Letters a minute before chance: growth, week, day and campaigns.

    Args:
        scenario: whose.
        minutes: minutes since 1970, any shape.

    Returns:
        Letters a minute, same shape.
    """
    start = minute_number(scenario.midnight(story.HISTORY_DAYS))
    grown = np.clip((minutes - start) / (minute_number(scenario.anchor) - start), 0, 1)
    level = MEAN_RPM * (FIRST_LEVEL + (1 - FIRST_LEVEL) * grown)
    of_day = minutes % _DAY
    angle = 2 * np.pi * (of_day - 13 * 60) / _DAY
    day = 1 + 0.40 * np.cos(angle) + 0.06 * np.cos(2 * angle)
    curve = level * day * _week(minutes)
    weekday = _weekday(minutes)
    top = np.interp(
        of_day,
        CAMPAIGN_STARTS
        + np.array([-CAMPAIGN_RAMP, 0, CAMPAIGN_MINUTES, CAMPAIGN_MINUTES + CAMPAIGN_RAMP]),
        [0.0, 1.0, 1.0, 0.0],
    )
    for campaign_day, rpm in CAMPAIGNS.items():
        curve = np.where(weekday == campaign_day, curve + top * (rpm - curve), curve)
    return np.asarray(curve)


def hour(scenario: Scenario, number: int) -> Hour:
    """Draw the rows of an hour.

    Args:
        scenario: whose.
        number: hours since 1970.
    """
    minutes = number * _HOUR + np.arange(_HOUR)
    draw = generator(scenario.seed, Stream.TRAFFIC, number)
    shape = (_HOUR, len(INSTANCES))
    total = expected(scenario, minutes) * np.exp(
        0.008 * draw.standard_normal(_HOUR) + _wobble(scenario.seed, number)
    )
    between = np.exp(0.008 * draw.standard_normal((_HOUR, 3)))
    within = np.exp(0.006 * draw.standard_normal(shape))
    spread = np.exp(RATE_SPREAD * draw.standard_normal((2, *shape)) - RATE_SPREAD**2 / 2)
    seeds = draw.integers(0, 2**32, 2)

    running, share = _fleet(scenario, minutes)
    weight = _weights(scenario, minutes) * between
    weight /= weight.sum(axis=1, keepdims=True)
    parts = share * within
    for datacenter in range(3):
        mine = datacenter == _DATACENTER_OF
        parts[:, mine] /= np.maximum(parts[:, mine].sum(axis=1, keepdims=True), 1e-12)
    letters = np.rint(total[:, None] * weight[:, _DATACENTER_OF] * parts).astype(np.int64)
    average = MEAN_RPM * DATACENTER_SHARES[_DATACENTER_OF] * share
    load = letters / np.maximum(average, 1.0)

    error_rate = ERRORS * (1 + ERRORS_LOAD * load**2) * spread[0]
    slow_rate = SLOW * (1 + SLOW_LOAD * load**2) * spread[1]
    slowed = _incidents(scenario, minutes, error_rate, slow_rate)
    errors = np.minimum(np.random.default_rng(seeds[0]).poisson(letters * error_rate), letters)
    errors[error_rate >= 1] = letters[error_rate >= 1]
    answered = letters - errors
    slow = np.minimum(np.random.default_rng(seeds[1]).poisson(answered * slow_rate), answered)

    row, column = np.nonzero(running)
    return Hour(
        minute=minutes[row],
        instance=column,
        version=_versions(scenario, minutes)[row, column],
        letters=letters[row, column],
        errors=errors[row, column],
        slow=slow[row, column],
        load=load[row, column],
        slowed=slowed[row, column],
    )


def during(scenario: Scenario, event: Event, minutes: Ints) -> NDArray[np.bool_]:
    """Which minutes lie in an event."""
    start = minute_number(scenario.starts(event))
    return np.asarray((minutes >= start) & (minutes < start + event.minutes))


def _weekday(minutes: Ints) -> Ints:
    """Monday is 0; 1 January 1970 was a Thursday."""
    return (minutes // _DAY + 3) % 7


def _week(minutes: Ints) -> Floats:
    """The weekday's factor, blended over the two hours on either side of midnight."""
    blend = 120
    before = WEEK[_weekday(minutes - blend)]
    after = WEEK[_weekday(minutes + blend)]
    of_day = (minutes + blend) % _DAY
    return np.asarray(
        np.where(of_day < 2 * blend, before + (after - before) * of_day / (2 * blend), after)
    )


@lru_cache(maxsize=64)
def _knot(seed: int, number: int) -> float:
    return 0.006 * float(generator(seed, Stream.WOBBLE, number).standard_normal())


def _wobble(seed: int, number: int) -> Floats:
    """A slow drift of the traffic that joins from hour to hour, shape (60,)."""
    return np.linspace(_knot(seed, number), _knot(seed, number + 1), _HOUR, endpoint=False)


def _fleet(scenario: Scenario, minutes: Ints) -> tuple[NDArray[np.bool_], Floats]:
    """Who writes rows, and each instance's share of its datacenter; both (60, instances)."""
    doubled = minutes >= minute_number(scenario.midnight(story.FLEET_DOUBLED_DAYS_AGO))
    running = np.ones((_HOUR, len(INSTANCES)), dtype=bool)
    running[:, _SECOND] = doubled[:, None]
    share = np.where(doubled[:, None], 0.5, np.where(_SECOND, 0.0, 1.0))
    for name, event in (
        (story.FIRST_CANARY, story.CANARY_SLOW),
        (story.SECOND_CANARY, story.CANARY_FIXED),
    ):
        at = during(scenario, event, minutes)
        slot = _CANARY[name]
        running[:, slot] = at
        share[:, slot] = 0.0
        share[np.ix_(at, _DATACENTER_OF == 0)] *= 1 - story.CANARY_SHARE
        share[at, slot] = story.CANARY_SHARE
    running &= ~during(scenario, story.GAP, minutes)[:, None]
    return running, share


def _weights(scenario: Scenario, minutes: Ints) -> Floats:
    """Each datacenter's share of the letters before chance, shape (60, 3)."""
    weights = np.tile(DATACENTER_SHARES, (_HOUR, 1))
    for event, datacenter, late in (
        (story.DRILL, 2, 0),
        (story.MAINTENANCE, 0, story.DRAINING_MINUTES),
        (story.DATACENTER_LOST, 1, story.BALANCER_MINUTES),
    ):
        since = minute_number(scenario.starts(event)) + late
        weights[during(scenario, event, minutes) & (minutes >= since), datacenter] = 0.0
    return weights


def _incidents(
    scenario: Scenario, minutes: Ints, error_rate: Floats, slow_rate: Floats
) -> NDArray[np.bool_]:
    """Raise the rates where the story says so; which rows the first canary slowed altogether."""
    slow_rate[during(scenario, story.SLOW_DISK, minutes)] = SLOW_DISK_SHARE
    start = minute_number(scenario.starts(story.MAINTENANCE))
    draining = (minutes >= start) & (minutes < start + story.DRAINING_MINUTES)
    error_rate[np.ix_(draining, _DATACENTER_OF == 0)] = DRAINING_ERRORS
    start = minute_number(scenario.starts(story.DATACENTER_LOST))
    lost = (minutes >= start) & (minutes < start + story.BALANCER_MINUTES)
    error_rate[np.ix_(lost, _DATACENTER_OF == 1)] = 1.0
    slowed = np.zeros(error_rate.shape, dtype=bool)
    start = minute_number(scenario.starts(story.CANARY_SLOW)) + story.CANARY_GOOD_MINUTES
    full = during(scenario, story.CANARY_SLOW, minutes) & (minutes >= start)
    slowed[full, _CANARY[story.FIRST_CANARY]] = True
    slow_rate[slowed] = CANARY_SLOW_SHARE
    return slowed


def _versions(scenario: Scenario, minutes: Ints) -> Ints:
    """Index into story.VERSIONS by minute and instance, shape (60, instances)."""
    released = [minute_number(scenario.starts(event)) for event in story.RELEASES]
    versions = (minutes[:, None] >= np.array(released)[_DATACENTER_OF]).astype(np.int64)
    versions[:, list(_CANARY.values())] = 1
    return versions
