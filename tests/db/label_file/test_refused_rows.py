"""Rows that are refused have a line and a reason; the others are stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from db.label_file import LabelImport
from db.label_file.outcome import LISTED
from tests.db.label_file.label_lines import HEADER, counts, row, rows, stored

#: Column, what stands there, and why it may not.
REFUSED = [
    ("score", "0,5", "score must be a number with a decimal point and no comma"),
    ("score", "high", "score must be a number"),
    ("score", "1_0", "score must be a number"),
    ("score", "", "score is missing"),
    ("score", "nan", "score == nan, must be a finite number"),
    ("score", "1.01", "score == 1.01, must be at most 1"),
    ("score", "-0.5", "score == -0.5, must not be negative"),
    ("decision", "да", "decision must be true or false (t and f, 1 and 0 are read too)"),
    ("label", "", "label is missing"),
    ("label", "2", "label must be true or false (t and f, 1 and 0 are read too)"),
    ("inclusion_probability", "0", "inclusion_probability == 0.0, must be above 0"),
    ("inclusion_probability", "1.5", "inclusion_probability == 1.5, must be at most 1"),
    (
        "predicted_at",
        "01.06.2025 10:00",
        "predicted_at must be an ISO 8601 time, such as 2026-06-01T12:00:00Z",
    ),
    (
        "predicted_at",
        "2025-06-01T10:00:00",
        (
            "predicted_at must be a time with its zone, such as 2026-06-01T12:00:00Z: without one "
            "it is ambiguous"
        ),
    ),
    (
        "labelled_at",
        "0001-01-01T00:00:00+01:00",
        "labelled_at must be a time between the years 1 and 9999 in UTC",
    ),
    (
        "predicted_at",
        "1999-01-01T00:00:00Z",
        "predicted_at == 1999-01-01T00:00:00+00:00, must not lie before 2000-01-01",
    ),
    (
        "labelled_at",
        "2025-06-02T00:06:00Z",
        (
            "labelled_at == 2025-06-02T00:06:00+00:00, must lie at most 5 minutes ahead of this "
            "clock (2025-06-02T00:00:00+00:00)"
        ),
    ),
    (
        "labelled_at",
        "2025-06-01T09:00:00Z",
        (
            "labelled_at == 2025-06-01T09:00:00+00:00, must not lie before predicted_at "
            "(predicted_at == 2025-06-01T10:00:00+00:00)"
        ),
    ),
    ("letter_id", "", "letter_id is missing"),
    ("model_version", "", "model_version is missing"),
    (
        "letter_id",
        "a\0b",
        ("letter_id == 'a\\x00b', must not contain the character NUL: PostgreSQL cannot store it"),
    ),
]


@pytest.mark.parametrize(
    ("field", "value", "reason"), REFUSED, ids=[f"{one[0]}={one[1]!r}" for one in REFUSED]
)
def test_a_row_that_breaks_the_contract_is_refused_with_line_field_and_reason(
    serving: Engine, load: Callable[..., LabelImport], field: str, value: str, reason: str
):
    written = f'"{value}"' if "," in value else value
    found = load([*rows("a"), row(**{field: written}), *rows("b")])
    assert counts(found) == (3, 2, 0, 0, 1)
    assert stored(serving) == ["a", "b"]
    (refused,) = found.refused
    assert (refused.line, refused.field, refused.value, refused.reason) == (3, field, value, reason)
    assert found.listing().rows == (("3", field, value, reason),)


def test_a_row_with_too_many_or_too_few_values_is_refused_as_a_whole(
    load: Callable[..., LabelImport],
):
    found = load([f"{row()},more", *rows("b"), "alone"])
    assert [(one.line, one.field, one.reason) for one in found.refused] == [
        (2, "", "the row has 11 values, must have 10"),
        (4, "", "the row has 1 values, must have 10"),
    ]
    assert found.inserted == 1


def test_another_services_rows_are_refused(serving: Engine, load: Callable[..., LabelImport]):
    content = f"service,{HEADER}\nmail,{row()}\nother,{row()}\n,{row()}\n"
    found = load(content)
    assert [(one.line, one.reason) for one in found.refused] == [
        (3, "service must be 'mail', whose labels these are said to be"),
        (4, "service is missing"),
    ]
    assert stored(serving, "service") == ["mail"]


@pytest.mark.usefixtures("small_chunks")
def test_a_letter_that_stands_in_an_earlier_line_is_refused_with_that_line(
    serving: Engine, load: Callable[..., LabelImport]
):
    lines = [
        row(letter_id="a", score="broken"),
        *rows("a", "b", "c", "d"),
        row(letter_id="a", label="false"),
        *rows("c"),
        row(letter_id="a", model_version="v2"),
    ]
    found = load(lines)
    assert counts(found) == (8, 5, 0, 0, 3)
    assert [(one.line, one.value, one.reason) for one in found.refused[1:]] == [
        (7, "a", "the letter is in line 3 already"),
        (8, "c", "the letter is in line 5 already"),
    ]
    assert stored(serving, "letter_id, model_version, label") == [
        ("a", "v1", True),
        ("a", "v2", True),
        ("b", "v1", True),
        ("c", "v1", True),
        ("d", "v1", True),
    ]


def test_of_very_many_refused_rows_the_first_are_listed_and_all_are_counted(
    load: Callable[..., LabelImport],
):
    bad = [row(letter_id=str(at), score="2") for at in range(150)]
    found = load([*rows("a"), *bad, *rows("a")])
    assert (found.refused_rows, len(found.refused)) == (151, LISTED)
    assert [one.line for one in found.refused] == list(range(3, 103))
    assert found.listing().about == "The first 100 refused rows are listed."
    assert found.listing().title.endswith("Refused rows: 151.")


def test_a_long_value_is_cut_in_its_listing(load: Callable[..., LabelImport]):
    (refused,) = load([row(score="9" * 500)]).refused
    assert refused.value == "9" * 60 + "…"
    assert len(refused.reason) < 200


@pytest.mark.parametrize("bad", [row(score="2"), row(letter_id="a"), "too,few"])
def test_asked_to_be_strict_it_writes_nothing_if_any_row_is_refused(
    serving: Engine, load: Callable[..., LabelImport], bad: str
):
    load([row(letter_id="b", label="false")])
    found = load([*rows("a", "b", "c"), bad], strict=True)
    assert counts(found) == (4, 0, 0, 0, 1)
    assert not found.written
    assert found.sentence == (
        "labels.csv: 4 rows. Refused rows: 1. Nothing is written, since every row was to be "
        "accepted."
    )
    assert stored(serving, "letter_id, label") == [("b", False)]
    found = load(rows("a", "b", "c"), strict=True)
    assert counts(found) == (3, 2, 1, 0, 0)
    assert found.written
