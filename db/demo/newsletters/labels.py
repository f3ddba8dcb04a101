"""Labelled letters: drawn by score band with known probabilities, labelled hours to days later."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.stats.scores import ALL_BINS, LOWEST_BIN, score_at
from db.demo.newsletters import retrained
from db.demo.newsletters.columns import Columns, joined, named, picked, times
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.population import SEGMENT_SHARES, SEGMENTS, Population
from db.demo.newsletters.retrained import Retrained
from db.demo.newsletters.serving import answered
from db.demo.newsletters.story import SERVICE, VERSIONS, Scenario, minute_number
from db.demo.newsletters.traffic import DATACENTER_SHARES

Ints = NDArray[np.int64]

#: Lower edges of the bands in bins from the threshold, and labels a day in each: most where
#: decisions are close, some everywhere. 200 a day: 12,000 in 60 days.
BAND_EDGES = (-100, -40, -20, -8, 0, 6, 14, 26)
LABELS_A_DAY: NDArray[np.float64] = np.array([10.0, 18.0, 34.0, 38.0, 36.0, 30.0, 20.0, 14.0])
#: Nobody labels at once, and nothing is left for longer than three days.
SHORTEST_LAG, LONGEST_LAG = timedelta(hours=2), timedelta(days=3)
MEDIAN_LAG_HOURS, LAG_SPREAD = 11.0, 0.8
LABELLERS = ("assessor-1", "assessor-2", "assessor-3", "assessor-4", "assessor-5")

_DAY_MINUTES = 1440


def between(
    scenario: Scenario,
    population: Population,
    start: datetime,
    end: datetime,
    models: Sequence[Retrained] = (),
) -> Columns | None:
    """Labels that were given at start or later and before end, whenever their letters came.

    Args:
        scenario: whose.
        population: the letters' scores.
        start: from then on.
        end: until then.
        models: what was released after the story.

    Returns:
        Rows of metrics.labelled_letter; None where there are none.
    """
    first = minute_number(start - LONGEST_LAG) // _DAY_MINUTES
    last = minute_number(end) // _DAY_MINUTES
    found = []
    for day in range(first, last + 1):
        rows = of_day(scenario, population, day, models)
        given = rows["labelled_at"]
        low, high = (np.datetime64(at.replace(tzinfo=None), "us") for at in (start, end))
        found.append(picked(rows, (given >= low) & (given < high)))
    rows = joined(found)
    return rows if rows["letter_id"].size else None


def of_day(
    scenario: Scenario, population: Population, day: int, models: Sequence[Retrained] = ()
) -> Columns:
    """Every label that letters of a day ever get.

    Args:
        scenario: whose.
        population: the letters' scores.
        day: days since 1970.
        models: what was released after the story; known or not, letters that were scored before
            their release are the same.

    Returns:
        Rows of metrics.labelled_letter, in no order of time.
    """
    letters = np.concatenate(
        [answered(scenario, number) for number in range(day * 24, day * 24 + 24)], axis=1
    )
    draw = generator(scenario.seed, Stream.LABELS, day)
    edges = np.array([*(edge + population.threshold_bin for edge in BAND_EDGES[1:])])
    band_of_bin = np.searchsorted(edges, ALL_BINS, side="right")
    mass = (
        letters.sum(axis=1)[:, None, None] * SEGMENT_SHARES[None, :, None] * population.mixture
    ).reshape(-1)
    band = np.tile(band_of_bin, mass.size // ALL_BINS.size)
    size = np.bincount(band, weights=mass)
    wanted = draw.poisson(LABELS_A_DAY)

    place = np.concatenate([_drawn(draw, mass * (band == b), n) for b, n in enumerate(wanted)])
    version, segment, index = np.unravel_index(place, (len(VERSIONS), len(SEGMENTS), ALL_BINS.size))
    minute = np.zeros(place.size)
    for number in range(len(VERSIONS)):
        mine = version == number
        minute[mine] = _drawn(draw, letters[number].astype(np.float64), int(mine.sum()))
    predicted = day * _DAY_MINUTES + minute + draw.random(place.size)
    hours = MEDIAN_LAG_HOURS * np.exp(LAG_SPREAD * draw.standard_normal(place.size))
    lag = np.clip(hours * 60, SHORTEST_LAG.total_seconds() / 60, LONGEST_LAG.total_seconds() / 60)
    bins = index + LOWEST_BIN
    score = score_at(bins, draw.uniform(0.02, 0.98, place.size))
    label = draw.random(place.size) < population.probability[version, segment, index]
    labeller = draw.integers(0, len(LABELLERS), place.size)
    datacenter = _drawn(draw, DATACENTER_SHARES, place.size)
    decided = retrained.at(models, version, predicted.astype(np.int64), datacenter)
    return {
        "service": SERVICE,
        "model_version": named(retrained.versions(models), decided),
        "letter_id": _letter_ids(scenario.seed, day, place.size),
        "predicted_at": times(predicted),
        "labelled_at": times(predicted + lag),
        "segment": named(SEGMENTS, segment),
        "score": score,
        "decision": bins >= population.threshold_bin,
        "label": label,
        "inclusion_probability": (LABELS_A_DAY / size)[band[place]],
        "labeller": named(LABELLERS, labeller),
    }


def first_day(scenario: Scenario, days_ago: int) -> int:
    """Days since 1970 of a day of the story."""
    return minute_number(scenario.midnight(days_ago)) // _DAY_MINUTES


def _drawn(draw: np.random.Generator, weights: NDArray[np.float64], n: int) -> Ints:
    """N positions drawn by weight; weights must not all be zero where n is positive."""
    cumulative = weights.cumsum()
    places = np.searchsorted(cumulative, draw.random(n) * cumulative[-1], side="right")
    return np.asarray(places, dtype=np.int64)


def _letter_ids(seed: int, day: int, count: int) -> NDArray[np.object_]:
    ids = [
        hashlib.sha256(f"{seed}/{day}/{number}".encode()).hexdigest()[:20]
        for number in range(count)
    ]
    return np.array(ids, dtype=object)
