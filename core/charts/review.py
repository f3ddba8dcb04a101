"""The three charts that a review shows.

The rule: the criteria are taken worst first (breached, at risk, undecided, on target; among equals
in the goal's order), and each brings the chart of what it measures. The first three that have
something to draw are shown. Where criteria bring fewer, the error budget and then the product
metric behind the goal fill up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.charts import experiment, overview, quality, reliability
from core.charts.chart import Chart
from core.charts.false_reports import training
from core.charts.tokens import Palette
from core.overview import OverviewReport
from core.status import Status, Verdict

#: How many charts matter.
CHARTS = 3
_URGENT = (
    Status.BREACHED,
    Status.AT_RISK,
    Status.UNDECIDED,
    Status.NO_DATA,
    Status.ON_TARGET,
    Status.NOT_DUE,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chart that matters, and why."""

    key: str
    why: str
    chart: Chart


def chosen(found: OverviewReport, palette: Palette) -> tuple[Chosen, ...]:
    """The charts that matter most, at most three; none twice, and none that is empty."""
    shown: dict[str, Chosen] = {}
    for key, why, draw in _offered(found, palette):
        if key in shown:
            continue
        chart = draw()
        if chart.spec is not None:
            shown[key] = Chosen(key, why, chart)
        if len(shown) == CHARTS:
            break
    return tuple(shown.values())


_Draw = Callable[[], Chart]


def _offered(found: OverviewReport, palette: Palette) -> Iterator[tuple[str, str, _Draw]]:
    verdicts = sorted(found.goals.verdicts, key=lambda one: _URGENT.index(one.status))
    for verdict in verdicts:
        picked = _of(verdict, found, palette)
        if picked is not None:
            yield picked[0], f"{verdict.name}: {verdict.status.word}", picked[1]
    yield "budget", "the error budget", lambda: reliability.burn_down(found.reliability, palette)
    yield "product", "the metric behind the goal", lambda: overview.complaints(found, palette)


def _of(verdict: Verdict, found: OverviewReport, palette: Palette) -> tuple[str, _Draw] | None:
    """The chart of what a criterion measures; None where its area was not looked at."""
    measures = {part.target.measure for part in verdict.evidence}
    if verdict.area == "reliability" and found.reliability.state == "ok":
        if "latency_sli" in measures:
            return "latency", lambda: reliability.percentiles(found.reliability, palette)
        return "budget", lambda: reliability.burn_down(found.reliability, palette)
    measured = found.quality
    if verdict.area == "quality" and measured is not None and measured.labels.count:
        return "quality", lambda: quality.trend(measured, "precision", palette)
    tested = found.experiment
    if verdict.area == "experiment" and tested is not None and tested.days:
        return "experiment", lambda: experiment.lift(tested, palette)
    trained = found.training
    if verdict.area == "training" and trained is not None and trained.models:
        return "training", lambda: training.letters(trained, palette)
    return None
