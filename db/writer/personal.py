"""What of a report never leaves its process: raw text and addresses.

The text of a reported letter is anonymised before anything else happens to its row: before it is
judged, queued on disk, logged, sent, or kept among the refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.text.anonymise import ANONYMISER, anonymise

_ADDRESS = re.compile(r"[@＠\s]")
_HASH_IT = (
    "be a keyed hash (HMAC-SHA-256), not what was hashed: it holds white space or an @. Hash it "
    "before you write it"
)
_DOMAIN = "be a domain without an @: cut off what stands before it, or hash it"


@dataclass(frozen=True, slots=True, repr=False)
class Withheld:
    """Takes the place of a value that may not be repeated anywhere.

    Attributes:
        must: the rest of the sentence "field must ...", for the refusal of its row.
    """

    must: str

    def __repr__(self) -> str:
        return "(withheld)"


def cleaned(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a metric table with nothing personal in it."""
    cleaners = _CLEANERS.get(table, {})
    return {
        name: cleaners[name](value) if name in cleaners else value for name, value in row.items()
    }


def cleaned_columns(table: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The same for many rows, each column one value for all of them or a sequence of values."""
    found = dict(columns)
    for name, clean in _CLEANERS.get(table, {}).items():
        if name in found:
            found[name] = _each(clean, found[name])
    return found


def _each(clean: Callable[[Any], Any], values: Any) -> Any:
    """Every value cleaned, the same text once."""
    if hasattr(values, "__array__"):
        values = np.asarray(values).tolist()
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        return clean(values)
    known: dict[str, Any] = {}
    found = []
    for value in values:
        if not isinstance(value, str):
            found.append(clean(value))
            continue
        if value not in known:
            known[value] = clean(value)
        found.append(known[value])
    return found


def _text(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, str):
        return Withheld(f"be text, not {type(value).__name__}")
    try:
        return anonymise(value).text
    except Exception as error:  # noqa: BLE001 - whatever it is, the text must not go on
        return Withheld(f"be one that can be anonymised: this one cannot ({type(error).__name__})")


def _anonymiser(value: Any) -> Any:
    """The producer's own, if it names one, and this house's."""
    if not isinstance(value, str):
        return value
    theirs = value.strip()
    if not theirs or theirs == ANONYMISER or theirs.endswith(f", then {ANONYMISER}"):
        return theirs or ANONYMISER
    return f"{theirs}, then {ANONYMISER}"


def _key(value: Any) -> Any:
    return Withheld(_HASH_IT) if isinstance(value, str) and _ADDRESS.search(value) else value


def _domain(value: Any) -> Any:
    is_address = isinstance(value, str) and ("@" in value or "＠" in value)
    return Withheld(_DOMAIN) if is_address else value


_CLEANERS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "false_report": {
        "text": _text,
        "anonymiser": _anonymiser,
        "letter_key": _key,
        "reporter_key": _key,
        "sender_domain": _domain,
    }
}
