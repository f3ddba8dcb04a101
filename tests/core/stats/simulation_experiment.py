"""Simulated tests, user by user, read day by day as the dashboard reads them.

Users enter over four weeks, come back on some days, differ by orders of magnitude in how many
letters they get and how much they complain, and fall into buckets by chance. Every test goes the
whole way: bucket sums by day, the projection of s_plan, the band, the last look, the decision.

`python -m tests.core.stats.simulation_experiment 2000` prints the rates of that many tests.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.experiment.assessment import ground_of
from core.experiment.choice import Known
from core.experiment.comparison import Course, course
from core.experiment.decision import schedule_of
from core.experiment.settings import Settings
from core.experiment.timeline import timeline
from core.ports import BucketDays
from core.ports.experiment import BUCKETS, SUMS
from core.stats.ratio import interval, lifts, ratios
from tests.fakes_experiment import ARMS, START, defined

Floats = NDArray[np.float64]

DAYS = 28
MARGIN = -0.05
#: Share of the users who come into the test on each day.
ENTRY: Floats = np.array([0.40, *(0.6 * 0.15 * 0.85 ** np.arange(DAYS - 1))])
ENTRY = ENTRY / ENTRY.sum()


@dataclass(frozen=True, slots=True)
class Population:
    """Who takes part.

    Attributes:
        users: of an arm.
        letters: a user's letters on a day on which he is seen, on average over users.
        letters_spread: sigma of the lognormal by which users differ in letters.
        complaints: per letter, on average over users.
        complaints_spread: sigma of the lognormal by which users differ in complaints per letter.
        seen: chance that a user who has entered is seen on a day, on average over users.
    """

    users: int = 2_500
    letters: float = 20.0
    letters_spread: float = 1.0
    complaints: float = 4e-3
    complaints_spread: float = 1.0
    seen: float = 0.4


def arm(draw: np.random.Generator, who: Population, lift: float) -> Floats:
    """One arm's sums by day and bucket, shape (DAYS, BUCKETS, len(SUMS))."""
    n = who.users
    bucket = draw.integers(0, BUCKETS, n)
    entered = draw.choice(DAYS, n, p=ENTRY)
    letters_rate = who.letters * _lognormal(draw, who.letters_spread, n)
    complaints_rate = who.complaints * (1 + lift) * _lognormal(draw, who.complaints_spread, n)
    often = np.minimum(who.seen * draw.gamma(2.0, 0.5, n), 1.0)
    days = np.arange(DAYS)[:, None]
    new = entered == days
    day, user = np.nonzero(new | ((entered < days) & (draw.random((DAYS, n)) < often)))
    letters = draw.poisson(letters_rate[user])
    complaints = draw.poisson(letters * complaints_rate[user])
    cell = day * BUCKETS + bucket[user]
    found = np.zeros((DAYS, BUCKETS, len(SUMS)))
    for at, values in enumerate((new[day, user], None, letters, complaints)):
        sums = np.bincount(cell, weights=values, minlength=DAYS * BUCKETS)
        found[..., at] = sums.reshape(DAYS, BUCKETS)
    return found


def read(draw: np.random.Generator, who: Population, lift: float) -> Course:
    """One test as the dashboard reads it, each day's verdict by what was known on that day."""
    sums = np.stack([arm(draw, who, 0.0), arm(draw, who, lift)], axis=1)
    days = tuple(START + timedelta(days=at) for at in range(DAYS))
    found = BucketDays(ARMS, days, sums, np.full((DAYS, len(ARMS)), BUCKETS))
    definition = replace(defined(), guardrails=())
    known = Known(definition, False, None, ())
    ground, _ = ground_of(
        timeline(found, definition), known, schedule_of(definition, ()), Settings()
    )
    return course(ground, 1)


def courses(seed: int, runs: int, lift: float, who: Population) -> Iterator[Course]:
    """Tests with one true lift, one after the other."""
    for run in range(runs):
        yield read(np.random.default_rng([seed, run]), who, lift)


