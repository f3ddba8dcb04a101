"""The charts of milestones: plan against baseline, slips in days, the critical path, burn-up."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.charts.chart import Chart
from core.charts.milestones import (
    MOST,
    PICKED,
    against_plan,
    burn_up,
    burn_up_title,
    gantt,
    gantt_title,
    outlook,
    outlook_title,
)
from core.charts.milestones.bars import HEADING
from core.charts.milestones.day_lines import DASHED, DayLine, rows_of
from core.charts.milestones.days import moment, noon_of, stamp_of
from core.charts.milestones.gantt import CRITICAL
from core.charts.tokens import DARK, LIGHT, Palette
from core.milestones.burn_up import BurnUp, Step
from core.milestones.forecast import Dates, MilestoneForecast
from core.milestones.states import TaskState, TaskView
from core.ports.plan import BaselineTask, Task
from tests.fakes_scope import TODAY, day, task

DUES = {"Q1": day(26)}


def frozen(one: Task, ends: int) -> BaselineTask:
    return BaselineTask(one.task_id, one.title, "Q1", one.ideal_days, day(1), day(ends))


def view(number: int, state: TaskState = TaskState.PLANNED, **more: Any) -> TaskView:
    about = {key: more.pop(key) for key in ("baseline", "slip_days", "critical") if key in more}
    return TaskView(task(number, **more), state, (), **about)


def drawn(*views: TaskView, palette: Palette = LIGHT, chosen: int | None = None) -> Chart:
    return gantt(views, DUES, TODAY, palette, title="Two tasks are late", chosen=chosen)


def rows_with(chart: Chart, key: str) -> list[dict[str, Any]]:
    """The rows of the first dataset that has a column."""
    found = next(columns for columns in chart.datasets.values() if key in columns)
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


def rows_with_all(chart: Chart, key: str) -> list[dict[str, Any]]:
    """The rows of every dataset that has a column."""
    return [
        dict(zip(columns, row, strict=True))
        for columns in chart.datasets.values()
        if key in columns
        for row in zip(*columns.values(), strict=True)
    ]


def labels(chart: Chart) -> list[str]:
    return [str(one) for data in chart.datasets.values() for one in data.get("label", ())]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_late_task_says_by_how_many_days_and_its_baseline_is_under_it(palette: Palette):
    late = task(1, planned_start=day(1), planned_end=day(9))
    one = TaskView(late, TaskState.LATE, (), frozen(late, 5), slip_days=4, critical=True)
    chart = drawn(one, palette=palette)
    (bar,) = rows_with(chart, "state")
    assert (bar["state"], bar["said"]) == ("late", "4 days late")
    assert (bar["t"], bar["t2"]) == (stamp_of(day(1)), stamp_of(day(10)))
    baseline = chart.datasets["data0"]
    assert baseline["t2"] == [stamp_of(day(6))]
    assert f"{CRITICAL}4 days late" in labels(chart)
    assert {"today", "Q1 due"} <= set(labels(chart))
    assert "Late: Task 1 (4 days late)." in chart.alt


def test_tasks_stand_under_their_direction_and_two_of_a_name_are_told_apart():
    chart = drawn(
        view(1, title="Buy"),
        view(2, title="Train", direction="ML / Logics"),
        view(3, title="Buy"),
    )
    assert chart.spec is not None
    domains = [
        layer["encoding"]["y"]["scale"]["domain"]
        for layer in chart.spec["layer"]
        if "domain" in layer["encoding"].get("y", {}).get("scale", {})
    ]
    assert domains[0] == [f"{HEADING}Hardware", "Buy", "Buy (#3)", f"{HEADING}ML / Logics", "Train"]


def test_what_was_done_ends_when_it_was_done_and_is_early_or_late_by_its_baseline():
    one = task(1, planned_start=day(1), planned_end=day(9), done_on=day(3))
    chart = drawn(TaskView(one, TaskState.DONE, (), frozen(one, 5), slip_days=-2))
    (bar,) = rows_with(chart, "state")
    assert bar["t2"] == stamp_of(day(4))
    assert "2 days early" in labels(chart)


def test_without_dates_there_is_nothing_to_draw_and_that_is_said():
    chart = drawn(view(1, TaskState.UNPLANNED, planned_start=None, planned_end=None))
    assert chart.spec is None
    assert chart.alt == "There is no task with dates to draw."


def test_words_beside_a_bar_stand_behind_a_line_that_would_cross_them():
    yesterday = TODAY - timedelta(days=1)
    long_ago = TODAY - timedelta(days=90)
    at = [
        row["t"]
        for ended in (yesterday, long_ago)
        for row in rows_with_all(
            drawn(view(1, TaskState.DONE, done_on=ended, slip_days=3)), "label"
        )
        if row["label"] == "3 days late"
    ]
    assert at == [noon_of(TODAY), stamp_of(long_ago + timedelta(days=1))]


def test_names_of_days_that_lie_close_together_stand_below_each_other():
    span = (moment(day(1)), moment(day(29)))
    lines = [
        DayLine(stamp_of(day(number)), name, DASHED)
        for number, name in ((2, "due 2 Jun"), (4, "P50 4 Jun"), (20, "P85 20 Jun"))
    ]
    assert rows_of(lines, span, 380) == [0, 1, 0]
    assert rows_of(lines, span, 4_000) == [0, 0, 0]


def test_what_is_read_is_drawn_over_the_lines_of_days():
    ends = [TODAY + timedelta(days=number % 20) for number in range(1_000)]
    found = BurnUp((Step(day(2), Decimal(10)),), (), (Step(day(3), Decimal(8)),))
    for chart in (
        drawn(view(1, slip_days=3)),
        outlook(ends, day(10), day(18), day(15), LIGHT, title=""),
        burn_up(found, day(9), day(10), LIGHT, title=""),
    ):
        assert chart.spec is not None
        kinds = [layer["mark"]["type"] for layer in chart.spec["layer"]]
        last_rule = max(at for at, kind in enumerate(kinds) if kind == "rule")
        assert last_rule < kinds.index("text")


def test_dependencies_are_drawn_for_the_chosen_task_alone():
    views = (view(1), view(2, depends_on=(1,)), view(3, depends_on=(1,)), view(4, depends_on=(2,)))
    assert "pair" not in json.dumps(list(drawn(*views).datasets.values()))
    pairs = rows_with(drawn(*views, chosen=2), "pair")
    assert {row["row"] for row in pairs} == {"Task 1", "Task 2", "Task 4"}
    assert len({row["pair"] for row in pairs}) == 2


def test_a_click_on_a_bar_names_the_task_and_titles_are_in_no_tooltip():
    chart = drawn(view(1, title="<b>Buy</b>"))
    assert chart.spec is not None
    (pick,) = chart.spec["params"]
    assert (pick["name"], pick["select"]["fields"]) == (PICKED, [PICKED])
    tooltips = json.dumps([layer["encoding"].get("tooltip", []) for layer in chart.spec["layer"]])
    assert '"row"' not in tooltips
    assert '"title"' in tooltips


def test_of_more_tasks_than_a_reader_can_compare_the_open_ones_that_end_first_are_drawn():
    done = [
        view(1000 + number, TaskState.DONE, done_on=TODAY - timedelta(days=number))
        for number in range(40)
    ]
    later = [view(number, planned_end=TODAY + timedelta(days=number)) for number in range(MOST - 2)]
    chart = drawn(*done, *reversed(later))
    drawn_ids = {row[PICKED] for row in rows_with(chart, "state")}
    assert drawn_ids == {*range(MOST - 2), 1000, 1001}


def test_a_click_on_a_baseline_a_frame_or_a_word_names_its_task_too():
    late = task(1, planned_start=day(1), planned_end=day(9))
    chart = drawn(TaskView(late, TaskState.LATE, (), frozen(late, 5), slip_days=4, critical=True))
    of_tasks = [data for data in chart.datasets.values() if "row" in data]
    assert len(of_tasks) == 4
    assert all(data[PICKED] == [1] for data in of_tasks)


def test_the_burn_up_has_a_line_for_the_scope_and_one_for_what_is_done():
    found = BurnUp(
        scope=(Step(day(2), Decimal(10)), Step(day(5), Decimal(14))),
        done=(Step(day(4), Decimal(4)),),
        planned=(Step(day(3), Decimal(8)), Step(day(20), Decimal(14))),
    )
    chart = burn_up(found, day(9), day(26), LIGHT, title="4 of 14 ideal days are done")
    lines = {data["name"][0]: data for data in chart.datasets.values() if "name" in data}
    assert lines["scope"]["days"] == [10, 14, 14]
    assert lines["done"]["days"] == [0, 4, 4]
    assert lines["done"]["t"][-1] == stamp_of(day(9))
    assert lines["planned"]["t"][-1] == stamp_of(day(20))
    assert {"scope 14", "done 4", "planned 14", "due", "today"} <= set(labels(chart))
    assert "planned 14, scope 14, done 4" in chart.alt
    assert burn_up(BurnUp((), (), ()), TODAY, None, LIGHT, title="").spec is None


def test_before_anything_is_done_the_line_of_what_is_done_stands_at_zero():
    found = BurnUp((Step(day(1), Decimal(3)),), (), ())
    chart = burn_up(found, day(9), None, LIGHT, title="")
    lines = {data["name"][0]: data for data in chart.datasets.values() if "name" in data}
    assert lines["done"]["days"] == [0, 0]
    assert lines["scope"]["days"] == [3, 3]


def test_the_outlook_names_p50_p85_and_the_due_date_and_marks_what_ends_after_it():
    ends = [TODAY + timedelta(days=number % 20) for number in range(1_000)]
    chart = outlook(ends, day(10), day(18), day(15), LIGHT, title="Late as likely as not")
    assert {"P50 10 Jun", "P85 18 Jun", "due 15 Jun"} <= set(labels(chart))
    bars = rows_with(chart, "share")
    assert sum(bar["share"] for bar in bars) == pytest.approx(100)
    late = [bar for bar in bars if bar["late"]]
    assert min(bar["t"] for bar in late) == stamp_of(day(16))
    assert "half end by 2026-06-10, 85 % by 2026-06-18" in chart.alt


def test_a_long_tail_does_not_squeeze_the_rest_of_the_outlook():
    ends = [TODAY] * 500 + [TODAY + timedelta(days=10)] * 495 + [TODAY + timedelta(days=900)] * 5
    chart = outlook(ends, TODAY, day(11), None, LIGHT, title="")
    assert max(bar["t2"] for bar in rows_with(chart, "share")) < stamp_of(day(30))


def test_the_title_of_the_gantt_says_what_is_late_or_will_be():
    late = [view(1, TaskState.LATE, slip_days=4), view(2, TaskState.LATE, slip_days=1)]
    assert gantt_title(late) == "Two tasks are late, the worst by 4 days"
    assert gantt_title([view(1, TaskState.LATE)]) == "One task is late"
    ahead = view(1, slip_days=3)
    done = view(2, TaskState.DONE, slip_days=9)
    assert gantt_title([ahead, done]) == (
        "No task is late; one open task slips, the most by 3 days"
    )
    assert gantt_title([done]) == "No task is late"
    assert gantt_title([]) == "No task is planned yet"


def test_beside_a_bar_stands_what_its_baseline_makes_of_it():
    assert against_plan(view(1, TaskState.DONE, slip_days=0)) == "on time"
    assert against_plan(view(1, TaskState.DONE, slip_days=1)) == "1 day late"
    assert against_plan(view(1, slip_days=9)) == "slips 9 days"
    assert against_plan(view(1, slip_days=-2)) == "2 days earlier"
    assert against_plan(view(1, TaskState.LATE)) == "late"
    assert against_plan(view(1)) == ""


def test_the_title_of_the_burn_up_says_how_the_scope_moved():
    steps = (Step(day(1), Decimal(10)), Step(day(5), Decimal("12.5")))
    done = (Step(day(4), Decimal(4)),)
    assert burn_up_title(BurnUp(steps, done, ())) == (
        "4 of 12.5 ideal days are done; the scope grew by 2.5"
    )
    assert burn_up_title(BurnUp(steps[::-1], (), ())) == (
        "0 of 10 ideal days are done; the scope shrank by 2.5"
    )
    assert burn_up_title(BurnUp((), (), ())) == "No work is planned yet"


def test_the_title_of_the_outlook_says_both_dates_and_the_chance_cut_down():
    dates = Dates(day(10), day(18))
    assert outlook_title(MilestoneForecast(dates, 0.319)) == (
        "As likely as not by 10 June, at 85 % by 18 June 2026; in time in 31 % of simulations"
    )
    assert outlook_title(MilestoneForecast(dates, None)) == (
        "As likely as not by 10 June, at 85 % by 18 June 2026"
    )
    turned = Dates(day(10), day(10) + timedelta(days=365))
    assert outlook_title(MilestoneForecast(turned, None)) == (
        "As likely as not by 10 June 2026, at 85 % by 10 June 2027"
    )


def test_marks_of_different_years_say_their_years():
    chart = outlook([TODAY], day(10), day(10) + timedelta(days=365), None, LIGHT, title="")
    assert {"P50 10 Jun 2026", "P85 10 Jun 2027"} <= set(labels(chart))


def test_a_long_name_of_a_milestone_leaves_room_for_the_bars():
    chart = gantt([view(1)], {"Q" * 200: day(26)}, TODAY, LIGHT, title="")
    assert "Q" * 23 + "… due" in labels(chart)
