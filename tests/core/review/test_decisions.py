"""Reading what was decided."""

from datetime import date
from typing import Any

import pytest

from core.fields import FieldsError
from core.review.decisions import DecisionTaken, parse_decision

TODAY = date(2026, 6, 1)
FORM: dict[str, Any] = {
    "text": " Катим на 10 % ",
    "why": "",
    "decided_by": " Мария ",
    "decided_on": TODAY,
}


def test_a_decision_is_read():
    assert parse_decision(FORM, TODAY) == DecisionTaken("Катим на 10 %", "", "Мария", TODAY)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("text", "  ", "Is missing: what was decided?"),
        ("decided_by", "", "Is missing: who decided it?"),
        ("decided_on", None, "Is missing."),
        ("decided_on", date(2026, 6, 2), "Must not lie ahead."),
        ("owner", "x", "There is no such field; there are text, why, decided_by, decided_on."),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object, said: str):
    with pytest.raises(FieldsError) as refused:
        parse_decision(FORM | {field: value}, TODAY)
    assert refused.value.problems == {field: said}
