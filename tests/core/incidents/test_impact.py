"""What an incident cost: letters, minutes and budget, from the reliability report of its span."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from core import reliability
from core.incidents.impact import Reliability, as_json, from_json, impact_of
from core.reliability import ReliabilityReport
from core.timeframe import MINUTE, Window
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, life, outage, row, steady
from tests.fakes_oncall import incident

#: A thousand letters a minute for two hours.
QUIET = steady(0, 120)


def reading(rows: Sequence[Row]) -> Reliability:
    reader = FakeReliabilityReader(rows, [life(0, 120)])

    def report(window: Window, as_of: datetime) -> ReliabilityReport:
        return reliability.report(reader, SERVICE, window, as_of)

    return report


def test_letters_minutes_and_budget_are_counted_from_beginning_to_recovery():
    rows = [
        one if not 40 <= minute < 50 else replace(one, errors=500, slow=20)
        for minute, one in enumerate(QUIET)
    ]
    over = incident(began_at=at(40), recovered_at=at(50))
    impact = impact_of(over, at(120), reading(rows))
    assert (impact.start, impact.end, impact.length) == (at(40), at(50), 10)
    assert impact.letters == 10_000
    assert impact.bad == {"availability": 5_000, "latency": 200}
    assert impact.minutes == {"availability": 10, "latency": 10, "any": 10}
    # 50,000 letters came in the 30 days up to the recovery, 45,000 of them were answered.
    assert impact.allowed == {"availability": Fraction(5), "latency": Fraction(9, 2)}
    assert impact.share("availability") == 1_000
    assert (impact.missing, impact.known, impact.frozen) == (0, 10, False)


def test_a_minute_misses_its_objective_exactly_above_one_in_ten_thousand():
    at_the_limit = [row(minute, 10_000, errors=1) for minute in range(3)]
    above = [row(minute, 10_000, errors=2) for minute in range(3, 5)]
    slow = [row(5, 10_000, slow=2)]
    impact = impact_of(
        incident(began_at=at(0), recovered_at=at(6)), at(6), reading([*at_the_limit, *above, *slow])
    )
    assert impact.minutes == {"availability": 2, "latency": 1, "any": 3}


def test_an_incident_that_goes_on_is_counted_up_to_the_last_finished_minute():
    running = incident(began_at=at(40) + MINUTE / 2)
    impact = impact_of(running, at(60) + MINUTE / 2, reading(QUIET))
    assert (impact.start, impact.end) == (at(40), at(60))
    assert impact.letters == 20_000


def test_a_minute_in_which_it_recovered_counts_whole():
    over = incident(began_at=at(40), recovered_at=at(42) + MINUTE / 4)
    assert impact_of(over, at(60), reading(QUIET)).end == at(43)


def test_an_incident_that_has_just_begun_has_one_minute():
    impact = impact_of(incident(began_at=at(60)), at(60), reading(QUIET))
    assert impact.length == 1


def test_minutes_without_rows_are_counted_as_unknown():
    rows = [one for one in QUIET if not at(45) <= one.minute < at(48)]
    over = incident(began_at=at(40), recovered_at=at(50))
    impact = impact_of(over, at(120), reading(rows))
    assert impact.missing == 3
    assert impact.minutes["any"] == 0


def test_without_letters_there_is_no_budget():
    impact = impact_of(incident(began_at=at(40)), at(50), reading([]))
    assert impact.share("availability") is None


def test_a_frozen_impact_comes_back_exactly():
    impact = impact_of(
        incident(began_at=at(40), recovered_at=at(50)), at(60), reading(outage(QUIET, 44, 47))
    )
    kept = json.loads(json.dumps(as_json(impact), allow_nan=False))
    assert from_json(kept) == replace(impact, frozen=True)
    assert impact.bad["availability"] == 3_000
