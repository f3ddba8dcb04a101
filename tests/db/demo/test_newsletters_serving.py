"""The simulated service's minutes: what adds up, what the story says, and what it costs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.stats.histogram import quantiles
from db.demo.newsletters import latency, serving, story, traffic
from db.demo.newsletters.story import BERT_3, BERT_4, Event, Scenario, minute_number
from db.writer.columns import RawColumns
from db.writer.contract import TABLES

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: A Tuesday evening.
SCENARIO = Scenario(datetime(2025, 6, 3, 21, 37, tzinfo=UTC))
BEGINNING = datetime(2025, 6, 4, tzinfo=UTC)

Rows = dict[str, Any]


def around(event: Event, before: int = 0, after: int = 0) -> Rows:
    start = SCENARIO.starts(event) - before * MINUTE
    return serving.minutes(SCENARIO, start, SCENARIO.ends(event) + after * MINUTE)


def of(rows: Rows, **wanted: str) -> Rows:
    mask = np.ones(len(rows["letters"]), dtype=bool)
    for name, value in wanted.items():
        mask &= rows[name] == value
    return {k: v[mask] if isinstance(v, np.ndarray) else v for k, v in rows.items()}


def by_minute(rows: Rows, name: str) -> NDArray[np.int64]:
    _, place = np.unique(rows["minute"], return_inverse=True)
    return np.bincount(place, rows[name]).astype(np.int64)


def same(left: Rows, right: Rows) -> bool:
    return left.keys() == right.keys() and all(
        np.array_equal(left[name], right[name]) for name in left
    )


@pytest.mark.parametrize("event", [*story.EVENTS, None], ids=lambda e: e.name if e else "today")
def test_every_row_keeps_the_contract_and_its_cells_add_up(event: Event | None) -> None:
    if event is None:
        rows = serving.minutes(SCENARIO, SCENARIO.anchor - 3 * HOUR, SCENARIO.anchor)
    else:
        start = SCENARIO.starts(event) - HOUR
        rows = serving.minutes(SCENARIO, start, start + 4 * HOUR)
    cells, answered = rows["latency"], rows["letters"] - rows["errors"]
    assert cells.min() >= 0
    np.testing.assert_array_equal(cells.sum(axis=1), answered)
    np.testing.assert_array_equal(cells[:, 81:].sum(axis=1), rows["slow"])
    raw = RawColumns(TABLES["serving_minute"], rows)
    _, refused = raw.check(0, len(raw), BEGINNING)
    assert refused.size == 0


def test_rows_come_in_the_order_of_the_contracts_key_each_key_once() -> None:
    rows = around(story.CANARY_SLOW, 90, 90)
    keys = list(
        zip(
            rows["minute"].tolist(),
            rows["datacenter"],
            rows["instance"],
            rows["model_version"],
            strict=True,
        )
    )
    assert keys == sorted(set(keys))


def test_the_same_seed_draws_the_same_rows_and_another_seed_others() -> None:
    start, end = SCENARIO.midnight(3), SCENARIO.midnight(3) + 2 * HOUR
    rows = serving.minutes(SCENARIO, start, end)
    assert same(rows, serving.minutes(Scenario(SCENARIO.anchor), start, end))
    other = serving.minutes(Scenario(SCENARIO.anchor, seed=9), start, end)
    assert not np.array_equal(rows["letters"], other["letters"])


def test_a_minute_is_the_same_whether_live_or_history_asks_for_it() -> None:
    start = SCENARIO.anchor - 70 * MINUTE
    whole = serving.minutes(SCENARIO, start, SCENARIO.anchor + 70 * MINUTE)
    single = [serving.minutes(SCENARIO, at, at + MINUTE) for at in minutes_of(start, 140)]
    assert same(
        whole,
        {
            name: np.concatenate([part[name] for part in single])
            if isinstance(value, np.ndarray)
            else value
            for name, value in whole.items()
        },
    )


def minutes_of(start: datetime, count: int) -> list[datetime]:
    return [start + number * MINUTE for number in range(count)]


@pytest.fixture(scope="module")
def month() -> list[tuple[int, traffic.Hour]]:
    """The 30 days before the anchor's hour."""
    last = minute_number(SCENARIO.anchor) // 60
    return [(number, traffic.hour(SCENARIO, number)) for number in range(last - 720, last)]


