"""The charts of alerts: the report's own numbers, gaps as gaps, words for all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.alerts.around import Happening
from core.alerts.report import AlertsReport, report
from core.alerts.trace import Line, Trace
from core.charts.alerts import signal, strip
from core.charts.chart import Chart, stamp
from core.charts.tokens import DARK, LIGHT, Palette
from core.timeframe import DAY, HOUR, MINUTE, Span, Window
from tests.fakes import SERVICE, at, release
from tests.fakes_alerts import FakeAlertReader, episode, rule_named

TIMES = tuple(at(minute) for minute in range(-5, 6))
RISING = tuple(None if at == 3 else float(at) for at in range(len(TIMES)))
TRACE = Trace(
    Span(at(-5), at(5)),
    TIMES,
    (Line("over 1h", RISING),),
    6.0,
    "burn rate",
    (Span(at(-3), at(-2)),),
)
IT = episode(1, labels={"sli": "availability", "policy": "page_fast"})


def columns(made: Chart, name: str) -> list[object]:
    return [value for data in made.datasets.values() for value in data.get(name, ())]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_the_line_the_threshold_the_gap_and_what_happened_are_drawn(palette: Palette):
    deployed = release(-4, "v41")
    other = replace(episode(2), began_at=at(2))
    happened = (
        Happening(deployed.deployed_at, 4 * MINUTE, release=deployed),
        Happening(other.began_at, -2 * MINUTE, episode=other),
    )
    made = signal(TRACE, IT, happened, palette)
    assert made.spec is not None
    json.dumps(made.spec)
    assert columns(made, "value") == list(RISING)
    assert columns(made, "target") == [6.0]
    assert "fires above 6" in columns(made, "label")
    assert f"v41 {deployed.stage}" in columns(made, "label")
    assert {stamp(at(-3)), stamp(at(0)), stamp(at(2)), stamp(at(-4))} <= set(columns(made, "t"))
    assert {IT.sentence, other.sentence} <= set(columns(made, "said"))
    assert palette.breached in json.dumps(made.spec)


@pytest.mark.parametrize(
    ("trace", "changes", "said"),
    [
        (TRACE, {}, "Burn rate: still 10, above 6; at its worst 10"),
        (
            replace(TRACE, lines=(Line("over 1h", (*RISING[:-1], 2.0)),)),
            {},
            "Burn rate: now 2, at or below 6; at its worst 9",
        ),
        (
            replace(TRACE, lines=(Line("over 1h", (*RISING[:-1], None)),)),
            {},
            "Nothing was written at the end; before that it reached 9",
        ),
        (
            replace(TRACE, unit="letters in 10m"),
            {"labels": {"count": "letters"}},
            "Letters in 10m: now 10, above 6; at its worst 0",
        ),
        (replace(TRACE, threshold=None), {}, "Instances that wrote, by datacenter"),
    ],
)
def test_the_title_is_the_finding(trace: Trace, changes: dict, said: str):
    made = signal(trace, replace(IT, **changes), (), LIGHT)
    assert made.title == said
    assert made.spec is not None


def test_the_words_tell_the_span_and_the_gaps():
    made = signal(TRACE, IT, (), LIGHT)
    assert "from 1 Jun 2026 11:55 UTC to 1 Jun 2026 12:05 UTC" in made.alt
    assert "One gap without rows." in made.alt


def test_nothing_to_draw_is_a_sentence():
    unwritten = replace(TRACE, lines=(Line("over 1h", (None,) * len(TIMES)),))
    for trace in (None, unwritten):
        made = signal(trace, IT, (), LIGHT)
        assert made.spec is None
        assert made.title
        assert made.alt


def seen(*episodes: object, window: str = "30d") -> AlertsReport:
    reader = FakeAlertReader([rule_named("rows")], episodes)  # type: ignore[arg-type]
    return report(reader, SERVICE, at(600), Window.parse(window))


def test_every_alert_that_fired_is_a_bar_as_far_as_the_window_goes():
    found = seen(
        episode(1, "resolved", rule_id="rows"),
        episode(2, rule_id="drift", severity="ticket", fired_at=at(0) - 40 * DAY),
        episode(3, "pending"),
        episode(4, "resolved", rule_id="rows", drill=True),
    )
    made = strip(found, LIGHT)
    assert sorted(columns(made, "rule")) == ["drift", "rows", "rows"]
    assert sorted(columns(made, "kind")) == ["drill", "page", "ticket"]
    ends = dict(zip(columns(made, "kind"), columns(made, "t2"), strict=True))
    starts = dict(zip(columns(made, "kind"), columns(made, "t"), strict=True))
    assert (starts["ticket"], ends["ticket"]) == (stamp(found.span.start), stamp(found.span.end))
    assert made.title == "Two alerts fired, and one drill beside"


def test_a_short_alert_can_still_be_seen_and_stays_within_the_window():
    late = episode(1, rule_id="rows", began_at=at(599), fired_at=at(599))
    made = strip(seen(late), LIGHT)
    (start,), (end,) = columns(made, "t"), columns(made, "t2")
    assert end == stamp(at(600))
    assert end - start >= 2 * HOUR.total_seconds() * 1000  # type: ignore[operator]


def test_a_window_without_alerts_is_a_sentence():
    made = strip(seen(episode(3, "pending")), LIGHT)
    assert made.spec is None
    assert made.title == "No alert fired in this window"
