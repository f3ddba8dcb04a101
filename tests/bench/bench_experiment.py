"""What an experiment costs, and what its rule does: `python -m tests.bench.bench_experiment`.

One JSON object:

- report_ms: a report of 28 days x 500 buckets x 2 variants x 20 segments after the query, the best
  of several, on the CPU's clock; grid_ms: lifts and intervals of all metrics for each of 28 days in
  each of 20 segments.
- rows: 5 million simulated users through tea-tasting, row by row, against a report on their bucket
  sums: seconds on the CPU's clock and peak memory (MiB), each in a process of its own, and how far
  the two answers are apart.
- simulation: 2,000 simulated tests of each kind through the rule (see
  `tests.core.stats.simulation_experiment`); another number may be given as the argument.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.experiment import METRICS, ExperimentReport, evidence, report
from core.ports import BucketDays, BucketSlice, ExperimentRows
from core.ports.experiment import BUCKETS, SUMS
from core.stats.ratio import Ratios, interval, lifts, ratios
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    ARMS,
    EXPERIMENT,
    START,
    FakeExperimentReader,
    World,
    day,
    on_day,
)

Floats = NDArray[np.float64]

DAYS, SEGMENTS, USERS = 28, 20, 5_000_000
ROUNDS = 7  # the best one counts: other work on the machine only ever slows a round down
RUNS = 2_000
#: A report after the query, ms.
ALLOWED_MS = 150


class Arrays(FakeExperimentReader):
    """A reader that has the sums at hand, as after the query."""

    def __init__(
        self, sums: Floats, slices: tuple[BucketSlice, ...] = (), before: Floats | None = None
    ) -> None:
        super().__init__()
        self.sums, self.cuts = sums, slices
        self.earlier = None if before is None else BucketSlice("all", "all", ARMS, before)

    def experiments(self, service: str, before: date) -> tuple[ExperimentRows, ...]:
        """The one experiment."""
        return (ExperimentRows(EXPERIMENT, ARMS, START, day(len(self.sums))),)

    def days(self, service: str, experiment: str, first: date, last: date) -> BucketDays:
        """All of it."""
        days = tuple(day(number + 1) for number in range(len(self.sums)))
        return BucketDays(ARMS, days, self.sums, np.full(self.sums.shape[:2], BUCKETS))

    def slices(
        self, service: str, experiment: str, first: date, last: date
    ) -> tuple[BucketSlice, ...]:
        """Every segment."""
        return self.cuts


def best_ms(work: Callable[[], object]) -> float:
    """The best of the rounds on the CPU's clock."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        found.append(1_000 * (time.process_time() - start))
    return round(min(found), 1)


def of_reports() -> dict[str, float]:
    """What a report costs once the sums are there."""
    world = World(lifts={"treatment": -0.065})
    plain = FakeExperimentReader(world.rows(DAYS))
    sums = plain.days(SERVICE, EXPERIMENT, START, day(DAYS)).sums
    slices = tuple(
        BucketSlice("segment", f"{at:02d}", ARMS, sums.sum(axis=0) / SEGMENTS)
        for at in range(SEGMENTS)
    )
    reader = Arrays(sums, slices, sums.sum(axis=0))

    def whole() -> ExperimentReport:
        return report(reader, SERVICE, on_day(DAYS + 1))

    assert len(whole().detail.segments) == SEGMENTS
    cumulative = sums.cumsum(axis=0)
    segments = np.broadcast_to(cumulative / SEGMENTS, (SEGMENTS, *cumulative.shape)).copy()

    def grid() -> None:
        for metric in METRICS.values():
            x, y = metric.columns(segments)
            both = ratios(x, y)
            control, treatment = (
                Ratios(both.value[..., arm], both.log_variance[..., arm], both.degrees)
                for arm in (0, 1)
            )
            interval(lifts(control, treatment), 0.05 / SEGMENTS)

    return {
        "report_ms": best_ms(whole),
        "evidence_ms": best_ms(lambda: evidence(whole())),
        "grid_ms": best_ms(grid),
        "allowed_ms": ALLOWED_MS,
    }


#: The columns of a user that both ways are about, before and during the test.
COLUMNS = ("active_users", "letters", "complaints", "sessions", "session_seconds", "revenue")


