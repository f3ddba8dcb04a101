"""Letters as JSON lines."""

import json

import pytest

from core.text.anonymise import ANONYMISER
from core.text.json_lines import Line, LineError, anonymise_lines


def only(line: str) -> Line | LineError:
    [found] = anonymise_lines([line])
    return found


def test_a_line_comes_out_with_its_text_anonymised_and_what_was_replaced():
    found = only('{"text": "Пишет Анна Котова"}\n')

    assert isinstance(found, Line)
    assert json.loads(found.text) == {
        "text": "Пишет [PERSON_1]",
        "spans": [{"start": 6, "end": 17, "kind": "PERSON", "placeholder": "[PERSON_1]"}],
        "anonymiser": ANONYMISER,
    }


def test_other_keys_come_through_as_they_were_written():
    before = (
        '{"id": 123456789012345678901234567890, "a": 1e400, "b": 0.10, "c": -0, '
        '"é": [1.0, {"x": null, "y": true}]'
    )

    found = only(f'{before}, "text": "я"}}')

    assert isinstance(found, Line)
    assert found.text.startswith(f'{before}, "text": "я", ')


def test_half_a_surrogate_stays_an_escape():
    found = only('{"text": "\\ud800 я"}')

    assert isinstance(found, Line)
    assert found.text.encode() is not None
    assert '"\\ud800 я"' in found.text


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("oops", "Line 1 is not JSON (Expecting value, column 1)."),
        ("[1]", "Line 1 is no JSON object."),
        ("{}", "Line 1 has no text."),
        ('{"text": 5}', "Line 1 has a text that is not a string."),
        ('{"text": null}', "Line 1 has a text that is not a string."),
        ('{"text": "a", "n": NaN}', "Line 1 is not JSON (NaN is no number of it)."),
        ("[" * 100_000, "Line 1 is nested too deeply."),
    ],
)
def test_a_wrong_line_is_named_by_number_and_problem(line: str, problem: str):
    assert only(line) == LineError(1, problem)


def test_a_wrong_line_loses_no_other():
    found = list(anonymise_lines(['{"text": "a"}', "oops", "", '{"text": "b"}']))

    assert [(type(one), one.number) for one in found] == [(Line, 1), (LineError, 2), (Line, 4)]


def test_an_error_repeats_nothing_of_the_line():
    found = only('{"text": "Иван Петров" "89161234567"}')

    assert isinstance(found, LineError)
    assert "Иван" not in found.problem
    assert "8916" not in found.problem


def test_lines_are_read_one_by_one():
    def endless():
        while True:
            yield '{"text": "a"}'

    lines = anonymise_lines(endless())

    assert next(lines).number == 1
    assert next(lines).number == 2
