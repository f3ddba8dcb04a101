"""`cli.py anonymise`: JSON lines in, the same lines without personal details out."""

import json

from click.testing import CliRunner, Result

import cli


def anonymise(given: str | bytes) -> Result:
    result = CliRunner().invoke(cli.main, ["anonymise"], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_a_line_comes_out_anonymised_with_its_other_keys_and_where_the_details_were():
    text = "Звоните Ивану Петрову: +7 916 123-45-67"
    line = json.dumps({"text": text, "id": 12345678901234567890, "rate": 0.1}, ensure_ascii=False)

    result = anonymise(line + "\n")

    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["text"] == "Звоните [PERSON_1]: [PHONE_1]"
    assert (found["id"], found["rate"]) == (12345678901234567890, 0.1)
    assert [text[span["start"] : span["end"]] for span in found["spans"]] == [
        "Ивану Петрову",
        "+7 916 123-45-67",
    ]
    assert [span["kind"] for span in found["spans"]] == ["PERSON", "PHONE"]
    assert found["anonymiser"].startswith("greenlight ")


def test_a_wrong_line_is_named_and_repeated_nowhere_and_the_others_follow():
    secret = "anna.smirnova@mail.example"
    given = f'{secret}\n{{"text": "one"}}\n{{"letter": "{secret}"}}\n{{"text": "two"}}\n'

    result = anonymise(given)

    assert result.exit_code == 1
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["one", "two"]
    assert "Line 1 " in result.stderr
    assert "Line 3 " in result.stderr
    assert secret not in result.output


def test_bytes_that_are_no_text_stop_nobody():
    result = anonymise(b'{"text": "caf\xe9"}\n{"text": "two"}\n')

    assert json.loads(result.stdout.splitlines()[-1])["text"] == "two"
