"""The card: four of four is complete, and what is missing has a name."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from core.documentation.card import CARD_FIELDS, missing, parse_card
from core.fields import FieldsError
from core.ports.documentation import ServiceCard

FULL = ServiceCard("mail", "https://git.example/mail", "/var/log/mail", "It is slow: …", "threads")
NAMES = [about.field for about in CARD_FIELDS]


def test_there_are_four_answers():
    assert NAMES == ["repository", "logs", "problems", "knobs"]
    assert missing(FULL) == ()


@pytest.mark.parametrize(
    "left_out", [set(some) for n in range(5) for some in combinations(NAMES, n)]
)
def test_what_is_missing_is_named(left_out: set[str]):
    card = replace(FULL, **dict.fromkeys(left_out, " "))
    assert {about.field for about in missing(card)} == left_out


def test_no_card_at_all_misses_everything():
    assert len(missing(None)) == 4


def test_a_card_may_be_filled_in_bit_by_bit():
    assert parse_card("mail", {"logs": " /var/log "}) == ServiceCard("mail", logs="/var/log")


@pytest.mark.parametrize(
    ("given", "field"),
    [({"logs": 7}, "logs"), ({"owner": "x"}, "owner"), ({"knobs": "\0"}, "knobs")],
)
def test_a_wrong_field_is_named(given: dict[str, object], field: str):
    with pytest.raises(FieldsError) as refusal:
        parse_card("mail", given)
    assert list(refusal.value.problems) == [field]
