"""Rows of serving_minute and score_hour, for a day of history or a minute of live alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.stats.scores import LOWEST_BIN
from db.demo.newsletters import latency, retrained, story, traffic
from db.demo.newsletters.columns import Columns, joined, named, picked, times
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.population import SEGMENT_SHARES, SEGMENTS, Population
from db.demo.newsletters.retrained import Retrained
from db.demo.newsletters.story import (
    DATACENTERS,
    INSTANCES,
    SERVICE,
    VERSIONS,
    Scenario,
    minute_number,
)

#: Spread of the first segment's share from hour to hour, in logits.
SEGMENT_WANDER = 0.03


def minutes(
    scenario: Scenario, start: datetime, end: datetime, models: Sequence[Retrained] = ()
) -> Columns:
    """Rows of metrics.serving_minute with start <= minute < end; none in the story's gap.

    Hours are drawn in full and cut, so it does not matter in which pieces they are asked for.

    Args:
        scenario: whose.
        start: from then on.
        end: until then.
        models: what was released after the story.
    """
    first, last = minute_number(start), minute_number(end)
    found = [_hour(scenario, number, models) for number in range(first // 60, (last + 59) // 60)]
    rows = joined([rows for rows, _ in found])
    minute = np.concatenate([minute for _, minute in found])
    if first % 60 or last % 60:
        rows = picked(rows, (minute >= first) & (minute < last))
    return rows


def _hour(
    scenario: Scenario, number: int, models: Sequence[Retrained]
) -> tuple[Columns, NDArray[np.int64]]:
    hour = traffic.hour(scenario, number)
    datacenter = _DATACENTER_OF[hour.instance]
    version = retrained.at(models, hour.version, hour.minute, datacenter)
    rows: Columns = {
        "service": SERVICE,
        "minute": times(hour.minute),
        "datacenter": named(DATACENTERS, datacenter),
        "instance": named([instance.name for instance in INSTANCES], hour.instance),
        "model_version": named(retrained.versions(models), version),
        "letters": hour.letters,
        "errors": hour.errors,
        "slow": hour.slow,
        "latency": latency.cells(scenario, number, hour),
    }
    return rows, hour.minute


#: Hours that are remembered: labels, reports and scores of 60 days look at the same ones, those of
#: letters that are labelled or reported some days later among them.
_REMEMBERED = 65 * 24
_DATACENTER_OF = np.array([instance.datacenter for instance in INSTANCES])


@lru_cache(maxsize=_REMEMBERED)
def counted(scenario: Scenario, number: int) -> NDArray[np.int32]:
    """Rows, letters, errors and slow letters of an hour.

    Only what was written: the minutes of the story's gap are 0.

    Returns:
        Shape (4, datacenters, versions, 60).
    """
    hour = traffic.hour(scenario, number)
    found = np.zeros((4, len(DATACENTERS), len(VERSIONS), 60), dtype=np.int32)
    where = _DATACENTER_OF[hour.instance], hour.version, hour.minute - number * 60
    measures = np.ones_like(hour.letters), hour.letters, hour.errors, hour.slow
    for table, values in zip(found, measures, strict=True):
        np.add.at(table, where, values)
    found.flags.writeable = False
    return found


@lru_cache(maxsize=_REMEMBERED)
def answered(scenario: Scenario, number: int) -> NDArray[np.int64]:
    """Answered letters of an hour by version and minute, shape (2, 60).

    Only letters whose rows were written: those of the story's gap are in no population.
    """
    _, letters, errors, _ = counted(scenario, number)
    found = (letters - errors).sum(axis=0, dtype=np.int64)
    found.flags.writeable = False
    return np.asarray(found)


def score_hours(
    scenario: Scenario,
    population: Population,
    start: datetime,
    end: datetime,
    models: Sequence[Retrained] = (),
) -> Columns:
    """Rows of metrics.score_hour for whole hours with start <= hour < end; empty bins have none.

    The letters of an hour and version add up to those its serving rows answered.

    Args:
        scenario: whose.
        population: the letters' scores.
        start: from then on.
        end: until then.
        models: what was released after the story.

    Raises:
        ValueError: the span holds no hour.
    """
    numbers = range(minute_number(start) // 60, minute_number(end) // 60)
    return joined([_scores(scenario, population, number, models) for number in numbers])


def _answered_by(scenario: Scenario, number: int, models: Sequence[Retrained]) -> NDArray[np.int64]:
    """Answered letters of an hour by each of `retrained.versions`, shape (versions,)."""
    if not models:
        return np.asarray(answered(scenario, number).sum(axis=1))
    hour = traffic.hour(scenario, number)
    version = retrained.at(models, hour.version, hour.minute, _DATACENTER_OF[hour.instance])
    letters = np.zeros(len(VERSIONS) + len(models), dtype=np.int64)
    np.add.at(letters, version, hour.answered)
    return letters


def _scores(
    scenario: Scenario, population: Population, number: int, models: Sequence[Retrained]
) -> Columns:
    draw = generator(scenario.seed, Stream.SCORES, number)
    letters = _answered_by(scenario, number, models)
    logit = np.log(SEGMENT_SHARES[0] / SEGMENT_SHARES[1]) + SEGMENT_WANDER * draw.standard_normal()
    first = np.rint(letters / (1 + np.exp(-logit)))
    by_segment = np.stack([first, letters - first], axis=1)
    # As with latencies, one uniform cuts the cumulative counts: they add up by themselves.
    cumulative = population.mixture.cumsum(axis=2)[retrained.scored_like(models)]
    cumulative /= cumulative[:, :, -1:]
    uniform = 0.999 * draw.random((*by_segment.shape, 1))
    counts = np.diff(np.floor(by_segment[:, :, None] * cumulative + uniform), axis=2, prepend=0.0)
    version, segment, index = np.nonzero(counts)
    bins = index + LOWEST_BIN
    return {
        "service": SERVICE,
        "hour": times(np.full(index.size, number * 60)),
        "model_version": named(retrained.versions(models), version),
        "segment": named(SEGMENTS, segment),
        "decision": bins >= population.threshold_bin,
        "bin": bins.astype(np.int16),
        "letters": counts[version, segment, index].astype(np.int64),
    }


def version_shares(scenario: Scenario, days: int = 30) -> dict[str, float]:
    """Each version's share of the answered letters in the days before the anchor."""
    last = minute_number(scenario.anchor) // 60
    total = sum(answered(scenario, number).sum(axis=1) for number in range(last - 24 * days, last))
    shares = total / total.sum()
    return dict(zip(story.VERSIONS, shares.tolist(), strict=True))
