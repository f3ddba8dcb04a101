"""The demo's incidents replayed minute by minute: detected and over when the formulas say so."""

from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

from core.ports import Counts
from core.stats.burn import FEWEST_BAD, POLICIES, Policy
from core.timeframe import DAY, MINUTE
from db.demo.newsletters import story, traffic
from db.demo.newsletters.story import DATACENTERS, INSTANCES, Event, Scenario, minute_number
from tests.fakes import BEGIN
from tests.fakes_alerts import GridReader, Replay, replay_of

SCENARIO = Scenario(datetime(2026, 6, 1, 12, tzinfo=UTC))
POLICY = {policy.name: policy for policy in POLICIES}
OBJECTIVE = Fraction(1, 10_000)
BEFORE, AFTER = 3 * DAY // MINUTE, 90


def grid_of(event: Event) -> GridReader:
    """The demo's minutes by datacenter, from three days before an event to after it."""
    start = minute_number(SCENARIO.starts(event)) - BEFORE
    end = minute_number(SCENARIO.ends(event)) + AFTER
    counts = np.zeros((4, len(DATACENTERS), end - start), np.int64)
    place = np.array([instance.datacenter for instance in INSTANCES])
    for number in range(start // 60, end // 60 + 1):
        hour = traffic.hour(SCENARIO, number)
        kept = (hour.minute >= start) & (hour.minute < end)
        where = place[hour.instance[kept]], hour.minute[kept] - start
        ones = np.ones_like(hour.letters)
        for table, values in zip(counts, (ones, hour.letters, hour.errors, hour.slow), strict=True):
            np.add.at(table, where, values[kept])
    rows, letters, errors, slow = counts
    first = (story.moment_of(start) - BEGIN) // MINUTE
    return GridReader(first, letters, errors, slow, rows > 0)


def replayed(event: Event, rule_id: str) -> tuple[Replay, GridReader, int]:
    """A rule over an event, and the minute from BEGIN at which the event starts."""
    grid = grid_of(event)
    begin = grid.first + BEFORE
    return (
        replay_of(grid, rule_id, "rows").run(begin - 10, begin + event.minutes + AFTER),
        grid,
        begin,
    )


def counted(bad: Counts, total: Counts, policy: Policy, end: int) -> bool:
    """The policy at the end of a minute, by adding up integers: strictly above in both windows."""
    factor = policy.factor()
    for length in (policy.long, policy.short):
        span = slice(end - length // MINUTE, end)
        if not int(bad[span].sum()) > factor * OBJECTIVE * int(total[span].sum()):
            return False
    return int(bad[end - policy.long // MINUTE : end].sum()) >= FEWEST_BAD


def by_hand(grid: GridReader, kind: str, policy: str, begin: int, minutes: int) -> list[int]:
    """Minutes after the event's start at which the policy fires, counted one by one."""
    errors, letters = grid.errors.sum(axis=0), grid.letters.sum(axis=0)
    counts = (errors, letters)
    if kind == "latency":
        counts = grid.slow.sum(axis=0), letters - errors
    return [
        after
        for after in range(-10, minutes)
        if counted(*counts, POLICY[policy], begin - grid.first + after)
    ]


def first_episode(replay: Replay, rule_id: str, policy: str, begin: int) -> tuple[int, int]:
    """When a policy fired and when it was resolved, in minutes after the event's start."""
    (fired, state), (over, end), *rest = replay.moves(rule_id, policy)
    assert (state, end, rest) == ("firing", "resolved", [])
    return fired - begin, over - begin


def test_a_lost_datacenter_is_noticed_within_a_minute_and_over_five_minutes_after():
    """dc2's letters fail for two minutes: a third of all, 3,300 times too fast."""
    event = story.DATACENTER_LOST
    replay, grid, begin = replayed(event, "slo-availability")
    fired, over = first_episode(replay, "slo-availability", "page_fast", begin)
    assert (fired, over) == (1, story.BALANCER_MINUTES + 5)
    seen = by_hand(grid, "availability", "page_fast", begin, event.minutes + AFTER)
    assert seen == list(range(fired, over))
    told = [
        one
        for one in (*replay.episodes, *replay.history)
        if one.labels.get("policy") == "page_fast"
    ]
    assert [one.where for one in told] == [("dc2",)]


def test_a_noisy_neighbour_is_noticed_when_the_formula_says():
    """0.35 % slow for 35 minutes is 35 times too fast: seen at minute 60 * 14.4 / 35."""
    event = story.SLOW_DISK
    replay, grid, begin = replayed(event, "slo-latency")
    fired, over = first_episode(replay, "slo-latency", "page_fast", begin)
    factor, burn = POLICY["page_fast"].factor(), 35
    # Chance, and what is slow on any day, move it by a minute or two.
    assert abs(fired - 60 * factor / burn) <= 2
    assert abs(over - event.minutes - 5 * (1 - factor / burn)) <= 1
    assert by_hand(grid, "latency", "page_fast", begin, event.minutes + AFTER) == list(
        range(fired, over)
    )
    # The slow page needs 360 * 6 / 35 = 62 minutes of it.
    assert replay.moves("slo-latency", "page_slow") == []


@pytest.mark.parametrize("rule_id", ["slo-availability", "slo-latency"])
def test_a_collector_that_is_down_raises_liveness_and_nothing_else(rule_id: str):
    replay, _, begin = replayed(story.GAP, rule_id)
    moves = [(minute - begin, after) for minute, after in replay.moves("rows", "rows")]
    # More than three minutes quiet: at minute four. Back with the first row.
    assert moves == [(4, "firing"), (story.GAP.minutes + 1, "resolved")]
    assert {told for _, told, *_ in replay.log} == {"rows"}
