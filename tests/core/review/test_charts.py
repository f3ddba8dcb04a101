"""Which three charts matter: those of the criteria that need a look first."""

from dataclasses import replace
from datetime import datetime

from core.charts.reliability import burn_down
from core.charts.review import CHARTS, chosen
from core.charts.tokens import DARK, LIGHT
from core.overview import PRODUCT_METRICS, OverviewReport, ProductChange
from core.ports import ProductSeries
from core.status import Status, Verdict
from core.timeframe import Window
from tests.core.review.test_report import overview
from tests.fakes import BEGIN
from tests.fakes_review import DAY


def judged(*verdicts: tuple[str, Status, str], as_of: datetime = BEGIN) -> OverviewReport:
    """An overview whose criteria, by area and measure, stand as given."""
    found = overview(as_of)
    (known,) = found.goals.verdicts
    target = known.evidence[0].target
    made = [
        Verdict(
            f"{area} {measure}", f"{area} {measure}", area, status, "",
            (replace(known.evidence[0], target=replace(target, measure=measure)),),
            Window.parse("1h"), as_of, None,
        )
        for area, status, measure in verdicts
    ]  # fmt: skip
    return replace(found, goals=replace(found.goals, verdicts=tuple(made)))


def test_the_worst_criterion_brings_the_first_chart():
    found = judged(
        ("reliability", Status.ON_TARGET, "availability"),
        ("reliability", Status.BREACHED, "latency_sli"),
    )
    charts = chosen(found, LIGHT)
    assert [one.key for one in charts] == ["latency", "budget"]
    assert charts[0].why == "reliability latency_sli: breached"


def test_two_criteria_of_one_chart_show_it_once():
    found = judged(
        ("reliability", Status.AT_RISK, "availability"),
        ("reliability", Status.AT_RISK, "peak_rpm_within_slo"),
    )
    assert [one.key for one in chosen(found, LIGHT)] == ["budget"]


def test_areas_that_nobody_looked_at_bring_none():
    found = judged(("quality", Status.BREACHED, "precision"), ("lunch", Status.BREACHED, "x"))
    assert [one.key for one in chosen(found, LIGHT)] == ["budget"]


def test_a_service_that_measures_nothing_brings_no_empty_chart():
    found = overview(BEGIN + DAY)
    assert chosen(found, LIGHT) == ()
    budget = burn_down(found.reliability, LIGHT)
    assert budget.spec is None
    assert budget.alt == (
        "No row of metrics.serving_minute lies in the last hour: how much of an error budget is "
        "left, nobody knows."
    )


def test_the_metric_behind_the_goal_fills_up():
    found = judged(("reliability", Status.ON_TARGET, "latency_sli"))
    days = (BEGIN.date().replace(day=1),)
    series = [
        ProductSeries("complaints", days, (10.0,)),
        ProductSeries("letters", days, (1000.0,)),
    ]
    product = tuple(
        ProductChange(made, PRODUCT_METRICS[made.metric], None, None, None) for made in series
    )
    charts = chosen(replace(found, product=product), LIGHT)
    assert [one.key for one in charts] == ["latency", "budget", "product"]
    assert len(charts) == CHARTS


def test_both_themes_show_the_same_charts():
    found = judged(("reliability", Status.ON_TARGET, "latency_sli"))
    both = [[(one.key, one.chart.title) for one in chosen(found, theme)] for theme in (LIGHT, DARK)]
    assert both[0] == both[1]
