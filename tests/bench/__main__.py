"""`make bench`: runs every bench of this folder and holds what it found against the targets.

Each bench is a program that prints one JSON object. Targets are ratios where machines differ.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.tables import text

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Measure:
    """One number of a bench, found at a dotted path of its JSON.

    Attributes:
        most, least: the target; neither for a number that only informs.
    """

    bench: str
    label: str
    path: str
    least: float | None = None
    most: float | None = None

    def row(self, found: dict[str, Any]) -> tuple[str, ...]:
        """The measure as a line of the table."""
        value: Any = found
        for step in self.path.split("."):
            value = value[step]
        met = {True: "met", False: "MISSED", None: ""}[self.met(value)]
        shown = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
        return (self.bench, self.label, shown, self.target, met)

    def met(self, value: float) -> bool | None:
        """Whether the target is met; None without one."""
        if self.least is not None:
            return value >= self.least
        return value <= self.most if self.most is not None else None

    @property
    def target(self) -> str:
        """The target as a reader says it."""
        if self.least is not None:
            return f"at least {self.least:,}"
        return f"at most {self.most:,}" if self.most is not None else ""


MEASURES = (
    Measure("alerts", "2,000 rules over 50 services after a start, s", "first_seconds", most=10),
    Measure("alerts", "the slowest minute afterwards, s", "slowest_seconds", most=10),
    Measure("alerts", "its CPU time, server's included, s", "slowest.cpu_seconds"),
    Measure("alerts", "its queries a service", "slowest.queries_a_service"),
    Measure("alert_rules", "2,000 rules after the queries, CPU s", "evaluate_seconds", most=2),
    Measure("anonymise", "letters a second, 400 to 800 characters", "letters_per_second"),
    Measure("anonymise", "over a plain regex pass, time", "over_plain_patterns", most=20),
    Measure("anonymise", "16 times the length, time over 16", "growth", most=1.5),
    Measure("copy", "serving rows a second by COPY", "load_rows_per_second", least=20_000),
    Measure("copy", "the same, over rows that are there", "reload_rows_per_second"),
    Measure("copy", "COPY over execute_values, ratio", "load_over_execute_values"),
    Measure("copy", "rows a second through the live path", "live_rows_per_second"),
    Measure("experiment", "report of 28 days x 20 segments, ms", "report_ms", most=150),
    Measure("experiment", "all metrics x 28 days x 20 segments, ms", "grid_ms", most=150),
    Measure("experiment", "tea-tasting on 5M rows over our buckets, time", "rows.times_as_fast"),
    Measure("experiment", "the same, memory", "rows.memory_ratio"),
    Measure("experiment", "false met at the margin", "simulation.at_the_margin.met", most=0.025),
    Measure("groups", "100,000 reports taken, s", "taking.seconds", most=120),
    Measure("groups", "the same with the anonymiser, s", "taking.seconds_with_anonymiser"),
    Measure("groups", "look-up at 1M letters, median ms", "look_up.median_ms", most=5),
    Measure("groups", "the same, worst ms", "look_up.worst_ms"),
    Measure("groups", "pairs that depend on the order", "order_dependence.differ"),
    Measure("history", "30-day report, 3 years over 1 month, ratio", "ratio.report", most=1.3),
    Measure("pages", "Overview over an empty page, server CPU, ratio", "overview_ratio", most=3),
    Measure("pages", "Quality, the same ratio", "quality_ratio", most=3),
    Measure("pages", "Experiment, the same ratio", "experiment_ratio", most=3),
    Measure("pages", "Latency and SLA, the same ratio", "reliability_ratio", most=3),
    Measure("plan", "Milestones with 500 tasks over an empty page", "milestones_ratio", most=3),
    Measure("plan", "its table of all tasks, likewise", "milestones_tasks_ratio", most=3),
    Measure("plan", "Scope with 500 tasks over an empty page", "scope_ratio", most=3),
    Measure("plan", "Risks with 200 risks over an empty page", "risks_ratio", most=3),
    Measure(
        "plan", "the milestones' report of 500 tasks, queries too, CPU ms", "milestones_report_ms"
    ),
    Measure("plan", "the scope's, likewise", "scope_report_ms"),
    Measure("quality", "report over Evidently, 1M labels, ratio", "ratio", most=0.1),
    Measure("quality", "the report, s", "report_seconds"),
    Measure("quality_statistics", "lowest coverage", "coverage.smallest", least=0.93),
    Measure("quality_statistics", "highest coverage", "coverage.largest"),
    Measure(
        "quality_statistics", "precision wrongly certified", "false_precision.largest", most=0.07
    ),
    Measure(
        "quality_statistics", "threshold wrongly certified", "false_threshold.largest", most=0.05
    ),
    Measure(
        "quality_statistics", "100 strata, four measures, ms", "milliseconds.all_four", most=100
    ),
    Measure("quality_statistics", "100 slices of them, ms", "milliseconds.all_four_of_100_slices"),
    Measure("retraining", "100,000 letters to a folder, s", "folder.seconds", most=30),
    Measure("retraining", "memory over reading all, ratio", "memory_over_plain", most=0.6),
    Measure("reviews", "claim at 100,000 groups, ms", "claim.median", most=50),
    Measure("reviews", "claim with 300 leases over none, ratio", "held_over_free", most=4),
    Measure("rollup", "an hour of 6 instances, ms", "hour_of_6_instances"),
    Measure("rollup", "an hour of 60 instances, ms", "hour_of_60_instances"),
    Measure("rollup", "unnest over our rollup, ratio", "unnest_over_rollup"),
    Measure("rollup", "a tick with nothing to do, ms", "idle_tick"),
    Measure("rollup", "a tick with a new minute, ms", "tick_with_a_new_minute"),
    Measure(
        "scale",
        "30-day report, 5 years and 50 services over 1 month",
        "ratio.view_30d_cpu",
        most=1.3,
    ),
    Measure("scale", "Overview, the same ratio", "ratio.overview_cpu", most=1.3),
    Measure("scale", "watermark, the same ratio", "ratio.watermark_cpu", most=1.5),
    Measure(
        "scale",
        "a new minute of 200 instances, the same ratio",
        "ratio.rollup_of_a_new_minute_cpu",
        most=1.5,
    ),
    Measure("scale", "a day of 288,000 rows rolled up, CPU s", "fill.rolled_a_day_cpu_s"),
    Measure("scale", "a tick with alerts of 50 services, ms", "ms.large.tick_with_a_new_minute"),
    Measure("scale", "all 50 services' overviews, s", "rare.overview_of_all_services_s"),
    Measure("scale", "a late day of one instance, s", "rare.late_day_s"),
    Measure(
        "viewers", "50 viewers of Overview, p95 over empty", "viewers.50.ratio.rerun_p95", most=3
    ),
    Measure("viewers", "the same, server CPU a re-run", "viewers.50.ratio.rerun_cpu", most=3),
    Measure("viewers", "the same, p95 of an open", "viewers.50.ratio.open_p95"),
    Measure("viewers", "100 viewers, p95 over empty", "viewers.100.ratio.rerun_p95"),
    Measure("viewers", "50 viewers of the worst page, p95 over empty", "worst.rerun_p95", most=3),
    Measure("viewers", "opens and re-runs that failed", "errors", most=0),
    Measure("viewers", "live pages: what failed, share", "live.failed_share", most=0.01),
    Measure("viewers", "live pages: server, share of a core", "live.busy_share_of_a_core"),
    Measure("sessions", "memory of a session, MB", "memory.a_session_mb"),
    Measure("sessions", "100 more after 100, memory", "memory.second_wave_over_first", most=1.05),
    Measure("sessions", "connections to the store for 100", "memory.connections", most=18),
    Measure(
        "sessions",
        "2,000 re-runs, the second thousand's memory",
        "growth.one.second_half",
        most=1.02,
    ),
    Measure("sessions", "the same, of 50 sessions", "growth.many.second_half", most=1.02),
    Measure(
        "sessions", "the same, 240 minutes of reports", "growth.minutes.second_half", most=1.05
    ),
)


def run(bench: Path) -> dict[str, Any] | None:
    """What a bench found; None if it failed, and then it has said why."""
    print(f"{bench.stem} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"tests.bench.{bench.stem}"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        return None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    """Run them all; 1 if a bench failed or a target is missed."""
    rows: list[tuple[str, ...]] = []
    failed: list[str] = []
    for bench in sorted(FOLDER.glob("bench_*.py")):
        name = bench.stem.removeprefix("bench_")
        found = run(bench)
        if found is None:
            failed.append(name)
            continue
        measures = [measure for measure in MEASURES if measure.bench == name]
        rows += [measure.row(found) for measure in measures]
        if not measures:
            rows.append((name, json.dumps(found), "", "", ""))
    print(text(("bench", "measure", "value", "target", ""), rows))
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed or any(row[-1] == "MISSED" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
