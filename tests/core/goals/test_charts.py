"""The chart of the way down: every metric with its number, and gaps that say so."""

from dataclasses import replace
from itertools import chain
from typing import Any

from core.charts.chart import Chart
from core.charts.criteria import COLUMNS, drill_down
from core.charts.tokens import DARK, LIGHT
from core.goals.drilldown import tree
from tests.core.goals.nodes import GOAL, LATENCY, LOAD, SPAM


def texts(chart: Chart) -> list[str]:
    """Everything that is written in a chart."""
    columns: list[Any] = [
        dataset.get(name, ()) for dataset in chart.datasets.values() for name in ("said", "below")
    ]
    return [str(one).replace("\n", " ") for one in chain(*columns)]


def test_every_metric_and_its_number_is_drawn():
    drawn = drill_down("Меньше жалоб", tree(GOAL, [SPAM, LATENCY], []), LIGHT)
    written = texts(drawn)
    for said in ("Меньше жалоб", SPAM.name, "at most −5 %", "Latency", "at most 20 ms"):
        assert said in written
    assert drawn.title == "Every metric below the goal has its number"
    assert "Below it Latency: at most 20 ms." in drawn.alt
    assert len(COLUMNS) == 5


def test_a_gap_is_told_by_a_word_and_a_sign_and_in_the_alternative_text():
    drawn = drill_down("Goal", tree(GOAL, [SPAM, LOAD], []), DARK)
    assert {"▲ gap", "no number"} <= set(texts(drawn))
    assert "“Load” has no number: nobody said what is OK." in drawn.alt


def test_a_goal_with_nothing_below_is_drawn_with_its_gap():
    drawn = drill_down("Goal", tree(GOAL, [], []), LIGHT)
    assert "no product metric" in texts(drawn)


def test_a_long_name_is_cut_and_is_whole_in_the_alternative_text():
    long = replace(SPAM, name="очень длинное название " * 8)
    drawn = drill_down("Goal", tree(GOAL, [long], []), LIGHT)
    assert any(said.endswith("…") for said in texts(drawn))
    assert long.name in drawn.alt
