"""The strip of shifts: every shift a bar, nobody a bar of its own, the finding as its title."""

from __future__ import annotations

import json

import pytest

from core.charts.chart import Chart, stamp
from core.charts.oncall import NOBODY, strip
from core.charts.tokens import DARK, LIGHT
from core.oncall import on_duty
from core.oncall.report import SHOWN
from core.ports.oncall import Override, Rota
from tests.fakes import SERVICE
from tests.fakes_oncall import DAY, HANDOVER, HOUR, WEEK, MemoryOnCall, override, rota

NOW = HANDOVER + DAY


def drawn(made: Rota | None, *overrides: Override, dark: bool = False) -> Chart:
    reader = MemoryOnCall({} if made is None else {SERVICE: made}, {SERVICE: list(overrides)})
    return strip(on_duty(reader, SERVICE, NOW), NOW, DARK if dark else LIGHT)


def bars(chart: Chart) -> list[tuple[str, str]]:
    columns = chart.datasets["data0"]
    return list(zip(columns["who"], columns["kind"], strict=True))


@pytest.mark.parametrize("dark", [False, True])
def test_a_full_rota_is_one_bar_a_week_and_says_so(dark: bool):
    chart = drawn(rota("Анна", "Boris"), dark=dark)
    assert chart.title == "Somebody is on call in each of the next 8 weeks"
    assert bars(chart)[:2] == [("Анна", "by the rota"), ("Boris", "by the rota")]
    assert len(bars(chart)) == 9  # eight weeks from the middle of one
    columns = chart.datasets["data0"]
    assert (columns["t"][0], columns["t2"][-1]) == (stamp(NOW), stamp(NOW + SHOWN))
    assert "Анна until 8 Jun 2026 07:00 UTC, then Boris" in chart.alt
    assert json.dumps(chart.spec)


def test_who_stands_in_is_told_from_who_has_the_week():
    chart = drawn(rota("Анна", "Boris"), override("Вера", NOW + HOUR, NOW + DAY))
    assert ("Вера", "stands in") in bars(chart)


def test_weeks_of_nobody_are_bars_of_their_own():
    chart = drawn(rota("Анна", ""))
    assert chart.title == "Nobody is on call from 8 Jun 2026 07:00 UTC"
    assert (NOBODY, NOBODY) in bars(chart)


def test_a_week_of_nobody_behind_the_warnings_is_in_the_title_too():
    chart = drawn(rota("Анна", "Boris", "Вера", ""))
    assert chart.title == "Somebody is on call until 22 Jun 2026 07:00 UTC, then nobody"


def test_the_time_before_a_rota_begins_is_nobodys():
    chart = drawn(rota("Анна", starts_on=(HANDOVER + WEEK).date()))
    assert chart.title == "Nobody is on call now"
    assert bars(chart)[-1] == (NOBODY, NOBODY)


def test_without_a_rota_there_is_nothing_to_draw():
    chart = drawn(None)
    assert (chart.spec, chart.title) == (None, "newsletters has no rota")
