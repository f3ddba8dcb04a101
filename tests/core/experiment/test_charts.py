"""The charts: specifications that a browser can take, the report's own numbers, words for all."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts import experiment as charts
from core.charts.chart import Chart
from core.charts.names import spread
from core.charts.tokens import DARK, LIGHT, Palette
from core.experiment import ExperimentReport, report
from tests.core.experiment.test_robustness import readers
from tests.core.seeded import seeded_few
from tests.fakes import SERVICE
from tests.fakes_experiment import FakeExperimentReader, World, defined, on_day, without

DRAWN: dict[str, Callable[[ExperimentReport, Palette], Chart]] = {
    name: getattr(charts, name) for name in charts.__all__
}
WORLD = World(lifts={"treatment": -0.07})


@cache
def seen(number: int = 20, arms: tuple[str, ...] = ("control", "treatment")) -> ExperimentReport:
    world = World(arms=arms, lifts=dict.fromkeys(arms[1:], -0.07))
    rows = world.rows(number - 1)
    for value, users in (("1", 9_000), ("2", 900)):
        part = World(seed=2, arms=arms, users=users, lifts=dict.fromkeys(arms[1:], -0.07))
        rows += part.rows(number - 1, dimension="exposure_week", value=value)
        rows += part.rows(number - 1, dimension="platform", value=f"p{value}")
    return report(FakeExperimentReader(rows), SERVICE, on_day(number))


def without_complaints() -> ExperimentReport:
    rows = World(complaints=0.0).rows(9)
    return report(FakeExperimentReader(rows), SERVICE, on_day(10))


def column(made: Chart, name: str) -> list[object]:
    """A column of the first dataset that has it."""
    return list(next(data[name] for data in made.datasets.values() if name in data))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_plain_json_with_its_data_beside_it(name: str, palette: Palette):
    made = DRAWN[name](seen(), palette)
    assert made.spec is not None
    written = json.dumps(made.spec, allow_nan=False)
    json.dumps(made.datasets, allow_nan=False)
    for dataset in made.datasets:
        assert f'"{dataset}"' in written
    assert made.alt


@pytest.mark.parametrize("name", DRAWN)
def test_what_cannot_be_computed_is_a_sentence_and_the_rest_is_drawn(name: str):
    made = DRAWN[name](without_complaints(), LIGHT)
    assert made.alt
    assert (made.spec is not None) == (name in {"denominators", "guardrails", "split", "spark"})


def test_the_lift_is_drawn_as_the_report_has_it_and_the_band_begins_where_it_is_tuned():
    found = seen()
    made, daily = charts.lift(found, LIGHT), found.main.daily
    for field, values in (
        ("lift", daily.lift),
        ("fixed_low", daily.fixed_low),
        ("always_high", daily.always_high),
        ("deciding_low", daily.deciding_low),
    ):
        drawn = column(made, field)
        expected = [
            pytest.approx(value * 100, abs=1e-5) if np.isfinite(value) else None for value in values
        ]
        assert drawn == expected
    assert column(made, "always_low").count(None) == 6


def test_lines_are_named_with_the_confidence_that_they_have():
    def names(made: Chart) -> set[str]:
        return {str(data["label"][0]) for data in made.datasets.values() if "place" in data}

    assert names(charts.lift(seen(), LIGHT)) >= {
        "ordinary, 95 %",
        "always valid, 95 %",
        "decides, 99 %",
    }
    three = names(charts.lift(seen(arms=("control", "big", "small")), LIGHT))
    assert three >= {"ordinary, 97.5 %", "always valid, 97.5 %", "decides, 99.5 %"}


def test_a_missing_day_is_a_gap_in_every_series():
    rows = without(WORLD.rows(19), days=[12])
    found = report(FakeExperimentReader(rows), SERVICE, on_day(20))
    for make, field in ((charts.lift, "lift"), (charts.split, "value")):
        drawn = column(make(found, LIGHT), field)
        assert [at + 1 for at, value in enumerate(drawn) if value is None] == [12]


def test_days_that_the_plan_names_are_marked():
    found = report(
        FakeExperimentReader(WORLD.rows(19), [defined(minimum_days=10, planned_days=21)]),
        SERVICE,
        on_day(20),
    )
    made = charts.lift(found, LIGHT)
    marks = [data["label"] for data in made.datasets.values() if set(data) == {"t", "label"}]
    assert ["minimum: day 10", "planned end: day 21"] in marks


def test_one_treatment_is_drawn_as_its_share_and_several_as_their_distance_from_the_plan():
    one, several = seen(), seen(arms=("control", "big", "small"))
    share = float(one.split.daily_shares[-1, 1])
    assert column(charts.split(one, LIGHT), "value")[-1] == pytest.approx(share * 100)
    made = charts.split(several, LIGHT)
    off = {
        str(data["name"][0]): data["value"][-1] for data in made.datasets.values() if "p" in data
    }
    for at, name in enumerate(several.split.variants[1:], 1):
        distance = float(several.split.daily_shares[-1, at] - several.split.planned[at])
        assert off[name] == pytest.approx(distance * 100)


def test_each_guardrail_stands_with_its_margin_and_its_state():
    found = seen()
    made = charts.guardrails(found, LIGHT)
    margins = next(
        data for data in made.datasets.values() if set(data) == {"x", "y", "y2", "label"}
    )
    assert margins["label"] == [f"{100 * one.rule.margin:g} %" for one in found.main.guardrails]
    words = next(data for data in made.datasets.values() if "label" in data and "said" in data)
    assert [str(said).split(" · ")[1] for said in words["said"]] == [
        one.state for one in found.main.guardrails
    ]


def test_an_interval_that_dwarfs_the_others_is_cut_and_told_by_arrows():
    made = charts.weeks(seen(), LIGHT)
    assert not [data for data in made.datasets.values() if "edge" in data]
    rows = WORLD.rows(19)
    for value, users in (("1", 40_000), ("2", 40_000), ("3", 100)):
        part = World(seed=3, users=users)
        rows += part.rows(19, dimension="exposure_week", value=value)
    found = report(FakeExperimentReader(rows), SERVICE, on_day(20))
    cut = [data for data in charts.weeks(found, LIGHT).datasets.values() if "edge" in data]
    assert {data["name"][0] for data in cut} == {"week 3 of exposure"}


def test_names_are_pushed_apart_around_where_they_belong():
    assert spread([1.0, 1.0, 1.0], 1.0) == [0.0, 1.0, 2.0]
    assert spread([5.0, 1.0], 1.0) == [5.0, 1.0]
    placed = spread([0.0, 0.1, 0.2, 5.0, 5.1], 0.5)
    apart = [after - before for before, after in pairwise(placed)]
    assert min(apart) >= 0.5 - 1e-12


@seeded_few
@given(reader=readers(), number=st.integers(0, 40))
def test_whatever_rows_come_every_chart_is_drawn_or_says_why_not(
    reader: FakeExperimentReader, number: int
):
    found = report(reader, SERVICE, on_day(number))
    for make in DRAWN.values():
        made = make(found, LIGHT)
        json.dumps(made.datasets, allow_nan=False)
        json.dumps(made.spec, allow_nan=False)
        assert made.alt
