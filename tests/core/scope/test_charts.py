"""The matrix as a chart: a word in every cell, what people wrote in no tooltip."""

from __future__ import annotations

import json

import pytest

from core import scope
from core.charts.scope import DIRECTION, PICKED, STAGE, matrix
from core.charts.tokens import DARK, LIGHT, Palette
from core.ports.plan import PlanFrame
from tests.fakes_scope import AT, SERVICE, STAGES, MemoryScope, lecture, nothing


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_cell_says_in_a_word_what_it_holds(palette: Palette):
    reader = MemoryScope(lecture(), (nothing(STAGES[2], "Hardware", "Rented"),))
    chart = matrix(scope.report(reader, SERVICE, AT), palette)
    cells = chart.datasets["data0"]
    assert len(cells["label"]) == 15
    assert cells["label"][0] == "● 1 task"
    assert cells["more"][0] == "buy the machines"
    assert (cells["label"][10], cells["more"][10]) == ("○ nothing, on purpose", "Rented")
    assert list(cells["label"]).count("▲ gap") == 3
    assert "Launch: shadow run · 5 of 5" in cells["row"]
    assert "Product features · 1 of 3" in cells["column"]
    assert "11 of 15" in chart.title
    assert "Gaps: Operation: accidents, Product features" in chart.alt


def test_a_click_names_the_cell_and_what_people_wrote_is_in_no_tooltip():
    chart = matrix(scope.report(MemoryScope(lecture()), SERVICE, AT), LIGHT)
    written = json.dumps(chart.spec)
    assert chart.spec is not None
    assert "tooltip" not in written
    (pick,) = chart.spec["params"]
    assert pick["name"] == PICKED
    assert pick["select"]["fields"] == [STAGE, DIRECTION]


def test_the_open_cell_is_framed():
    found = scope.report(MemoryScope(lecture()), SERVICE, AT)
    chart = matrix(found, LIGHT, stage=STAGES[1], direction="Back-end")
    framed = list(chart.datasets.values())[-1]
    assert framed[STAGE] == [STAGES[1]]
    assert framed[DIRECTION] == ["Back-end"]


def test_a_matrix_of_12_by_5_has_a_row_for_each_stage():
    found = scope.report(MemoryScope(drawn=PlanFrame(SERVICE)), SERVICE, AT)
    chart = matrix(found, LIGHT)
    assert chart.spec is not None
    assert len(set(chart.datasets["data0"]["row"])) == 12
    assert chart.spec["height"] >= 12 * 40
