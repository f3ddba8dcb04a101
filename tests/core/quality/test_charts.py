"""The charts: specifications that a browser can take, and words for who cannot see them."""

import json
from collections.abc import Callable

import pytest

from core.charts import quality as charts
from core.charts.chart import Chart
from core.charts.tokens import DARK, LIGHT, Palette
from core.quality import QualityReport
from tests.core.quality.worlds import labelled, measured, released, scored

DRAWN: dict[str, Callable[[QualityReport, Palette], Chart]] = {
    "precision": lambda found, palette: charts.trend(found, "precision", palette),
    "recall": lambda found, palette: charts.trend(found, "recall", palette),
    "curve": charts.curve,
    "explored": lambda found, palette: charts.curve(found, palette, 0.9),
    "histogram": charts.histogram,
    "coverage": charts.coverage,
    "confusion": charts.confusion,
    "spark": lambda found, palette: charts.spark(found, "precision", palette),
}


@pytest.fixture(scope="module")
def found() -> QualityReport:
    return measured(scored(), labelled(), deployed=[released(10, threshold=0.9)])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_plain_json_with_its_data_beside_it(
    found: QualityReport, name: str, palette: Palette
):
    made = DRAWN[name](found, palette)
    assert made.spec is not None
    written = json.dumps(made.spec, allow_nan=False)
    json.dumps(made.datasets, allow_nan=False)
    for dataset in made.datasets:
        assert f'"{dataset}"' in written
    assert made.alt


@pytest.mark.parametrize("name", DRAWN)
def test_without_labels_a_chart_says_so_or_draws_what_there_is(name: str):
    made = DRAWN[name](measured(scored()), LIGHT)
    assert made.alt
    assert (made.spec is not None) == (name in {"histogram", "spark"})


def test_the_trend_draws_days_that_wait_for_labels_faintly(found: QualityReport):
    made = charts.trend(found, "precision", LIGHT)
    (rows,) = [data for data in made.datasets.values() if "faint" in data]
    mature = [day.mature for day in found.days if day.quality.labels]
    assert [shown == 1.0 for shown in rows["shown"]] == mature


def test_the_points_of_the_curve_are_named(found: QualityReport):
    made = charts.curve(found, LIGHT, 0.9)
    names = {data["label"][0] for data in made.datasets.values() if "left" in data}
    assert names == {"operating", "certified", "at 0.9"}


def test_a_day_that_the_window_cuts_is_drawn_inside_of_the_window(found: QualityReport):
    made = charts.trend(found, "precision", LIGHT)
    (rows,) = [data for data in made.datasets.values() if "faint" in data]
    start, end = (moment.timestamp() * 1000 for moment in (found.span.start, found.span.end))
    assert all(start < t < end for t in rows["t"])