def minutely(hours: list[tuple[int, traffic.Hour]]) -> dict[str, NDArray[np.int64]]:
    """Letters, errors, slow by minute that has rows."""
    minute = np.concatenate([hour.minute for _, hour in hours])
    _, place = np.unique(minute, return_inverse=True)
    return {
        name: np.bincount(place, np.concatenate([getattr(hour, name) for _, hour in hours])).astype(
            np.int64
        )
        for name in ("letters", "errors", "slow")
    }


def test_a_million_letters_a_minute_are_carried_on_average_and_two_at_peak(
    month: list[tuple[int, traffic.Hour]],
) -> None:
    counts = minutely(month)
    letters, errors, slow = counts["letters"], counts["errors"], counts["slow"]
    assert 1_020_000 < letters.mean() < 1_060_000
    assert 2_000_000 < letters.max() < 2_130_000
    within = (errors * 10_000 <= letters) & (slow * 10_000 <= letters - errors)
    assert letters[within].sum() / letters.size > 1_010_000, (
        "minutes outside of the SLO carry nothing"
    )
    five = {name: np.convolve(values, np.ones(5, int), "valid") for name, values in counts.items()}
    held = (five["errors"] * 10_000 <= five["letters"]) & (
        five["slow"] * 10_000 <= five["letters"] - five["errors"]
    )
    assert five["letters"][held].max() >= 5 * 2_000_000


