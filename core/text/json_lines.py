"""Letters as JSON lines: anonymised one by one, a wrong line named and no other lost with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.text.anonymise import anonymise


@dataclass(frozen=True, slots=True)
class Line:
    """An anonymised line.

    Attributes:
        number: counted from 1.
        text: the JSON object, without a line's end.
    """

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class LineError:
    """A line that could not be anonymised. It is never passed on: it may hold a letter.

    Attributes:
        number: counted from 1.
        problem: a sentence that names the line and repeats nothing of it.
    """

    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class _Number:
    """A number that is written exactly as it was read ("1e400", "0.10")."""

    written: str


def anonymise_lines(lines: Iterable[str]) -> Iterator[Line | LineError]:
    """Anonymise `text` of every line {"text": ..., ...}; other keys come through as they are.

    Added are `spans`, a list of {"start", "end", "kind", "placeholder"} in characters of the
    original text, and `anonymiser`. Empty lines are skipped.

    >>> [line] = anonymise_lines(['{"id": 12345678901234567890, "text": "я Анна Котова"}'])
    >>> json.loads(line.text)["text"]
    'я [PERSON_1]'
    >>> [line] = anonymise_lines(["oops"])
    >>> line.problem
    'Line 1 is not JSON (Expecting value, column 1).'
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _anonymised(number, line)


def _anonymised(number: int, line: str) -> Line | LineError:
    try:
        return Line(number, _dumped(_with_anonymised_text(_read(line))))
    except json.JSONDecodeError as error:
        problem = f"is not JSON ({error.msg}, column {error.colno})"
    except RecursionError:
        problem = "is nested too deeply"
    except ValueError as error:
        problem = str(error)
    return LineError(number, f"Line {number} {problem}.")


def _read(line: str) -> Any:
    return json.loads(
        line.removeprefix("\ufeff"),
        parse_float=_Number,
        parse_int=_Number,
        parse_constant=_refuse,
    )


def _with_anonymised_text(read: Any) -> dict[str, object]:
    if not isinstance(read, dict):
        raise ValueError("is no JSON object")
    if "text" not in read:
        raise ValueError("has no text")
    if not isinstance(read["text"], str):
        raise ValueError("has a text that is not a string")
    done = anonymise(read["text"])
    spans = [
        {"start": one.start, "end": one.end, "kind": one.kind, "placeholder": one.placeholder}
        for one in done.spans
    ]
    return read | {"text": done.text, "spans": spans, "anonymiser": done.anonymiser}


def _refuse(constant: str) -> None:
    raise ValueError(f"is not JSON ({constant} is no number of it)")


def _dumped(value: object) -> str:
    """JSON with numbers as they were written."""
    if isinstance(value, _Number):
        return value.written
    if isinstance(value, dict):
        inside = ", ".join(f"{_text(str(key))}: {_dumped(item)}" for key, item in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(_dumped(item) for item in value)}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


_SURROGATE = re.compile("[\ud800-\udfff]")


def _text(text: str) -> str:
    """A string of JSON; half a surrogate, which no encoding can write, stays an escape."""
    written = json.dumps(text, ensure_ascii=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
