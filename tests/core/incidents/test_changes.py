"""What people fill in of an incident, and what its form begins with."""

from __future__ import annotations

from typing import Any

import pytest

from core.fields import FieldsError
from core.incidents.changes import drafted, parse_incident
from tests.fakes_oncall import DAY, HANDOVER, HOUR, MINUTE, page


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"),
        ({"severity": "huge"}, "severity"),
        ({"began_at": None}, "began_at"),
        ({"began_at": HANDOVER + DAY}, "began_at"),
        ({"detected_at": HANDOVER - HOUR}, "detected_at"),
        ({"detected_at": HANDOVER + DAY}, "detected_at"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_of_an_incident_is_named(changed: dict[str, Any], field: str):
    given = {"title": "Почта", "severity": "major", "began_at": HANDOVER, "detected_at": None}
    assert parse_incident(given, HANDOVER + HOUR).title == "Почта"
    with pytest.raises(FieldsError) as refusal:
        parse_incident({**given, **changed}, HANDOVER + HOUR)
    assert list(refusal.value.problems) == [field]


def test_the_form_begins_with_what_the_alerts_say():
    ticket = page(HANDOVER, severity="ticket", sentence="Slow.", began_at=HANDOVER - HOUR)
    called = page(HANDOVER + MINUTE, sentence="Availability\nburns.")
    pending = page(None, began_at=HANDOVER + HOUR)
    given = drafted([pending, ticket, called], HANDOVER + HOUR)
    assert given == {
        "title": "Availability burns",
        "severity": "major",
        "began_at": HANDOVER - HOUR,
        "detected_at": HANDOVER,
    }
    assert parse_incident(given, HANDOVER + HOUR).title == "Availability burns"
    assert drafted([ticket], HANDOVER)["severity"] == "minor"


def test_the_form_of_an_incident_without_alerts_asks_for_its_title():
    given = drafted([], HANDOVER)
    assert (given["title"], given["began_at"], given["detected_at"]) == ("", HANDOVER, None)


def test_a_long_sentence_makes_a_title_that_is_taken():
    given = drafted([page(HANDOVER, sentence="x" * 500)], HANDOVER)
    assert len(parse_incident(given, HANDOVER).title) == 200
