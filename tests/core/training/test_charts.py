"""The chart of letters by run, and the card's line."""

import pytest

from core.charts.chart import Chart, stamp
from core.charts.false_reports import training as charts
from core.charts.tokens import DARK, LIGHT, Palette
from core.training import Settings, sentences
from tests.fakes_training import MILLION, on, run, seen

ROWS = (
    run(10, 5),
    run(30, 12),
    run(40, 3.4, "failed", anonymised=20),
    run(60, 31),
    run(81, 7, "running", anonymised=60),
)


def columns(chart: Chart, *keys: str) -> list[tuple[object, ...]]:
    """Rows of every dataset that has some keys."""
    return [
        row
        for data in chart.datasets.values()
        if set(keys) <= set(data)
        for row in zip(*(data[key] for key in keys), strict=True)
    ]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_its_title_is_the_finding_and_every_run_is_in_it(palette: Palette):
    found = seen(ROWS, 90)
    chart = charts.letters(found, palette)
    assert chart.title == sentences.headline(found)
    assert chart.spec is not None
    told = set(columns(chart, "run", "status"))
    assert told == {
        ("run-10", "succeeded"),
        ("run-30", "succeeded"),
        ("run-40", "failed"),
        ("run-60", "succeeded"),
        ("run-81", "running"),
    }
    assert "3 succeeded, 1 failed, 1 under way" in chart.alt
    assert "10M by 31 March 2026 and 100M by 30 June 2026" in chart.alt


def test_both_targets_are_drawn_and_named():
    levels = columns(charts.letters(seen(ROWS, 90), LIGHT), "target", "label")
    assert levels == [
        (10 * MILLION, "target 10M, due 31 March 2026"),
        (100 * MILLION, "target 100M, due 30 June 2026"),
    ]


def test_the_axis_is_logarithmic_and_holds_everything():
    chart = charts.letters(seen(ROWS, 90), LIGHT)
    assert chart.spec is not None
    scales = [
        layer["encoding"]["y"]["scale"]
        for layer in chart.spec["layer"]
        if "scale" in layer.get("encoding", {}).get("y", {})
    ]
    assert {scale["type"] for scale in scales} == {"log"}
    low, high = scales[0]["domain"]
    drawn = [value for (value,) in columns(chart, "letters")]
    assert all(low <= value <= high for value in drawn)
    assert low < 3.4 * MILLION
    assert high > 100 * MILLION


def test_the_present_pace_leads_to_the_last_target():
    chart = charts.letters(seen(ROWS, 90), LIGHT)
    pieces = [data for data in chart.datasets.values() if set(data) == {"t", "letters"}]
    assert len(pieces) == 1
    assert pieces[0]["letters"][0] == 31 * MILLION
    assert pieces[0]["t"][0] == stamp(on(60))
    assert pieces[0]["letters"][-1] <= 100 * MILLION
    assert list(pieces[0]["letters"]) == sorted(pieces[0]["letters"])


def test_a_run_that_trained_on_nothing_stands_on_the_axis():
    chart = charts.letters(seen([run(10, 5), run(20, 0, "failed", anonymised=5)], 30), LIGHT)
    placed = dict(columns(chart, "run", "letters"))
    assert 0 < placed["run-20"] < placed["run-10"]


@pytest.mark.parametrize(
    ("rows", "settings"),
    [
        ([run(10, 5)], None),
        ([run(10, 0, "failed")], Settings()),
        ([run(10, 5, "running")], None),
        ([run(10, 0.0023)], Settings()),
        ([run(10, 10), run(20, 10.0001)], None),
        ([run(10, 200)], None),
    ],
    ids=["one", "nothing at all", "running", "small", "out of sight", "reached"],
)
def test_it_is_drawn_whatever_there_is(rows, settings: Settings | None):
    for day in (10, 20.5, 400):
        assert charts.letters(seen(rows, day, settings), LIGHT).spec is not None


def test_without_runs_it_says_so():
    chart = charts.letters(seen([], 10), LIGHT)
    assert (chart.spec, chart.title) == (None, "No training run is known")
    assert "metrics.training_run" in chart.alt


def test_the_cards_line_goes_through_succeeded_runs():
    chart = charts.spark(seen(ROWS, 90), LIGHT)
    assert [value for _, value in columns(chart, "i", "v")[:3]] == [
        5 * MILLION,
        12 * MILLION,
        31 * MILLION,
    ]
    assert chart.alt == "letters trained on by succeeded run, newest 31M"