@dataclass(frozen=True, slots=True)
class Rates:
    """How often tests at a true lift end how.

    Attributes:
        met: called met by the rule.
        not_met: called not met by the rule.
        band_missed: the always-valid band left the true lift out on any day from the first on.
        ordinary_met: the ordinary interval lay below the margin on any of 28 daily looks.
        ordinary_missed: it left the true lift out on any of 28 daily looks.
        naive_met: on any day p < .05 against no change and the point below the margin.
        one_look_met: the ordinary 95 % interval lay below the margin on the last day alone.
        error: mean standard error at the end.
    """

    runs: int
    met: float
    not_met: float
    band_missed: float
    ordinary_met: float
    ordinary_missed: float
    naive_met: float
    one_look_met: float
    error: float


def rates(seed: int, runs: int, lift: float, who: Population) -> Rates:
    """Read that many tests and count."""
    counted = np.array([_counts(one, lift) for one in courses(seed, runs, lift, who)])
    return Rates(runs, *counted.mean(axis=0).tolist())


def _counts(one: Course, lift: float) -> tuple[float, ...]:
    daily, made = one.daily, one.decision
    missed = (daily.always_low > lift) | (daily.always_high < lift)
    ordinary = (daily.fixed_low > lift) | (daily.fixed_high < lift)
    naive = (daily.fixed_high < 0) & (daily.lift < MARGIN)
    return (
        made is not None and made.met,
        made is not None and not made.met,
        missed.any(),
        (daily.fixed_high < MARGIN).any(),
        ordinary.any(),
        naive.any(),
        daily.fixed_high[-1] < MARGIN,
        daily.error[-1],
    )


def coverage(seed: int, runs: int, lift: float, who: Population, buckets: int = BUCKETS) -> float:
    """How often the ordinary 95 % interval of a single look holds the true lift."""
    held = 0
    for run in range(runs):
        draw = np.random.default_rng([seed, run])
        sides = [ratios(*_once(draw, who, one, buckets)) for one in (0.0, lift)]
        low, high = interval(lifts(sides[0], sides[1]), 0.05)
        held += bool(low <= lift <= high)
    return held / runs


def _once(
    draw: np.random.Generator, who: Population, lift: float, buckets: int
) -> tuple[Floats, Floats]:
    """Complaints and letters by bucket over a whole test: two weeks of a user's letters."""
    n = who.users
    bucket = draw.integers(0, buckets, n)
    days = draw.binomial(DAYS, np.minimum(who.seen * draw.gamma(2.0, 0.5, n), 1.0))
    letters = draw.poisson(who.letters * days * _lognormal(draw, who.letters_spread, n))
    rate = who.complaints * (1 + lift) * _lognormal(draw, who.complaints_spread, n)
    complaints = draw.poisson(letters * rate)
    x = np.bincount(bucket, weights=complaints, minlength=buckets)
    return x, np.bincount(bucket, weights=letters, minlength=buckets)


def _lognormal(draw: np.random.Generator, sigma: float, n: int) -> Floats:
    """Factors of mean 1: a few users get and complain a hundred times as much as most."""
    return draw.lognormal(-(sigma**2) / 2, sigma, n)


def power_lift(error: float, wanted: float) -> float:
    """The true lift at which one look at one-sided 2.5 % has the wanted power."""
    z = NormalDist().inv_cdf
    shift = (z(0.975) + z(wanted)) * error
    return float(np.expm1(np.log1p(MARGIN) - shift))


def simulated(runs: int) -> dict[str, dict[str, float]]:
    """The rates of many tests: at the margin, at two powers of a single look; and coverage."""
    who = Population()
    null = rates(1, runs, MARGIN, who)
    found: dict[str, dict[str, float]] = {"at_the_margin": _plain(null)}
    for wanted in (0.8, 0.9):
        lift = power_lift(null.error, wanted)
        found[f"power_{wanted:g}"] = {"lift": lift} | _plain(rates(2, runs, lift, who))
    rare = Population(users=10_000, letters=12.0, complaints=5e-4, letters_spread=0.8)
    found["coverage"] = {
        str(buckets): coverage(3, runs, -0.08, rare, buckets) for buckets in (200, BUCKETS)
    }
    return found


def main() -> None:
    """Print them as one JSON object."""
    print(json.dumps(simulated(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)))


def _plain(found: Rates) -> dict[str, float]:
    return {name: getattr(found, name) for name in Rates.__slots__}


if __name__ == "__main__":
    main()
