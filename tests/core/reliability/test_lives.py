"""Who should have been writing, as it was known at a moment."""

from datetime import datetime, timedelta

import pytest

from core.ports import Lifetime
from core.reliability.lives import GONE_AFTER, SILENT_AFTER, lives, newest_beat
from tests.fakes import at, life

DAY = 24 * 60


def ends(*told: Lifetime, minute: int = 0) -> list[datetime | None]:
    return [one.ended_at for one in lives(told, {}, at(minute))]


def test_silent_is_three_minutes_and_gone_is_a_day():
    assert timedelta(minutes=3) == SILENT_AFTER
    assert timedelta(hours=24) == GONE_AFTER


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([life(-60, 0)], [None]),
        ([life(-60, -20, -20)], [at(-20)]),
        ([life(-60, -30), life(-20, 0)], [at(-20), None]),
        ([life(-60, -30, -30), life(-20, 0)], [at(-30), None]),
        ([life(-60, -30), life(-20, 0, instance="b")], [None, None]),
        ([life(-60, 0, -90)], [None]),
        ([life(-60, 0, -60)], [at(-60)]),
    ],
    ids=[
        "it runs",
        "an orderly stop",
        "a restart without a stop",
        "a restart after a stop",
        "another instance is no restart",
        "a stop from before the start belongs to an earlier life",
        "stopped as it started",
    ],
)
def test_a_life_ends_with_its_stop_or_its_next_start(
    told: list[Lifetime], expected: list[datetime | None]
):
    assert ends(*told) == expected


def test_nothing_later_than_the_moment_is_known():
    told = [life(-60, 90, 30), life(60, 90)]
    (then,) = lives(told, {}, at(0))
    assert then.started_at == at(-60)
    assert then.beat_at == at(0)
    assert then.ended_at is None
    assert [one.ended_at for one in lives(told, {}, at(90))] == [at(30), None]


def test_the_order_in_which_lives_are_told_does_not_matter():
    told = [life(-20, 0), life(-60, -30), life(-50, 0, datacenter="dc2")]
    assert lives(told, {}, at(0)) == lives(told[::-1], {}, at(0))


@pytest.mark.parametrize(
    ("others", "expected"),
    [(DAY, None), (DAY + 1, at(0) + timedelta(days=1))],
    ids=["nobody beats for longer", "somebody does"],
)
def test_a_silent_instance_is_gone_after_a_day_unless_nothing_else_beats(
    others: int, expected: datetime | None
):
    told = lives([life(-60, 0), life(-60, others, instance="b")], {}, at(2 * DAY))
    gone = {one.instance: one.expected_until(newest_beat(told)) for one in told}
    assert gone == {"a": expected, "b": None}


def test_a_service_without_heartbeats_has_no_newest_beat():
    assert newest_beat(()) is None


@pytest.mark.parametrize(
    ("wrote", "expected"),
    [
        ({("dc2", "a"): at(-5)}, "dc2"),
        ({("dc1", "a"): at(-90), ("dc2", "a"): at(-5)}, "dc2"),
        ({("dc2", "b"): at(-5)}, ""),
        ({}, ""),
    ],
    ids=["where it wrote", "where it last wrote", "another instance wrote", "it never wrote"],
)
def test_a_heartbeat_without_a_datacenter_is_where_its_instance_writes(
    wrote: dict[tuple[str, str], datetime], expected: str
):
    (found,) = lives([life(-60, 0, datacenter="")], wrote, at(0))
    assert found.key == (expected, "a")
