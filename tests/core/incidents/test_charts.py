"""The chart of an incident: in lanes, and nothing that people wrote in its tooltips."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core import incidents
from core.charts.chart import Chart, stamp
from core.charts.incidents import LANES, timeline
from core.charts.tokens import DARK, LIGHT
from core.ports import Release, Transition
from core.ports.incidents import Incident, Note
from core.timeframe import Window
from tests.fakes import SERVICE
from tests.fakes_oncall import DAY, HANDOVER, HOUR, MINUTE, MemoryIncidents, incident, linked

NOW = HANDOVER + DAY


def drawn(known: Incident, *, dark: bool = False, **more: Any) -> Chart:
    reader = MemoryIncidents((known,), **more)
    made = incidents.report(reader, SERVICE, Window.parse("7d"), NOW)
    (view,) = (*made.incidents, *made.rehearsed)
    return timeline(view, NOW, DARK if dark else LIGHT)


@pytest.mark.parametrize("dark", [False, True])
def test_what_happened_is_in_lanes_and_the_bar_is_the_time_in_which_it_hurt(dark: bool):
    held = incident(1, recovered_at=HANDOVER + HOUR, detected_at=HANDOVER + MINUTE)
    moved = Transition(7, HANDOVER + MINUTE, "", "firing", "It <b>burns</b>.")
    released = Release("d", HANDOVER - HOUR, "bert-4", "dc2", "production", None, "<b>4</b>")
    note = Note(1, 1, HANDOVER + 2 * MINUTE, "Анна", "we <b>wait</b>")
    chart = drawn(
        held, dark=dark, links=(linked(7),), moves=(moved,), said=(note,), released=(released,)
    )
    assert chart.title == "Noticed after 1 minute, recovered after 60 minutes"
    bar, points = chart.datasets["data0"], chart.datasets["data1"]
    assert (bar["t"], bar["t2"]) == ([stamp(HANDOVER)], [stamp(HANDOVER + HOUR)])
    assert set(points["lane"]) == set(LANES)
    assert "<b>" not in json.dumps([chart.spec, chart.datasets], default=str)
    assert "Release of bert-4 in dc2" in chart.alt


def test_what_has_not_recovered_lasts_until_now():
    chart = drawn(incident(1))
    assert chart.title == "Nobody says when it was noticed, not recovered after 24 hours"
    assert chart.datasets["data0"]["t2"] == [stamp(NOW)]


def test_a_drill_is_not_drawn_as_a_real_one():
    def colour(known: Incident) -> str:
        spec = drawn(known).spec
        assert spec is not None
        return str(spec["layer"][0]["mark"]["color"])

    assert colour(incident(1, drill_id=3)) == LIGHT.no_data
    assert colour(incident(1)) == LIGHT.breached
