"""The charts: specifications that a browser can take, the report's own numbers, words for all."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from core.charts import false_reports as charts
from core.charts.chart import Chart
from core.charts.false_reports.after_release import SHAPES
from core.charts.tokens import DARK, LIGHT, Palette
from core.false_reports import FATES, FalseReportsReport, report
from core.false_reports.words import rate_words
from core.ports import Topic
from core.timeframe import Window
from tests.core.false_reports.test_report import AS_OF, PLAIN, seen, some
from tests.core.false_reports.test_sentences import after, released
from tests.fakes import SERVICE
from tests.fakes_false_reports import FakeFalseReportReader, at, reports, vote

SECRET = "только в письме"


def newest(found: FalseReportsReport, palette: Palette) -> Chart:
    return charts.after_release(found, found.after[0], palette)


DRAWN: dict[str, Callable[[FalseReportsReport, Palette], Chart]] = {
    "after_release": newest,
    "arrivals": charts.arrivals,
    "reviewers": charts.reviewers,
    "topics": charts.topics,
}


def full() -> FalseReportsReport:
    """A retrained model, topics with words, two reviewers; every letter holds SECRET."""
    rows = [
        row
        for place, group in enumerate(PLAIN[:6])
        for version, start, end in (("bert-3", at(0), at(20)), ("bert-4", at(20), at(32)))
        for row in reports(
            group, version, start, end, 20 + place, topic=1 + place % 2, text=SECRET,
            kind="false_positive" if place % 2 else "false_negative",
        )
    ]  # fmt: skip
    named = [Topic(1, ("заказ", "\u202eevil\x00"), at(9)), Topic(2, ("заказ", "evil"), at(9))]
    votes = [vote(1, PLAIN[0], decided_at=at(33)), vote(2, PLAIN[1], "unsure", "<b>Борис", at(33))]
    return after(released(rows=rows, named=named, votes=votes))


def column(made: Chart, name: str) -> list[object]:
    """A column of the first dataset that has it."""
    return list(next(data[name] for data in made.datasets.values() if name in data))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_plain_json_with_its_data_beside_it(name: str, palette: Palette):
    made = DRAWN[name](full(), palette)
    assert made.spec is not None
    written = json.dumps(made.spec, allow_nan=False)
    told = json.dumps(made.datasets, allow_nan=False, ensure_ascii=False)
    for dataset in made.datasets:
        assert f'"{dataset}"' in written
    assert made.alt
    assert SECRET not in told + written + made.alt + made.title
    assert "\u202e" not in told + made.alt + made.title


@pytest.mark.parametrize("name", sorted(set(DRAWN) - {"after_release"}))
def test_where_there_is_nothing_to_draw_words_say_so(name: str):
    made = DRAWN[name](seen(FakeFalseReportReader()), LIGHT)
    assert made.spec is None
    assert made.alt
    assert made.title


def test_a_release_of_which_nothing_can_be_told_is_a_sentence():
    made = newest(after(released(scores=[])), LIGHT)
    assert made.spec is None
    assert "nothing to compare" in made.alt


def test_each_group_stands_with_its_fate_by_shape_word_and_colour():
    found = after()
    made = newest(found, LIGHT)
    said, colours = column(made, "said"), column(made, "colour")
    said = next(list(data["said"]) for data in made.datasets.values() if "colour" in data)
    assert said[0].startswith("fixed · 31.2")
    assert said[2].startswith("recurring")
    assert said[3] == "fixed · 12.5 → 0"
    assert (colours[2], colours[3]) == (LIGHT.breached, LIGHT.on_target)
    shapes = json.dumps(made.spec)
    assert '"shape": "circle"' in shapes
    assert '"shape": "square"' in shapes
    assert set(SHAPES) == set(FATES)
    assert "fixed since bert-4" in made.title


def test_the_set_as_one_and_the_groups_outside_it_come_first_then_what_is_still_reported():
    made = newest(after(), LIGHT)
    labels = column(made, "label")
    assert labels[:2] == ["all 3 of newsletters-1", "one group outside the set"]
    assert labels[2:] == [f"group {group}" for group in (PLAIN[2], PLAIN[0], PLAIN[1])]


def test_a_release_without_a_set_shows_the_groups_that_were_known_before():
    found = after(released(runs=[], made=[]))
    labels = column(newest(found, LIGHT), "label")
    assert labels[0] == "four groups as one"
    assert set(labels[1:]) == {f"group {group}" for group in PLAIN[:4]}


def test_points_are_the_reports_rates():
    found = after()
    made, whole = newest(found, LIGHT), found.after[0].known
    values = [data["value"][0] for data in made.datasets.values() if "value" in data]
    drawn = {rate_words(float(value)) for value in values}
    expected = {rate_words(float(value)) for value in (*whole.before.value, *whole.after.value)}
    assert expected <= drawn


def test_arrivals_add_up_and_a_stale_end_is_a_gap_and_not_zero():
    rows = some()
    found = seen(FakeFalseReportReader(rows, beat_at=at(6)))
    made = charts.arrivals(found, LIGHT)
    assert sum(column(made, "count")) == len(rows)  # type: ignore[arg-type]
    assert [data for data in made.datasets.values() if set(data) == {"t", "t2"}]
    fresh = charts.arrivals(seen(FakeFalseReportReader(rows, beat_at=AS_OF)), LIGHT)
    assert not [data for data in fresh.datasets.values() if set(data) == {"t", "t2"}]


def test_releases_of_the_window_are_marked_and_others_are_not():
    made = charts.arrivals(after(), LIGHT)
    marks = [data["label"] for data in made.datasets.values() if set(data) == {"t", "label"}]
    assert marks[0] == ["bert-4 production"]
    short = report(released(), SERVICE, Window.parse("3d"), at(34))
    assert not [data for data in charts.arrivals(short, LIGHT).datasets.values() if "label" in data]


def test_topics_of_the_same_words_are_two_rows():
    made = charts.topics(full(), LIGHT)
    assert sorted(set(map(str, column(made, "row")))) == ["заказ, evil", "заказ, evil (2)"]


def test_a_window_of_an_hour_is_drawn_as_well():
    rows = reports(PLAIN[0], "bert-3", at(1), at(2), 24)
    reader = FakeFalseReportReader(rows, beat_at=at(3))
    found = report(reader, SERVICE, Window.parse("1h"), at(1, 5))
    assert sum(column(charts.arrivals(found, LIGHT), "count")) == 1  # type: ignore[arg-type]
