"""The history of goals, criteria and targets, as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.goals.numbers import limit_words
from core.ports.criteria import WrittenChange
from core.status import Operator

#: Fields that say who wrote a row, and not what.
_ABOUT = frozenset(
    {
        *("revision", "changed_by", "changed_at", "request_id", "removed_by", "service"),
        *("position", "created_at", "exact_value", "operator", "unit"),
        *("goal_id", "criterion_id", "target_id", "node_id", "metric_id"),
    }
)
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
    "parent_id": "below",
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
    if after.get("removed_at") is not None and before.get("removed_at") is None:
        return _words(before, _telling(before, before)), "removed"
    if not before:
        return EMPTY, _words(after, _telling(after, after))
    changed = [field for field in _telling(before, after) if before.get(field) != after.get(field)]
    if _number(before) != _number(after) and "value" not in changed:
        changed.append("value")
    return _words(before, changed), _words(after, changed)


def _telling(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [
        field
        for field in dict.fromkeys([*before, *after])
        if field not in _ABOUT and field != "removed_at"
    ]


def _words(row: Mapping[str, Any], fields: Sequence[str]) -> str:
    said = []
    for field in fields:
        value = _number(row) if field == "value" else _plain(row.get(field))
        if value:
            said.append(value if field == "value" else f"{_FIELDS.get(field, field)}: {value}")
    return "; ".join(said) or EMPTY


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " / ".join(map(str, value))
    return "" if value is None else str(value)


def _number(row: Mapping[str, Any]) -> str:
    exact = row.get("exact_value")
    if exact is None or not row.get("operator"):
        return ""
    return limit_words(Operator(row["operator"]), Decimal(exact), row.get("unit", ""))