def draw(folder: Path) -> None:
    """Users of a test, row by row, and their sums by day of entry, arm and bucket."""
    draws = np.random.default_rng(5)
    variant = draws.integers(0, 2, USERS).astype(np.int8)
    bucket = draws.integers(0, BUCKETS, USERS).astype(np.int16)
    entered = np.minimum(draws.geometric(0.3, USERS), DAYS) - 1
    trait = draws.lognormal(-0.5, 1.0, USERS)
    cell = (entered * 2 + variant) * BUCKETS + bucket
    np.save(folder / "variant.npy", variant)
    shape = (DAYS, 2, BUCKETS)
    sums = np.zeros((*shape, len(SUMS)))
    sums[..., 0] = np.bincount(cell, minlength=DAYS * 2 * BUCKETS).reshape(shape)
    before = np.zeros((2, BUCKETS, len(SUMS)))
    for when, lift in (("before", 0.0), ("", -0.08)):
        active = 1 + draws.poisson(8, USERS)
        letters = draws.poisson(20 * active)
        rate = 5e-4 * trait * np.where(variant == 1, 1 + lift, 1.0)
        complaints = draws.poisson(letters * rate)
        sessions = draws.poisson(2.5 * active)
        columns = (active, letters, complaints, sessions, 100.0 * sessions, 0.8 * active)
        for at, (name, values) in enumerate(zip(COLUMNS, columns, strict=True), start=1):
            np.save(folder / f"{name}{when}.npy", values.astype(np.float64))
            if when:
                arms = variant.astype(np.int64) * BUCKETS + bucket
                whole = np.bincount(arms, weights=values, minlength=2 * BUCKETS)
                before[..., at] = whole.reshape(2, BUCKETS)
            else:
                whole = np.bincount(cell, weights=values, minlength=DAYS * 2 * BUCKETS)
                sums[..., at] = whole.reshape(shape)
    np.save(folder / "sums.npy", sums)
    np.save(folder / "sums_before.npy", before)


def by_rows(folder: Path) -> dict[str, Any]:
    """Tea-tasting on the rows: the primary metric, its CUPED row and the guardrails."""
    import pyarrow as pa
    import tea_tasting as tt

    names = [*COLUMNS, "complaintsbefore", "lettersbefore", "variant"]
    table = pa.table({name: np.load(folder / f"{name}.npy") for name in names})
    primary = tt.RatioOfMeans("complaints", "letters")
    adjusted = tt.RatioOfMeans("complaints", "letters", "complaintsbefore", "lettersbefore")
    rest = {
        f"{name}_per_user": tt.RatioOfMeans(name, "active_users")
        for name in ("complaints", "letters", "sessions", "session_seconds", "revenue")
    }
    experiment = tt.Experiment(primary=primary, cuped=adjusted, split=tt.SampleRatio(), **rest)
    start = time.process_time()
    found = experiment.analyze(table)
    seconds = time.process_time() - start
    return _measured(seconds) | {
        "lift": found["primary"].rel_effect_size,
        "low": found["primary"].rel_effect_size_ci_lower,
        "high": found["primary"].rel_effect_size_ci_upper,
        "cuped": found["cuped"].rel_effect_size,
    }


def by_buckets(folder: Path) -> dict[str, Any]:
    """A whole report on the bucket sums."""
    reader = Arrays(np.load(folder / "sums.npy"), (), np.load(folder / "sums_before.npy"))
    start = time.process_time()
    found = report(reader, SERVICE, on_day(DAYS + 1))
    seconds = time.process_time() - start
    effect, row = found.main.effect, found.detail.cuped
    assert effect.fixed is not None
    assert row is not None
    return _measured(seconds) | {
        "lift": effect.lift,
        "low": effect.fixed.low,
        "high": effect.fixed.high,
        "cuped": row.effect.lift,
    }


def _measured(seconds: float) -> dict[str, float]:
    # Not ru_maxrss: a child starts with its parent's.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1_024
    return {"seconds": seconds, "peak_mib": round(peak, 1)}


def of_rows() -> dict[str, Any]:
    """Both ways, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="greenlight-bench-") as scratch:
        draw(Path(scratch))
        rows, buckets = (_child(part, scratch) for part in ("rows", "buckets"))
    width = np.log1p(rows["high"]) - np.log1p(rows["low"])
    ours = np.log1p(buckets["high"]) - np.log1p(buckets["low"])
    return {
        "users": USERS,
        "tea_tasting": rows,
        "greenlight": buckets,
        "times_as_fast": round(rows["seconds"] / buckets["seconds"], 1),
        "memory_ratio": round(rows["peak_mib"] / buckets["peak_mib"], 1),
        "lifts_apart": abs(rows["lift"] - buckets["lift"]),
        "widths_apart": abs(ours / width - 1),
    }


def _child(part: str, folder: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_experiment", part, folder],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(arguments: list[str]) -> None:
    """Measure and print."""
    if arguments and not arguments[0].isdecimal():
        part = {"rows": by_rows, "buckets": by_buckets}[arguments[0]]
        print(json.dumps(part(Path(arguments[1]))))
        return
    from tests.core.stats.simulation_experiment import simulated

    runs = int(arguments[0]) if arguments else RUNS
    found = of_reports() | {"rows": of_rows(), "simulation": simulated(runs)}
    print(json.dumps(found | {"met": found["report_ms"] <= ALLOWED_MS}))


if __name__ == "__main__":
    main(sys.argv[1:])
