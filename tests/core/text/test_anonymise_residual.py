"""What is said about details that may be left."""

import pytest

from core.text.anonymise import anonymise
from core.text.residual import MEASURED, left_candidates, missed_share, residual_risk
from tests.core.text.labelled import letters, measure

HELD_OUT = [
    one
    for name in ("second", "third", "fourth", "fifth", "sixth", "seventh")
    for one in letters(name)
]


def test_the_measured_counts_are_of_the_held_out_letters():
    details = measure(HELD_OUT).details
    told = {kind: all_ for kind, (_, all_) in MEASURED.items()}
    others = sum(n for kind, n in details.items() if kind not in told)

    assert told == {"PERSON": details["PERSON"], "PHONE": details["PHONE"], "OTHER": others}


def test_later_rules_find_no_less_than_what_is_told():
    measured = measure(HELD_OUT)

    for kind in ("PERSON", "PHONE"):
        assert measured.found[kind] >= MEASURED[kind][0]


def test_no_letters_have_no_risk():
    risk = residual_risk([])

    assert (risk.letters, risk.per_thousand, risk.candidates) == (0, 0.0, ())


def test_what_is_expected_grows_with_what_was_found():
    done = [anonymise("Пишет Анна Котова, тел. 89161234567")] * 10

    risk = residual_risk(done)

    share = missed_share("PERSON")
    assert risk.found == {"PERSON": 10, "PHONE": 10}
    assert risk.expected["PERSON"] == pytest.approx(10 * share / (1 - share))
    assert risk.per_thousand == pytest.approx(100 * sum(risk.expected.values()))


def test_candidates_are_what_looks_personal_and_is_no_placeholder():
    text = "[PERSON_1] и Зухра Ык, дело 12-34-567-890, заказ 12345, x@local, [PHONE_1]"

    assert left_candidates(text) == ("Зухра Ык", "12-34-567-890", "x@local")


def test_the_most_frequent_candidates_come_first():
    done = [anonymise(text) for text in ("Белый Дом", "Белый Дом", "Красный Угол", "ничего")]

    risk = residual_risk(done)

    assert risk.candidates == (("Белый Дом", 2), ("Красный Угол", 1))
    assert risk.letters_with_candidates == 3
