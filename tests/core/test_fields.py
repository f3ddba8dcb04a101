"""Fields of a form: read by name, and every wrong one named."""

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from core.fields import NAME_LENGTH, TEXT_LENGTH, Fields, FieldsError


def test_what_is_right_is_read():
    form = Fields(
        {
            "name": "  Папка ",
            "days": np.int64(28),
            "rounded": 14.0,
            "share": np.float64(0.25),
            "on": date(2026, 6, 1),
            "until": "2026-06-30",
            "note": " two\nlines ",
        }
    )
    assert form.name("name") == "Папка"
    assert form.name("name", ["Папка", "other"]) == "Папка"
    assert form.whole("days", 1, 28) == 28
    assert form.whole("rounded", 14, 99) == 14
    assert form.number("share") == 0.25
    assert form.day("on") == date(2026, 6, 1)
    assert form.day("until") == date(2026, 6, 30)
    assert form.text("note") == "two\nlines"
    assert form.text("nothing") == ""
    assert form.problems == {}


@pytest.mark.parametrize("empty", [None, "", "  ", "\n"])
def test_what_is_empty_is_missing(empty: object):
    form = Fields(dict.fromkeys(("name", "number", "whole", "day", "below"), empty))
    found = [
        form.name("name"),
        form.number("number"),
        form.whole("whole", 0, 9),
        form.day("day"),
        form.below("below"),
    ]
    assert found == [None] * 5
    assert form.problems == dict.fromkeys(form._given, "Is missing.")


@pytest.mark.parametrize("wrong", [7, ["a"], "two\nlines", "zero \0", "x" * (NAME_LENGTH + 1)])
def test_a_name_is_one_line_of_text(wrong: object):
    form = Fields({"name": wrong})
    assert form.name("name") is None
    assert form.problems["name"].startswith("Must be ")


def test_a_name_is_among_those_that_there_are():
    form = Fields({"metric": "complaint_rate"})
    assert form.name("metric", ["letters", "complaints"]) is None
    assert form.problems == {
        "metric": "Must be one of letters, complaints, and is 'complaint_rate'."
    }


@pytest.mark.parametrize(
    "wrong", [True, "7", float("nan"), float("inf"), 10**400, Decimal(7), [7], 3j]
)
def test_a_number_is_finite_and_no_text(wrong: object):
    form = Fields({"number": wrong, "whole": wrong})
    assert form.number("number") is None
    assert form.whole("whole", 0, 10**9) is None
    assert list(form.problems) == ["number", "whole"]


@pytest.mark.parametrize("wrong", [13, 29, 14.5, -14])
def test_a_whole_number_keeps_within_its_limits(wrong: float):
    form = Fields({"days": wrong})
    assert form.whole("days", 14, 28) is None
    assert form.problems == {"days": f"Must be a whole number from 14 to 28, and is {wrong}."}


@pytest.mark.parametrize(
    "wrong",
    [
        "1.6.2026",
        "20260601",
        "2026-W23-1",
        "2026-06-31",
        "2026-06-01T00:00",
        "0026-06-01",
        date(9999, 1, 1),
        datetime(2026, 6, 1, tzinfo=UTC),
        20260601,
    ],
)
def test_a_day_is_a_date_or_written_as_one(wrong: object):
    form = Fields({"on": wrong})
    assert form.day("on") is None
    assert "Must be a day such as 2026-06-01" in form.problems["on"]


@pytest.mark.parametrize("wrong", [7, "half a pair \ud83d", "zero \0", "x" * (TEXT_LENGTH + 1)])
def test_a_text_can_be_stored(wrong: object):
    form = Fields({"note": wrong})
    form.text("note")
    assert form.problems["note"].startswith("Must ")


def test_fields_of_fields_are_named_by_where_they_are():
    form = Fields({"primary": {"margin": "x"}, "rules": [{"margin": 1}, {}, "no"], "odd": "no"})
    primary = form.below("primary")
    assert primary is not None
    primary.number("margin")
    assert [entry.number("margin") for entry in form.each("rules")] == [1.0, None]
    assert form.below("odd") is None
    assert form.each("odd") == form.each("nothing") == []
    assert form.problems == {
        "primary.margin": "Must be a number, and is 'x'.",
        "rules[2]": "Must be a mapping of fields, and is 'no'.",
        "rules[1].margin": "Is missing.",
        "odd": "Must be a mapping of fields, and is 'no'.",
    }


def test_a_field_that_does_not_exist_is_named():
    form = Fields({"plannd_days": 3, "planned_days": 28})
    form.refuse_unknown(("service", "planned_days"))
    assert form.problems == {
        "plannd_days": "There is no such field; there are service, planned_days."
    }


def test_what_was_said_first_about_a_field_stands():
    form = Fields({})
    form.refuse("field", "One.")
    form.refuse("field", "Two.")
    assert form.problems == {"field": "One."}


def test_a_long_wrong_value_is_cut_in_what_is_said():
    form = Fields({"name": "x" * 5_000})
    form.name("name")
    assert len(form.problems["name"]) < 130
    assert "…" in form.problems["name"]


def test_the_error_says_every_problem():
    error = FieldsError({"days": "Is missing.", "name": "Must be a text, and is 7."})
    assert str(error) == "days: Is missing. name: Must be a text, and is 7."
    assert error.problems == {"days": "Is missing.", "name": "Must be a text, and is 7."}


def test_a_list_of_names_is_read_once_each_in_its_order():
    form = Fields({"tables": [" b ", "a", "b"]})
    assert form.names("tables") == ("b", "a")
    assert form.names("nowhere") == ()
    assert form.problems == {}


def test_every_wrong_name_of_a_list_is_named():
    form = Fields({"policies": ["fast", "slwo", 7], "names": "fast"})
    assert form.names("policies", ["fast", "slow"]) == ("fast",)
    assert form.names("names") == ()
    assert form.problems == {
        "policies[1]": "Must be one of fast, slow, and is 'slwo'.",
        "policies[2]": "Must be a text, and is 7.",
        "names": "Must be a list of names, and is 'fast'.",
    }


def test_a_field_where_there_are_none_is_refused():
    form = Fields({"days": 1})
    form.refuse_unknown(())
    assert form.problems == {"days": "There is no such field; there are none."}
