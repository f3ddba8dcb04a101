"""What people fill in of rotas, overrides and swaps, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from core.fields import FieldsError
from core.oncall.changes import keep_turn, parse_cover, parse_rota, swap_of
from core.oncall.rota import Shift, shifts, who
from tests.fakes_oncall import DAY, HANDOVER, HOUR, MONDAY, WEEK, rota

FORM: dict[str, Any] = {
    "zone": "Europe/Moscow",
    "handover_weekday": 0,
    "handover_time": "10:00",
    "starts_on": MONDAY,
    "members": ["Анна", "", "Борис"],
    "departed": ["Вера"],
    "escalate_after_minutes": 15,
    "escalate_to": "",
}
COVER: dict[str, Any] = {"member": "Глеб", "starts_at": HANDOVER, "ends_at": HANDOVER + DAY}


def refused(given: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(FieldsError) as refusal:
        parse_rota("mail", given)
    return refusal.value.problems


def test_a_rota_is_read_from_its_form():
    found = parse_rota("mail", FORM)
    assert (found.service, found.members, found.departed) == (
        "mail",
        ("Анна", "", "Борис"),
        ("Вера",),
    )
    assert (found.handover_time, found.escalate_after) == (time(10), timedelta(minutes=15))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zone", "Moscow/Europe"),
        ("zone", "../etc/passwd"),
        ("zone", "Europe"),
        ("zone", ""),
        ("handover_weekday", 7),
        ("handover_time", "25:00"),
        ("handover_time", "10:00:30"),
        ("handover_time", time(10, tzinfo=UTC)),
        ("handover_time", None),
        ("starts_on", "soon"),
        ("members", "Анна"),
        ("members", None),
        ("escalate_after_minutes", 0),
        ("escalate_to", "Вера"),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_of_a_rota_is_named(field: str, value: object):
    assert list(refused({**FORM, field: value})) == [field]


def test_a_wrong_member_is_named_by_its_place():
    assert list(refused({**FORM, "members": ["Анна", 7]})) == ["members[1]"]


def test_an_override_is_read_in_utc():
    eastern = timezone(timedelta(hours=3))
    given = {**COVER, "starts_at": HANDOVER.astimezone(eastern), "reason": " holidays "}
    found = parse_cover(given, HANDOVER)
    assert (found.member, found.starts_at, found.reason) == ("Глеб", HANDOVER, "holidays")
    assert found.starts_at.tzinfo is UTC
    longest = {**COVER, "ends_at": HANDOVER + 92 * DAY}
    assert parse_cover(longest, HANDOVER).ends_at == HANDOVER + 92 * DAY


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"member": ""}, "reason"),
        ({"ends_at": HANDOVER}, "ends_at"),
        ({"ends_at": HANDOVER + 93 * DAY}, "ends_at"),
        ({"starts_at": HANDOVER - 2 * DAY, "ends_at": HANDOVER - DAY}, "ends_at"),
        ({"starts_at": datetime(2026, 6, 1, 7)}, "starts_at"),  # noqa: DTZ001
        ({"starts_at": None}, "starts_at"),
        ({"starts_at": datetime(1026, 6, 1, 7, tzinfo=UTC)}, "starts_at"),
        ({"who": "x"}, "who"),
    ],
)
def test_a_wrong_field_of_an_override_is_named(changed: dict[str, Any], field: str):
    with pytest.raises(FieldsError) as refusal:
        parse_cover({**COVER, **changed}, HANDOVER)
    assert list(refusal.value.problems) == [field]


def test_a_swap_puts_each_in_the_place_of_the_other():
    first, second = shifts(rota("Анна", "Борис"), (), HANDOVER, HANDOVER + 2 * WEEK)
    one, other = swap_of(first, second, HANDOVER + HOUR, "exam")
    assert (one.member, one.starts_at, one.ends_at) == ("Борис", HANDOVER + HOUR, first.end)
    assert (other.member, other.starts_at, other.ends_at) == ("Анна", second.start, second.end)
    assert one.reason == other.reason == "exam"


def test_a_swap_that_makes_no_sense_names_the_shift():
    first, second, third = (
        Shift(HANDOVER + number * WEEK, HANDOVER + (number + 1) * WEEK, name)
        for number, name in enumerate(("Анна", "", "Анна"))
    )
    for pair, at, fields in (
        ((first, first), HANDOVER, ["second"]),
        ((first, second), HANDOVER, ["second"]),
        ((first, third), HANDOVER, ["second"]),
        ((first, replace(third, member="Вера")), HANDOVER + WEEK, ["first"]),
    ):
        with pytest.raises(FieldsError) as refusal:
            swap_of(*pair, at)
        assert list(refusal.value.problems) == fields


@pytest.mark.parametrize("weeks", [0, 1, 2, 5, 52])
def test_somebody_who_joins_leaves_this_week_with_whoever_has_it(weeks: int):
    seen = rota("Анна", "Борис", "Вера")
    at = HANDOVER + weeks * WEEK + DAY
    wanted = keep_turn(seen, replace(seen, members=("Глеб", "Анна", "Борис", "Вера")), at)
    before, after = who(seen, (), at), who(wanted, (), at)
    assert before is not None
    assert after is not None
    assert (before.member, before.start, before.end) == (after.member, after.start, after.end)


def test_a_first_day_that_somebody_sets_stays():
    seen = rota("Анна", "Борис")
    wanted = replace(seen, members=("Борис", "Анна"), starts_on=date(2026, 6, 8))
    assert keep_turn(seen, wanted, HANDOVER + DAY) == wanted


def test_where_this_weeks_member_is_not_among_the_new_ones_nothing_is_moved():
    seen = rota("Анна", "Борис")
    wanted = replace(seen, members=("Вера",))
    assert keep_turn(seen, wanted, HANDOVER + DAY) == wanted
    assert keep_turn(rota(), wanted, HANDOVER + DAY) == wanted
    assert (
        keep_turn(seen, replace(seen, members=("Борис", "Анна")), HANDOVER - DAY).starts_on
        == MONDAY
    )
