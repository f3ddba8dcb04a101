"""Red lines: a day or a measure; what is missing or stale is unknown, and never "not crossed"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.ports.risks import RedLine
from core.risks import AreaEvidence, LineState, criteria_evidence, watched
from core.risks.lines import view_of
from core.risks.measures import measure
from core.status import Estimate, Evidence, Status, Verdict
from core.timeframe import Window
from tests.core.test_criteria import target
from tests.fakes_risks import LINE, NOON, TODAY, evidence_of, risk


def held(line: RedLine, values: Mapping[str, Any] | None = None, **changed: Any) -> Any:
    return view_of(line, TODAY, evidence_of(values, **changed))


@pytest.mark.parametrize(
    ("day", "state", "live"),
    [
        (date(2026, 5, 31), LineState.CROSSED, "1 day over"),
        (date(2026, 6, 1), LineState.HOLDS, "today"),
        (date(2026, 6, 2), LineState.HOLDS, "1 day left"),
        (date(2026, 7, 1), LineState.HOLDS, "30 days left"),
    ],
)
def test_a_day_is_crossed_on_the_day_after_it(day: date, state: LineState, live: str):
    found = held(RedLine(day))
    assert (found.state, found.live, found.value) == (state, live, None)


def test_a_measure_is_shown_live_with_its_unit():
    found = held(LINE)
    assert found.state is LineState.HOLDS
    assert found.live == "18.5 ms"
    assert found.sentence == (
        "reliability.percentiles.p99.9 > 20 ms over 30 days: not crossed, it is 18.5 ms"
    )


@pytest.mark.parametrize(
    ("operator", "value", "crossed"),
    [(">", 18.5, False), (">=", 18.5, True), ("<", 18.5, False), ("<=", 18.5, True)],
)
def test_a_comparison_is_exact_by_its_operator(operator: str, value: float, crossed: bool):
    found = held(replace(LINE, operator=operator, value=value))
    assert (found.state is LineState.CROSSED) is crossed


@pytest.mark.parametrize(
    ("line", "changed", "why"),
    [
        (replace(LINE, path="reliability.nothing"), {}, "there is no measure"),
        (replace(LINE, path="reliability.percentiles"), {}, "is no number"),
        (replace(LINE, path="weather.rain"), {}, "there is no measure"),
        (replace(LINE, path="quality.precision.value"), {}, "quality cannot be read"),
        (LINE, {"stale": True}, "the data of reliability are stale"),
        (LINE, {"values": {"percentiles": {"p99.9": None}}}, "nothing is known"),
        (LINE, {"values": {"percentiles": {"p99.9": float("nan")}}}, "is no number"),
        (LINE, {"values": {"percentiles": {"p99.9": True}}}, "is no number"),
    ],
)
def test_missing_and_stale_data_are_unknown_and_say_why(
    line: RedLine, changed: dict[str, Any], why: str
):
    found = held(line, **changed)
    assert (found.state, found.value, found.live) == (LineState.UNKNOWN, None, "unknown")
    assert why in found.sentence


def test_a_list_counts_as_its_length():
    assert measure("reliability.silent", "30d", evidence_of()).value == 1


@pytest.mark.parametrize(
    ("unit", "line", "words"),
    [
        ("share", RedLine(None, "quality.precision.low", "<", 0.99, "30d"), "< 99 % over 30 days"),
        (
            "letters a minute",
            RedLine(None, "reliability.load.peak_rpm", ">", 2_000_000, "24h"),
            "> 2,000,000 letters a minute over 24 hours",
        ),
    ],
)
def test_a_line_is_written_with_the_unit_of_its_measure(unit: str, line: RedLine, words: str):
    assert held(line).words == f"{line.path} {words}"


def test_a_criterions_measure_is_known_by_its_verdict_and_carries_its_own_unit():
    asked = replace(target("latency_sli", "0.9999"), unit="share")
    known = Evidence(asked, Estimate(0.9998, 0.9998, 0.9998, 100), Status.BREACHED)
    dark = Evidence(replace(asked, measure="availability"), None, Status.NO_DATA)
    verdict = Verdict(
        *("latency", "Latency", "reliability", Status.NO_DATA, "x", (known, dark)),
        *(Window.parse("30d"), NOON, None, ()),
    )
    found = criteria_evidence([verdict])
    line = RedLine(None, "criteria.latency.latency_sli", "<", 0.9999, "30d")
    view = view_of(line, TODAY, lambda area, window: found)
    assert (view.state, view.live) == (LineState.CROSSED, "99.98 %")
    other = replace(line, path="criteria.latency.availability")
    assert view_of(other, TODAY, lambda area, window: found).state is LineState.UNKNOWN


def test_each_line_is_held_against_the_window_that_it_names():
    def by_window(area: str, window: str) -> AreaEvidence:
        return AreaEvidence({"percentiles": {"p99.9": 50.0 if window == "1h" else 5.0}})

    assert view_of(replace(LINE, window="1h"), TODAY, by_window).state is LineState.CROSSED
    assert view_of(LINE, TODAY, by_window).state is LineState.HOLDS


def test_the_worker_opens_plan_b_of_what_is_crossed_and_not_open():
    crossed = {"percentiles": {"p99.9": 42.0}}
    (one,) = watched([risk(line=LINE)], TODAY, evidence_of(crossed))
    assert (one.active, one.opens, one.value, one.threshold) == (True, True, 42.0, 20.0)
    assert "is crossed, open plan B" in one.sentence
    (known,) = watched([risk(line=LINE, plan_b_opened_at=NOON)], TODAY, evidence_of(crossed))
    assert (known.active, known.opens) == (True, False)


def test_plan_b_stays_open_where_the_measure_comes_back():
    (one,) = watched([risk(line=LINE, plan_b_opened_at=NOON)], TODAY, evidence_of())
    assert (one.active, one.opens) == (True, False)
    assert "was crossed and plan B is open" in one.sentence


def test_an_unknown_line_is_neither_crossed_nor_not():
    (one,) = watched([risk(line=LINE)], TODAY, evidence_of(stale=True))
    assert (one.active, one.opens, one.value) == (None, False, None)


def test_closed_risks_spent_lines_and_risks_without_a_line_are_not_watched():
    those = [
        risk(1),
        risk(2, line=LINE, closed_at=NOON, closed_why="x"),
        risk(3, line=LINE, plan_b_opened_at=NOON, plan_b_ended_at=NOON),
    ]
    assert watched(those, TODAY, evidence_of()) == ()


@pytest.mark.parametrize(
    ("operator", "share", "shown"),
    [(">", 0.05000001, "5.01 %"), ("<", 0.99989999, "99.98 %"), (">", 0.05, "5.00 %")],
)
def test_what_is_shown_is_cut_away_from_the_line_that_it_crosses(
    operator: str, share: float, shown: str
):
    value = 0.05 if operator == ">" else 0.9999
    line = RedLine(None, "reliability.availability", operator, value, "30d")
    found = view_of(line, TODAY, evidence_of({"availability": share}))
    assert found.live == shown
    assert (found.state is LineState.CROSSED) is (share != value)