@pytest.mark.parametrize("weekday", range(7))
def test_30_to_60_percent_of_each_error_budget_are_left_whatever_the_anchors_day(
    weekday: int,
) -> None:
    anchor = SCENARIO.anchor + weekday * DAY - weekday * 2 * HOUR
    scenario = Scenario(anchor)
    last = minute_number(anchor) // 60
    # Every fifth hour, which meets every hour of the day, and all of the two costly incidents.
    letters = errors = slow = 0.0
    costly = {
        minute_number(scenario.starts(event)) // 60
        for event in (story.CANARY_SLOW, story.DATACENTER_LOST)
    } | {minute_number(scenario.ends(story.CANARY_SLOW)) // 60}
    for number in range(last - 720, last):
        if number % 5 and number not in costly:
            continue
        weight = 1 if number in costly else 5
        hour = traffic.hour(scenario, number)
        letters += weight * hour.letters.sum()
        errors += weight * hour.errors.sum()
        slow += weight * hour.slow.sum()
    assert 0.30 < 1 - errors / letters * 1e4 < 0.60
    assert 0.30 < 1 - slow / (letters - errors) * 1e4 < 0.60


def test_half_the_letters_take_4_ms_and_one_in_ten_thousand_nearly_20() -> None:
    rows = serving.minutes(SCENARIO, SCENARIO.midnight(6), SCENARIO.midnight(5))
    p50, p9999 = quantiles([rows["latency"].sum(axis=0, dtype=np.int64)], [0.5, 0.9999])[0]
    assert 3.7 < p50 < 4.3
    assert 18 < p9999 < 20


def test_a_lost_datacenter_fails_for_two_minutes_then_the_others_carry_its_letters() -> None:
    rows = around(story.DATACENTER_LOST, 10, 10)
    lost = of(rows, datacenter="dc2")
    letters, errors = by_minute(lost, "letters"), by_minute(lost, "errors")
    assert (errors[10:12] == letters[10:12]).all()
    assert letters[10:12].min() > 100_000
    assert (letters[12:16] == 0).all(), "rows without letters, not missing rows"
    assert letters.size == 26
    assert letters[[9, 16]].min() > 100_000
    total = by_minute(rows, "letters")
    assert total[12:16].mean() == pytest.approx(total[:10].mean(), rel=0.03)
    assert by_minute(of(rows, datacenter="dc3"), "errors").max() < 200


def test_in_the_gap_nobody_writes_and_before_and_after_everybody_does() -> None:
    rows = around(story.GAP, 5, 5)
    minutes, counts = np.unique(rows["minute"], return_counts=True)
    assert minutes.size == 10
    assert (counts == 6).all()
    missing = serving.minutes(SCENARIO, SCENARIO.starts(story.GAP), SCENARIO.ends(story.GAP))
    assert missing["letters"].size == 0


def test_the_first_canary_takes_a_tenth_of_dc1_and_is_slow_for_40_minutes() -> None:
    rows = around(story.CANARY_SLOW, 5, 5)
    canary = of(rows, instance=story.FIRST_CANARY)
    assert set(canary["model_version"]) == {BERT_4}
    assert set(canary["datacenter"]) == {"dc1"}
    assert set(of(rows, instance="dc1-a")["model_version"]) == {BERT_3}
    assert len(canary["letters"]) == story.CANARY_SLOW.minutes
    share = (
        canary["letters"].sum() / of(around(story.CANARY_SLOW), datacenter="dc1")["letters"].sum()
    )
    assert share == pytest.approx(0.10, abs=0.003)
    letters, slow = by_minute(rows, "letters"), by_minute(rows, "slow")
    bad = slow * 10_000 > letters
    assert bad.sum() == 40
    assert bad[15:55].all()
    cells = rows["latency"][np.repeat(bad, np.unique(rows["minute"], return_counts=True)[1])]
    assert quantiles([cells.sum(axis=0, dtype=np.int64)], [0.9999])[0, 0] > 20


def test_bert_4_is_released_datacenter_by_datacenter_and_serves_alone_afterwards() -> None:
    rows = serving.minutes(
        SCENARIO, SCENARIO.starts(story.RELEASES[0]), SCENARIO.starts(story.RELEASES[2]) + HOUR
    )
    for event, datacenter in zip(story.RELEASES, story.DATACENTERS, strict=True):
        mine = of(rows, datacenter=datacenter, instance=f"{datacenter}-b")
        changed = np.datetime64(SCENARIO.starts(event).replace(tzinfo=None), "us")
        np.testing.assert_array_equal(mine["model_version"] == BERT_4, mine["minute"] >= changed)
    assert story.SECOND_CANARY not in set(rows["instance"])


def test_three_instances_serve_until_the_fleet_is_doubled_14_days_ago() -> None:
    doubled = SCENARIO.midnight(story.FLEET_DOUBLED_DAYS_AGO)
    rows = serving.minutes(SCENARIO, doubled - 3 * MINUTE, doubled + 3 * MINUTE)
    _, counts = np.unique(rows["minute"], return_counts=True)
    assert counts.tolist() == [3, 3, 3, 6, 6, 6]
    before, after = by_minute(rows, "letters")[:3].mean(), by_minute(rows, "letters")[3:].mean()
    assert after == pytest.approx(before, rel=0.05), "the same letters, spread over more instances"


def test_counts_stay_within_one_letter_of_what_was_to_be_expected() -> None:
    number = minute_number(SCENARIO.midnight(2)) // 60 + 12
    hour = traffic.hour(SCENARIO, number)
    cells = latency.cells(SCENARIO, number, hour)
    good = (hour.answered - hour.slow)[:, None]
    # Shares differ from row to row by load; those of a row lie on one line of the table.
    lines = latency._OK[:, None, :] * good[None, :, :]
    off = np.abs(np.diff(lines, axis=2, prepend=0.0) - cells[None, :, :81]).max(axis=2).min(axis=0)
    assert off.max() < 1


def test_rounding_favours_no_cell() -> None:
    rows = serving.minutes(SCENARIO, SCENARIO.midnight(6), SCENARIO.midnight(5))
    slow = rows["latency"][:, 81:].sum(axis=0)
    shares = np.diff(latency._SLOW, prepend=0.0)
    expected = shares * rows["slow"].sum()
    # A row's rounding is off by less than a letter, and by none on average.
    assert (np.abs(slow - expected)[:8] < 5 * np.sqrt(rows["slow"].size / 4)).all()
    assert slow[:8].sum() == pytest.approx(expected[:8].sum(), rel=0.005)


def test_an_anchor_that_is_no_whole_minute_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a whole minute with a time zone"):
        Scenario(datetime(2025, 6, 3, 21, 37, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="must be a whole minute with a time zone"):
        Scenario(datetime(2025, 6, 3, 21, 37))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="days == 121"):
        Scenario(SCENARIO.anchor, days=121)
