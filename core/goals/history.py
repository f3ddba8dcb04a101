"""The history of goals, criteria and targets, as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.goals.numbers import limit_words
from core.ports.criteria import WrittenChange
from core.status import Operator

#: What is told of each kind of row, in this order; the first is its name, or stands for it.
_TOLD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "goal": (
            *("title", "problem", "for_whom", "gain_user", "gain_us", "starts_on", "due_on"),
            *("key_results", "parent_goal_id"),
        ),
        "criterion": ("name", "area", "window_said"),
        "target": ("measure", "milestone", "value", "due_on"),
        "goal node": ("name", "value", "note"),
        "business metric": ("name", "kind", "source", "direction", "why"),
    }
)
#: What stands in the column that says what was changed.
_NAMING = frozenset({"title", "name", "measure", "milestone"})
_FIELDS = {
    "title": "goal",
    "problem": "why",
    "for_whom": "for whom",
    "gain_us": "what we gain",
    "gain_user": "what users gain",
    "starts_on": "starts",
    "due_on": "due",
    "key_results": "key results",
    "parent_goal_id": "serves",
    "window_said": "window",
}
EMPTY = "nothing"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change, as a row of a table.

    Attributes:
        what: what was changed, e.g. 'target: precision at Q2'.
        before: what it was, in words; 'nothing' for something new.
        after: what it is since; 'removed' where it was taken back.
    """

    at: datetime
    by: str
    subject: str
    what: str
    before: str
    after: str


def history(changes: Iterable[WrittenChange], names: Mapping[str, str]) -> tuple[HistoryLine, ...]:
    """Changes as rows of a table, in the order given.

    Args:
        changes: from the audit log.
        names: of criteria by their id.
    """
    return tuple(
        HistoryLine(one.at, one.by, one.subject, _what(one, names), *_difference(one))
        for one in changes
    )


def _what(change: WrittenChange, names: Mapping[str, str]) -> str:
    row = change.after
    if change.subject == "target":
        criterion = names.get(row["criterion_id"], "")
        said = f"{row['measure'].replace('_', ' ')} at {row['milestone']}"
        return f"{said} ({criterion})" if criterion else said
    name = row.get("title") or row.get("name") or change.subject_id
    return str(name)


def _difference(change: WrittenChange) -> tuple[str, str]:
    before, after = change.before, change.after
    told = _TOLD.get(change.subject, ())
    rest = [field for field in told if field not in _NAMING]
    if after.get("removed_at") is not None and before.get("removed_at") is None:
        return _words(before, rest), "removed"
    if not before:
        return EMPTY, _words(after, rest)
    changed = [field for field in told if _said(before, field) != _said(after, field)]
    return _words(before, changed), _words(after, changed)


def _words(row: Mapping[str, Any], fields: Sequence[str]) -> str:
    said = []
    for field in fields:
        value = _said(row, field)
        if value:
            said.append(value if field == "value" else f"{_FIELDS.get(field, field)}: {value}")
    return "; ".join(said) or EMPTY


def _said(row: Mapping[str, Any], field: str) -> str:
    return _number(row) if field == "value" else _plain(row.get(field))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " / ".join(map(str, value))
    return "" if value is None else str(value)


def _number(row: Mapping[str, Any]) -> str:
    exact = row.get("exact_value")
    if exact is None or not row.get("operator"):
        return ""
    return limit_words(Operator(row["operator"]), Decimal(exact), row.get("unit", ""))
