"""Incidents minute by minute: detected and over when the formulas of the policies say so."""

from fractions import Fraction

import pytest

from core.alerts.serving import serving
from core.reliability import report
from core.stats.burn import POLICIES
from core.timeframe import DAY, MINUTE, Window
from tests.fakes import SERVICE, FakeReliabilityReader, at, life, outage, release, steady
from tests.fakes_alerts import GridReader, failing, replay_of, steady_grid

#: As long before the incident as the longest policy looks back.
BEFORE = -3 * DAY // MINUTE
DOWN = failing(steady_grid(BEFORE, 120), 0, 10, 1_000)
TWO_PERMILLE = failing(steady_grid(BEFORE, 200), 0, 120, 2)


def test_a_full_outage_of_ten_minutes_fires_within_one_minute_and_resets_five_after():
    found = replay_of(DOWN, "slo-availability").run(-5, 40)
    assert found.moves("slo-availability", "page_fast") == [(1, "firing"), (15, "resolved")]


def formula_of(policy: str, burn: Fraction) -> tuple[Fraction, Fraction]:
    """Minutes to detection and to reset: max(long, short) F/B, and short (1 - F/B)."""
    found = next(one for one in POLICIES if one.name == policy)
    part = found.factor() / burn
    long, short = found.long // MINUTE, found.short // MINUTE
    return max(long * part, short * part), short * (1 - part)


@pytest.mark.parametrize(("policy", "minute"), [("page_fast", 44), ("page_slow", 109)])
def test_two_permille_of_errors_for_two_hours_fires_when_the_formula_says(policy: str, minute: int):
    found = replay_of(TWO_PERMILLE, "slo-availability").run(minute - 3, 150)
    detection, reset = formula_of(policy, Fraction(20))
    moves = found.moves("slo-availability", policy)
    # More than the factor is wanted: exactly at 43.2 and 108 minutes it is not above it.
    assert moves[0] == (minute, "firing")
    assert detection < minute <= detection + 1
    # 1.4 and 21 minutes after the end, at the next whole minute.
    assert [after for _, after in moves] == ["firing", "resolved"]
    assert reset <= moves[1][0] - 120 <= reset + 1


def test_the_minutes_before_detection_are_quiet():
    found = replay_of(TWO_PERMILLE, "slo-availability").run(-3, 44)
    assert found.log == []


def test_a_gap_of_eleven_minutes_holds_the_alert_and_raises_liveness():
    """The outage goes on until minute 30; the rows of [5, 16) never come."""
    grid = failing(steady_grid(BEFORE, 120), 0, 30, 1_000).without(5, 16)
    found = replay_of(grid, "slo-availability", "rows").run(0, 45)
    assert found.moves("slo-availability", "page_fast") == [
        (1, "firing"),
        # At 6 the newest minute may only be late.
        (7, "unknown"),
        # At 21 the last missing minute has left the short window.
        (21, "firing"),
        (35, "resolved"),
    ]
    # Stale is more than three minutes: at 9 the rows end four minutes ago.
    assert found.moves("rows", "rows") == [(9, "firing"), (17, "resolved")]


def test_a_gap_in_which_the_fault_ends_resolves_only_when_rows_say_so():
    grid = failing(steady_grid(BEFORE, 120), 0, 8, 1_000).without(5, 16)
    found = replay_of(grid, "slo-availability", "rows").run(0, 60)
    moves = found.moves("slo-availability", "page_fast")
    assert moves == [(1, "firing"), (7, "unknown"), (21, "resolved")]


def test_a_gap_that_does_not_end_never_resolves():
    grid = failing(steady_grid(BEFORE, 5_000), 0, 30, 1_000).without(5, 5_000)
    found = replay_of(grid, "slo-availability", "rows").run(0, 40)
    for minute in (600, 1_500, 4_000, 4_990):
        found.minute(minute)
    states = {one.rule_id: one.state for one in found.episodes}
    assert states == {"slo-availability": "unknown", "rows": "firing"}
    assert "resolved" not in {after for *_, after in found.log}


def test_a_skipped_stretch_of_evaluations_gives_the_same_episodes():
    """The evaluator is down for minutes 2 to 12: what it says afterwards is the same."""
    whole = replay_of(DOWN, "slo-availability").run(-5, 14)
    broken = replay_of(DOWN, "slo-availability").run(-5, 2).run(13, 14)
    assert broken.episodes == whole.episodes


def test_who_begins_in_the_middle_of_an_incident_knows_since_when_it_runs():
    late = replay_of(DOWN, "slo-availability").run(8, 9)
    (fast, *_) = (one for one in late.episodes if one.labels["policy"] == "page_fast")
    assert fast.began_at == at(0)
    assert fast.fired_at == at(8)


def test_a_page_inhibits_the_tickets_of_the_same_objective_alone():
    long_grid = failing(steady_grid(BEFORE, 400), 0, 300, 100)
    found = replay_of(long_grid, "slo-availability").run(0, 130)
    by_policy = {one.labels["policy"]: one for one in found.episodes}
    pages = {by_policy[name].fingerprint for name in ("page_fast", "page_slow")}
    assert by_policy["ticket_day"].state == "firing"
    assert by_policy["ticket_day"].inhibited_by in pages
    assert by_policy["page_slow"].inhibited_by == ""


def both(grid: GridReader | FakeReliabilityReader, minute: int) -> None:
    """Page and alerts say the same of every policy."""
    light = serving(grid, SERVICE, at(minute))
    page = report(grid, SERVICE, Window.parse("1h"), at(minute))
    assert light.alerts == page.alerts
    assert light.freshness == page.freshness
    if any(one.firing for one in light.alerts):
        spending = {kind: (one.budget, one.lasts) for kind, one in light.spending.items()}
        assert spending == {kind: (sli.period, sli.exhausted_in) for kind, sli in page.slis.items()}


@pytest.mark.parametrize("minute", [-1, 1, 5, 12, 20, 44])
def test_alerts_and_the_page_read_the_same_states(minute: int):
    rows = outage(steady(-300, 60, datacenters=("dc1", "dc2")), 0, 10, datacenter="dc2")
    lives = [life(-300, 60, datacenter=name) for name in ("dc1", "dc2")]
    both(FakeReliabilityReader(rows, lives, [release(-3, "v1")]), minute)
