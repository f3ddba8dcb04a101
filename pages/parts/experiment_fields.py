"""A definition as the fields of its form, and back: shares and margins are typed in percent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.experiment import METRICS
from core.experiment.amendment import Change
from core.experiment.definition import as_fields
from core.experiment.words import margin_words
from core.ports import ExperimentDefinition

#: Rows for variants: a test of more than a few arms is rare, and empty rows are left out.
VARIANT_ROWS = 4
#: Which fields of the form a field of the definition stands in.
_RULE = ("metric", "margin", "direction")
_PRIMARY = {f"primary.{part}": f"primary_{part}" for part in _RULE}
#: Fields of a definition as a sentence calls them.
_NAMES = {
    "variants": "The split",
    "control": "The control",
    "starts_on": "The first day",
    "minimum_days": "The least number of days",
    "planned_days": "The planned length in days",
    "primary": "The primary metric",
    "guardrails": "The set of guardrails",
    "assumption": "What s_plan was computed from",
    "stopped_on": "The last day that counts",
    "note": "The note",
}
_SAME = (
    "experiment",
    "control",
    "starts_on",
    "minimum_days",
    "planned_days",
    "s_plan",
    "assumption",
    "note",
)


def variant_rows(definition: ExperimentDefinition) -> int:
    """How many rows for variants the form has."""
    return max(VARIANT_ROWS, len(definition.variants))


def values_of(definition: ExperimentDefinition) -> dict[str, Any]:
    """What the form shows of a definition."""
    values: dict[str, Any] = {
        "experiment": definition.experiment,
        "control": definition.control,
        "starts_on": definition.starts_on,
        "minimum_days": definition.minimum_days,
        "planned_days": definition.planned_days,
        "primary_metric": definition.primary.metric,
        "primary_margin": _percent(definition.primary.margin),
        "primary_direction": definition.primary.direction,
        "s_plan": definition.s_plan,
        "assumption": definition.assumption,
        "note": definition.note,
    }
    for row in range(variant_rows(definition)):
        there = row < len(definition.variants)
        variant = definition.variants[row] if there else None
        values[f"variant_{row}_name"] = "" if variant is None else variant.name
        values[f"variant_{row}_share"] = None if variant is None else _percent(variant.share)
    rules = {rule.metric: rule for rule in definition.guardrails}
    for metric in METRICS.values():
        rule = rules.get(metric.name)
        usual = "up" if metric.good == "up" else "down"
        values[f"guard_{metric.name}_on"] = rule is not None
        values[f"guard_{metric.name}_margin"] = None if rule is None else _percent(rule.margin)
        values[f"guard_{metric.name}_direction"] = usual if rule is None else rule.direction
    return values


def fields_of(values: Mapping[str, Any], seen: ExperimentDefinition) -> dict[str, Any]:
    """The fields that `core.experiment.definition.parse` reads, from what the form holds.

    A number that stands as it stood before is the number it was, with all the digits that the form
    does not show: a share of a third stays one.

    Args:
        values: by the names of `values_of`.
        seen: the definition that the form began with.
    """
    stood, old = values_of(seen), as_fields(seen)
    fields: dict[str, Any] = {name: values[name] for name in _SAME}
    if isinstance(fields["starts_on"], date):
        fields["starts_on"] = fields["starts_on"].isoformat()
    shown = [name for name in values if name.startswith("variant_")]
    kept = all(values[name] == stood.get(name) for name in shown)
    fields["variants"] = old["variants"] if kept else _variants(values)
    fields["primary"] = {
        "metric": values["primary_metric"],
        "margin": _margin("primary_margin", values, stood, old["primary"]["margin"]),
        "direction": values["primary_direction"],
    }
    margins = {rule["metric"]: rule["margin"] for rule in old["guardrails"]}
    fields["guardrails"] = [
        {
            "metric": metric,
            "margin": _margin(f"guard_{metric}_margin", values, stood, margins.get(metric)),
            "direction": values[f"guard_{metric}_direction"],
        }
        for metric in _guarded(values, seen)
    ]
    return {"service": seen.service, "stopped_on": old["stopped_on"], **fields}


def merged(
    values: Mapping[str, Any], seen: ExperimentDefinition, stored: ExperimentDefinition
) -> dict[str, Any]:
    """What was typed, over what somebody else has stored meanwhile.

    A field that nobody touched here takes the stored value: sent again, it undoes nothing.
    """
    stood, now = values_of(seen), values_of(stored)
    typed = {name: value for name, value in values.items() if value != stood.get(name)}
    return {**now, **{name: value for name, value in typed.items() if name in now}}


def places(
    problems: Mapping[str, str], values: Mapping[str, Any], seen: ExperimentDefinition
) -> dict[str, str]:
    """What is wrong by field of the form, from what is wrong by field of the definition."""
    filled = _filled(values)
    guarded = _guarded(values, seen)
    found: dict[str, str] = {}
    for field, sentence in problems.items():
        place = _PRIMARY.get(field, field)
        if match := re.fullmatch(r"variants\[(\d+)\]\.(name|share)", field):
            place = f"variant_{filled[int(match[1])]}_{match[2]}"
        elif match := re.fullmatch(r"guardrails\[(\d+)\]\.(\w+)", field):
            part = "on" if match[2] == "metric" else match[2]
            place = f"guard_{guarded[int(match[1])]}_{part}"
        found[place] = sentence
    return found


def change_words(change: Change) -> str:
    """A change as a sentence, its field called as the page calls it.

    >>> change_words(Change("planned_days", 28, 35))
    'The planned length in days was 28 and is now 35.'
    >>> rule = {"metric": "sessions_per_user", "margin": -0.01, "direction": "up"}
    >>> change_words(Change("guardrails", [], [rule]))
    'The set of guardrails was empty and is now Sessions per user-day −1 %.'
    """
    said = Change(
        _NAMES.get(change.field, change.field),
        _words(change.field, change.before),
        _words(change.field, change.after),
    )
    return said.sentence


def _words(field: str, value: Any) -> Any:
    """A value of a field as a reader says it; what is no rule and no split stays as it is."""
    match field, value:
        case "guardrails", [_, *_]:
            return "; ".join(_rule_words(rule) for rule in value)
        case "primary", {"metric": _}:
            return _rule_words(value)
        case "variants", [_, *_]:
            return "; ".join(f"{one['name']} {_percent(one['share']):g} %" for one in value)
    return value


def _rule_words(rule: Mapping[str, Any]) -> str:
    metric = METRICS.get(rule["metric"])
    name = rule["metric"] if metric is None else metric.label
    return f"{name} {margin_words(rule['margin'])}"


def _variants(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": values[f"variant_{row}_name"], "share": _share(values[f"variant_{row}_share"])}
        for row in _filled(values)
    ]


def _filled(values: Mapping[str, Any]) -> list[int]:
    """The rows for variants in which anything stands."""
    rows = sum(name.startswith("variant_") and name.endswith("_name") for name in values)
    return [
        row
        for row in range(rows)
        if str(values[f"variant_{row}_name"] or "").strip()
        or values[f"variant_{row}_share"] is not None
    ]


def _guarded(values: Mapping[str, Any], seen: ExperimentDefinition) -> list[str]:
    """The metrics chosen as guardrails, in the order in which they stood, then in the usual one."""
    before = [rule.metric for rule in seen.guardrails]
    order = [*before, *(name for name in METRICS if name not in before)]
    return [name for name in order if values[f"guard_{name}_on"]]


def _margin(
    name: str, values: Mapping[str, Any], stood: Mapping[str, Any], old: float | None
) -> float | None:
    return old if old is not None and values[name] == stood[name] else _share(values[name])


def _percent(share: float) -> float:
    return round(share * 100, 4)


def _share(percent: float | None) -> float | None:
    return None if percent is None else round(percent / 100, 12)
