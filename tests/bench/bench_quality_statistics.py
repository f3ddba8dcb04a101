"""How often quality's intervals and certificates are right, and what they cost.

`python -m tests.bench.bench_quality_statistics` prints one JSON object. A simulated classifier of
99 % precision and 70 % recall; 2,000, 10,000 and 50,000 labels, equally, proportionally or by
Neyman's rule from a dozen score ranges; strata cut from what came. `coverage` is the share of 95 %
intervals that hold the truth (`smallest` and `largest` leave out samples with fewer than 30 labels
above the threshold: one error or none decides there, and no interval can hold the truth in about 95
of 100), `false_precision` how often a precision of exactly the target is certified at 5 %,
`false_threshold` how often a threshold below the target is, `adaptive` the coverage where a pilot
said where to put more labels. Milliseconds are of the processor, the best of some rounds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.stats import intervals
from core.stats.allocation import extend, labels_to_settle
from core.stats.calibration import calibrate
from core.stats.drift import jensen_shannon_distance, population_stability_index
from core.stats.joining import join_bins
from core.stats.measures import MEASURES
from core.stats.scores import ALL_BINS, BINS
from core.stats.stratified import Strata, point, stacked
from core.stats.threshold import certified_threshold, curve
from tests.core.stats.simulation_quality import (
    Population,
    coverages,
    designs,
    falsely_certified,
    places,
    population,
    run_strata,
    sample,
    strata,
)

RUNS = 1_000
THRESHOLD_RUNS = 500
ADAPTIVE_RUNS = 500
TOTALS = (2_000, 10_000, 50_000)
#: With fewer labels above the threshold than this on average, coverage is a matter of one error.
FEWEST_ABOVE = 30
ROUNDS = 5


def by_design() -> dict[str, Any]:
    """Coverage of each measure and false certificates of precision, by allocation and labels."""
    generator = np.random.default_rng(20260601)
    of = population()
    coverage: dict[str, dict[str, float]] = {}
    false: dict[str, float] = {}
    widths: dict[str, dict[str, float]] = {}
    counted = []
    for total in TOTALS:
        for how, design in designs(of, total).items():
            name = f"{how}_{total}"
            slices = strata(of, sample(of, design, RUNS, generator))
            coverage[name] = coverages(of, slices)
            false[name] = float(intervals.one_sided(slices, of.truth()[0]).mean())
            found = intervals.precision(slices), intervals.recall(slices)
            precision, recall = (float(np.median(each.high - each.low)) for each in found)
            widths[name] = {"precision": round(precision, 4), "recall": round(recall, 4)}
            if found[0].n.mean() >= FEWEST_ABOVE:
                counted += list(coverage[name].values())
    return {
        "coverage": {"smallest": min(counted), "largest": max(counted)} | coverage,
        "false_precision": {"largest": max(false.values())} | false,
        "width": widths,
    }


def of_thresholds() -> dict[str, Any]:
    """False certificates of thresholds, and how often there is any."""
    generator = np.random.default_rng(20260602)
    found: dict[str, Any] = {}
    for stretch in (1.0, 1.2):
        of = population(stretch=stretch)
        for total in (2_000, 10_000):
            drawn = sample(of, designs(of, total)["equal"], THRESHOLD_RUNS, generator)
            wrong, any_ = falsely_certified(of, drawn, 0.99)
            found[f"stretch_{stretch}_{total}"] = {"false": wrong, "any": any_}
    return {"largest": max(each["false"] for each in found.values())} | found


def adaptive(of: Population, pilot: int, more: int) -> dict[str, float]:
    """Coverage where `extend` puts more labels after a pilot of equal numbers."""
    generator = np.random.default_rng(20260603)
    drawn = sample(of, designs(of, pilot)["equal"], ADAPTIVE_RUNS, generator)
    slices = []
    for labels, positives in zip(drawn.labels, drawn.positives, strict=True):
        further = _placed(of, labels, positives, drawn.weight, more)
        here = np.zeros(BINS, dtype=np.int64)
        rate = 1 / np.where(drawn.weight > 0, drawn.weight, np.inf)
        for number, size in enumerate(further):
            inside = places(of, labels) == number
            letters = np.where(inside, of.letters, 0)
            here += generator.multinomial(size, letters / letters.sum())
            rate += np.where(inside, size / letters.sum(), 0)
        total = labels + here
        positive = positives + generator.binomial(here, of.positive)
        slices.append(run_strata(of, total, positive, 1 / np.where(rate > 0, rate, np.inf)))
    return coverages(of, stacked(slices))


def _placed(
    of: Population,
    labels: NDArray[np.int64],
    positives: NDArray[np.int64],
    weight: NDArray[np.float64],
    more: int,
) -> list[int]:
    placed: list[int] = extend(run_strata(of, labels, positives, weight), more).tolist()
    return placed


def best(work: Callable[[], object]) -> float:
    """Milliseconds of the processor in the best of the rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        found.append(1_000 * (time.process_time() - start))
    return round(min(found), 2)


def timings() -> dict[str, float]:
    """What 100 strata cost, alone and in a batch of 100 slices."""
    generator = np.random.default_rng(1)
    labels = generator.integers(2, 60, (100, 100))
    chance = 1 / (1 + np.exp(-np.linspace(-9, 9, 100)))
    batch = Strata(
        labels + np.exp(generator.normal(15, 2, (100, 100))).astype(np.int64),
        labels,
        generator.binomial(labels, chance),
        np.arange(100) >= 60,
        labels,
    )
    single = Strata(
        batch.letters[0], batch.labels[0], batch.positives[0], batch.decided, batch.counted[0]
    )
    letters = np.exp(generator.normal(15, 2, BINS))
    by_bin = generator.poisson(letters / letters.sum() * 5_000)
    positive = generator.binomial(by_bin, population().positive)
    edges = np.linspace(0, 0.99, 100)

    def four(of: Strata) -> None:
        for measure in MEASURES.values():
            intervals.interval(measure, of)

    def headline(of: Strata) -> None:
        intervals.precision(of)
        intervals.recall(of)

    return {
        "precision_and_recall": best(lambda: headline(single)),
        "all_four": best(lambda: four(single)),
        "precision_and_recall_of_100_slices": best(lambda: headline(batch)),
        "all_four_of_100_slices": best(lambda: four(batch)),
        "points_of_100_slices": best(lambda: point(batch)),
        "certificate": best(lambda: intervals.one_sided(single, 0.99)),
        "curve_of_100_edges": best(lambda: curve(edges, single)),
        "certified_threshold_of_100_edges": best(
            lambda: certified_threshold(edges, single, 0.99, [80, 75, 70])
        ),
        "join_200_bins": best(lambda: join_bins(letters, by_bin)),
        "extend": best(lambda: extend(single, 1_000)),
        "labels_to_settle": best(lambda: labels_to_settle(single, 0.99, 0.70)),
        "calibrate": best(lambda: calibrate(ALL_BINS, by_bin, positive)),
        "drift_of_100_slices": best(
            lambda: (
                population_stability_index(batch.letters, letters[:100]),
                jensen_shannon_distance(batch.letters, letters[:100]),
            )
        ),
    }


def main() -> None:
    """Measure and print."""
    found = {
        "runs": RUNS,
        "milliseconds": timings(),
        **by_design(),
        "false_threshold": of_thresholds(),
        "adaptive": adaptive(population(), 2_000, 4_000),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
