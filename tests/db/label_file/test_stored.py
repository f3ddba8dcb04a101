"""What an import stores of a good file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from db.label_file import LabelImport
from tests.db.label_file.label_lines import GOOD, HEADER, NAMES, counts, row, rows, stored


def test_every_value_is_stored_as_it_stands(serving: Engine, load: Callable[..., LabelImport]):
    found = load(
        [
            row(letter_id="а", decision="F", label="1", score="5e-1", labeller=""),
            row(letter_id="б", predicted_at="2025-06-01 13:00:00+03:00", segment=""),
        ]
    )
    assert counts(found) == (2, 2, 0, 0, 0)
    moments = (datetime(2025, 6, 1, 10, tzinfo=UTC), datetime(2025, 6, 1, 12, tzinfo=UTC))
    assert stored(serving, "letter_id, service, predicted_at, labelled_at, segment") == [
        ("а", "mail", *moments, "ru"),
        ("б", "mail", *moments, ""),
    ]
    assert stored(serving, "score, decision, label, inclusion_probability, labeller") == [
        (0.5, False, True, 0.01, ""),
        (0.9, True, True, 0.01, "Аня"),
    ]


def test_the_same_file_again_changes_nothing_and_a_correction_only_its_row(
    serving: Engine, load: Callable[..., LabelImport]
):
    assert counts(load(rows("a", "b", "c"))) == (3, 3, 0, 0, 0)
    before = stored(serving, "letter_id, written_at, xmin::text, xmax::text")
    assert counts(load(rows("a", "b", "c"))) == (3, 0, 0, 3, 0)
    assert stored(serving, "letter_id, written_at, xmin::text, xmax::text") == before
    found = load([*rows("a"), row(letter_id="b", label="false"), *rows("d")])
    assert counts(found) == (3, 1, 1, 1, 0)
    assert found.sentence == (
        "labels.csv: 3 rows. Labels: 1 inserted, 1 changed, 1 unchanged. Refused rows: 0."
    )
    assert stored(serving, "letter_id, label") == [
        ("a", True),
        ("b", False),
        ("c", True),
        ("d", True),
    ]
    after = stored(serving, "letter_id, written_at, xmin::text, xmax::text")
    assert [one[1] > other[1] for one, other in zip(after, before, strict=False)] == [
        False,
        True,
        False,
    ]


def test_columns_may_come_in_any_order_and_the_labeller_not_at_all(
    serving: Engine, load: Callable[..., LabelImport]
):
    names = [*reversed(NAMES[:-1]), "service"]
    values = dict(zip(NAMES, GOOD.format(id="l").split(","), strict=True)) | {"service": "почта"}
    content = f"{','.join(names)}\n{','.join(values[name] for name in names)}\n"
    assert counts(load(content, service=None)) == (1, 1, 0, 0, 0)
    assert stored(serving, "service, labeller") == [("почта", "")]
    assert counts(load(content, service="почта")) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_taken_from_the_header_and_said(
    serving: Engine, load: Callable[..., LabelImport], delimiter: str
):
    content = f"\ufeff{HEADER}\r\n{GOOD.format(id='l')}\r\n".replace(",", delimiter)
    found = load(content)
    assert counts(found) == (1, 1, 0, 0, 0)
    (note,) = found.notes
    words = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
    assert note == f"Its columns are taken to be apart by {words[delimiter]}."
    assert note in found.listing().about
    assert load(rows("l")).notes == ()


def test_quotes_blank_lines_and_line_breaks_inside_of_a_value_keep_the_count_of_lines(
    serving: Engine, load: Callable[..., LabelImport]
):
    found = load(
        [
            row(letter_id='"with, comma and ""quotes"""'),
            "",
            row(letter_id='"two\nlines"'),
            row(letter_id="bad", score="2"),
        ]
    )
    assert counts(found) == (3, 2, 0, 0, 1)
    assert stored(serving) == ["two\nlines", 'with, comma and "quotes"']
    assert [one.line for one in found.refused] == [6]


@pytest.mark.usefixtures("small_chunks")
def test_many_chunks_are_one_import(serving: Engine, load: Callable[..., LabelImport]):
    lines = rows(*"abcdefgh")
    lines[3] = row(letter_id="d", score="many")
    lines[6] = "too,few"
    found = load(lines)
    assert counts(found) == (8, 6, 0, 0, 2)
    assert [one.line for one in found.refused] == [5, 8]
    assert stored(serving) == list("abcefh")
    with serving.connect() as connection:
        times = connection.execute(
            text("select count(distinct written_at) from metrics.labelled_letter")
        )
        assert times.scalar_one() == 1
