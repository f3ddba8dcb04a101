"""What must happen and what must not become drafts of risks."""

from __future__ import annotations

import pytest

from core.risks import drafted


def titles(must: str = "", must_not: str = "") -> list[str]:
    return [one.title for one in drafted(must, must_not)]


def test_the_lectures_task_becomes_three_risks():
    found = drafted(
        "delivered and installed before the middle of the project\n"
        "power in the rack for 3 A100 servers of 8 GPUs",
        "must not be dropped while being mounted",
    )
    assert [one.title for one in found] == [
        "Does not happen: delivered and installed before the middle of the project",
        "Does not happen: power in the rack for 3 A100 servers of 8 GPUs",
        "Happens: dropped while being mounted",
    ]
    assert found[2].statement == "must not be dropped while being mounted"


@pytest.mark.parametrize(
    ("must", "title"),
    [
        ("The servers are delivered in time", "The servers are not delivered in time"),
        ("The rack is powered.", "The rack is not powered"),
        ("The servers must be delivered by May", "The servers are not delivered by May"),
        ("The budget must be approved", "The budget is not approved"),
        ("We can roll back", "We cannot roll back"),
        ("GPUs for training", "Does not happen: GPUs for training"),
        ("What is needed arrives", "Does not happen: what is needed arrives"),
        ("The build is not broken", "Does not happen: the build is not broken"),
    ],
)
def test_what_must_happen_is_negated(must: str, title: str):
    assert titles(must) == [title]


@pytest.mark.parametrize(
    ("must_not", "title"),
    [
        ("The machines must not be dropped", "The machines are dropped"),
        ("A letter must not be lost", "A letter is lost"),
        ("data loss", "Happens: data loss"),
        ("Must not lose letters", "Happens: lose letters"),
    ],
)
def test_what_must_not_happen_happens(must_not: str, title: str):
    assert titles(must_not=must_not) == [title]


def test_russian_text_stays_as_it_was_typed():
    assert titles("Серверы доставлены до 1 мая", "Уронили при монтаже") == [
        "Не произойдёт: Серверы доставлены до 1 мая",
        "Произойдёт: Уронили при монтаже",
    ]


def test_lists_lose_their_bullets_and_empty_lines_and_repetitions():
    assert titles("- The rack is powered\n\n 2. The rack is powered\n* we agree\n   ") == [
        "The rack is not powered",
        "Does not happen: we agree",
    ]


def test_nothing_said_is_nothing_drafted():
    assert drafted(" \n", "") == ()


def test_a_long_statement_is_cut_to_a_title_and_kept_in_full():
    (one,) = drafted("x" * 300, "")
    assert len(one.title) == 200
    assert one.statement == "x" * 300
