"""The parameters of each check as fields of a form, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.alerts.parameters import POLICY_NAMES
from core.ports.alerts import AlertRule
from core.reliability import SLIS
from core.risks.measures import OPERATORS
from pages.parts.drafts import Draft


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter.

    Attributes:
        name: of the parameter.
        label: with its unit.
        kind: 'whole', 'number', 'text', 'names', 'one', 'some' or 'day'.
        begins: what a new rule's field shows.
        among: what may be chosen.
    """

    name: str
    label: str
    kind: str
    begins: Any = None
    among: tuple[str, ...] = ()


_MINUTES = Field("minutes", "Minutes", "whole", 5)
_SHARE = Field("share", "Share, 0 to 1", "number", 0.01)
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "burn": (
        Field("sli", "Indicator", "one", SLIS[0], SLIS),
        Field("policies", "Policies", "some", list(POLICY_NAMES), POLICY_NAMES),
    ),
    "rows": (Field("minutes", "Quiet for longer than, minutes", "whole", 3),),
    "heartbeat": (Field("minutes", "Quiet for longer than, minutes", "whole", 3),),
    "worker": (Field("minutes", "Quiet for longer than, minutes", "whole", 5),),
    "tables": (Field("tables", "Tables, apart by commas (none: all)", "names", ""),),
    "errors": (_MINUTES, _SHARE, Field("least", "At least so many errors", "whole", 10)),
    "load": (Field("factor", "Times the highest load carried", "number", 1.0),),
    "traffic_vanished": (
        Field("minutes", "Minutes", "whole", 10),
        Field("share", "Below this share of what is usual, 0 to 1", "number", 0.1),
        Field("least", "Letters that are usual at least", "whole", 100),
    ),
    "drift": (
        Field("index", "Population stability index above", "number", 0.25),
        Field("least", "Among at least so many letters", "whole", 1000),
    ),
    "complaints": (
        Field("weeks", "Weeks that make the pattern", "whole", 8),
        Field("false_alarms", "False alarms a day", "number", 0.001),
    ),
    "shadow_visible": (Field("hours", "Hours back", "whole", 24),),
    "milestone_overdue": (Field("days", "Days after the milestone", "whole", 0),),
    "red_line": (
        Field("due_on", "Last day in time (or a measure below)", "day"),
        Field("path", "Measure, e.g. reliability.percentiles.p99.9", "text", ""),
        Field("operator", "Crossed where the measure is", "one", None, OPERATORS),
        Field("value", "This value", "number"),
    ),
}


def fields_of(check: str) -> tuple[Field, ...]:
    """The parameters of a check; none for one that takes none."""
    return FIELDS.get(check, ())


def key_of(check: str, field: Field) -> str:
    """The name of a parameter's field in the draft: each check has fields of its own."""
    return f"{check}.{field.name}"


def begins(check: str, rule: AlertRule | None) -> dict[str, Any]:
    """What the fields of a check show at first: the rule's own, if it is the rule's check."""
    stored = rule.parameters if rule is not None and rule.check == check else None
    found = {}
    for field in fields_of(check):
        value = field.begins if stored is None else stored.get(field.name)
        if field.kind == "some":
            # A rule that names none looks at all: a field without a choice says the same.
            usual = field.begins if stored is not None and value is None else value
            value = [name for name in usual or [] if name in field.among]
        elif field.kind == "day" and isinstance(value, str):
            value = date.fromisoformat(value)
        elif field.kind == "names":
            value = ", ".join(value or ())
        elif field.kind == "text":
            value = value or ""
        found[key_of(check, field)] = value
    return found


def draw(draft: Draft, check: str) -> None:
    """The fields of a check, with what is wrong with each below it."""
    for field in fields_of(check):
        name = key_of(check, field)
        if field.kind == "whole":
            draft.number_input(field.label, name, step=1)
        elif field.kind == "number":
            draft.number_input(field.label, name, step=0.01, format="%g")
        elif field.kind == "one":
            draft.selectbox(field.label, field.among, name, index=None)
        elif field.kind == "some":
            draft.multiselect(field.label, field.among, name)
        elif field.kind == "day":
            draft.date_input(field.label, name)
        else:
            draft.text_input(field.label, name)
        draft.problem(f"parameters.{field.name}")


def given(draft: Draft, check: str) -> dict[str, Any]:
    """The parameters that were filled in; an empty field is left out, so that its lack is named."""
    found: dict[str, Any] = {}
    for field in fields_of(check):
        value = draft.value(key_of(check, field))
        if value is None or value in ("", []):
            continue
        if field.kind == "names":
            value = [name.strip() for name in value.split(",") if name.strip()]
        found[field.name] = value.isoformat() if isinstance(value, date) else value
    return found
