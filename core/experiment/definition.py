"""How an experiment is meant to be read: what a definition must hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.experiment.metrics import METRICS
from core.fields import Fields, FieldsError
from core.ports import ExperimentDefinition, MetricRule, PlannedVariant

#: A test of less than a week sees some days of the week only; one of more than a year is a slip.
SHORTEST, LONGEST = 7, 366
DIRECTIONS = ("down", "up")
#: Planned shares may be cut as far as this: three times 0.333 is a split in thirds.
_SHARES_TOLERANCE = 0.002
#: How far the sum of shares that do add up to 1 is off in floats, at most.
_ROUNDING = 1e-12

#: Every field that is filled in.
FIELDS = (
    "service",
    "experiment",
    "variants",
    "control",
    "starts_on",
    "minimum_days",
    "planned_days",
    "primary",
    "guardrails",
    "s_plan",
    "assumption",
    "stopped_on",
    "note",
)
_RULE = ("metric", "margin", "direction")
_VARIANT = ("name", "share")


class DefinitionError(FieldsError):
    """A definition, or a change of one, is refused; every field that is wrong is named."""


def parse(fields: Mapping[str, object]) -> ExperimentDefinition:
    """A definition from the fields of a form or a file; see `as_fields` for their shapes.

    Who froze s_plan and when, and the revision, are the store's to say.

    Raises:
        DefinitionError: fields are missing, wrong or unknown: all of them are named.

    >>> parse({"service": "mail", "experiment": "folder", "planned_days": 3})
    ... # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    core.experiment.definition.DefinitionError: variants: Is missing. ...
    """
    given = Fields(fields)
    given.refuse_unknown(FIELDS)
    service, experiment = given.name("service"), given.name("experiment")
    variants = _variants(given)
    control = given.name("control", [one.name for one in variants] or None)
    starts_on = given.day("starts_on")
    minimum = given.whole("minimum_days", SHORTEST, LONGEST)
    planned = given.whole("planned_days", minimum or SHORTEST, LONGEST)
    primary = _primary(given)
    guardrails = _guardrails(given, primary)
    s_plan, assumption = _plan(given)
    stopped_on = given.day("stopped_on") if given.has("stopped_on") else None
    if starts_on is not None and planned is not None and stopped_on is not None:
        end = starts_on + timedelta(days=planned - 1)
        if not starts_on <= stopped_on <= end:
            given.refuse("stopped_on", f"Must be a day from {starts_on} to {end}.")
    note = given.text("note")
    if (
        given.problems
        or service is None
        or experiment is None
        or control is None
        or starts_on is None
        or minimum is None
        or planned is None
        or primary is None
    ):
        raise DefinitionError(given.problems)
    return ExperimentDefinition(
        service=service,
        experiment=experiment,
        variants=variants,
        control=control,
        starts_on=starts_on,
        minimum_days=minimum,
        planned_days=planned,
        primary=primary,
        guardrails=guardrails,
        s_plan=s_plan,
        assumption=assumption,
        frozen_by="",
        frozen_at=None,
        stopped_on=stopped_on,
        note=note,
        revision=0,
    )


def as_fields(definition: ExperimentDefinition) -> dict[str, Any]:
    """The fields that `parse` reads, as plain values of JSON."""
    stopped_on = definition.stopped_on
    return {
        "service": definition.service,
        "experiment": definition.experiment,
        "variants": [{"name": one.name, "share": one.share} for one in definition.variants],
        "control": definition.control,
        "starts_on": definition.starts_on.isoformat(),
        "minimum_days": definition.minimum_days,
        "planned_days": definition.planned_days,
        "primary": _rule_fields(definition.primary),
        "guardrails": [_rule_fields(rule) for rule in definition.guardrails],
        "s_plan": definition.s_plan,
        "assumption": definition.assumption,
        "stopped_on": None if stopped_on is None else stopped_on.isoformat(),
        "note": definition.note,
    }


def _variants(given: Fields) -> tuple[PlannedVariant, ...]:
    """The variants that can be read, their shares scaled to add up to 1 exactly."""
    if not given.has("variants"):
        given.refuse("variants", "Is missing.")
        return ()
    entries = given.each("variants")
    names: list[str] = []
    shares: list[float] = []
    for entry in entries:
        entry.refuse_unknown(_VARIANT)
        name, share = entry.name("name"), entry.number("share")
        if share is not None and not 0 < share < 1:
            entry.refuse("share", f"Must be above 0 and below 1, and is {share:g}.")
        if name in names:
            entry.refuse("name", f"Must differ from the other variants' names, and is {name!r}.")
        if name is not None:
            names.append(name)
            shares.append(share or 0.0)
    if len(entries) < 2:
        given.refuse("variants", f"Must be at least two, and is {len(entries)}.")
    elif not any(problem.startswith("variants") for problem in given.problems):
        total = sum(shares)
        if abs(total - 1) > _SHARES_TOLERANCE:
            given.refuse("variants", f"The shares must add up to 1, and add up to {total:g}.")
        elif abs(total - 1) > _ROUNDING:  # left alone, what was read once is read the same again
            shares = [share / total for share in shares]
    return tuple(map(PlannedVariant, names, shares))


def _primary(given: Fields) -> MetricRule | None:
    entry = given.below("primary")
    rule = None if entry is None else _rule(entry)
    if entry is None or rule is None:
        return None
    sign = -1 if rule.direction == "down" else 1
    if not 0 <= sign * rule.margin < 1:
        wanted = "from above -1 to 0" if sign < 0 else "from 0 to below 1"
        entry.refuse(
            "margin",
            f"Must be {wanted} where the metric is meant to go {rule.direction} "
            f"({sign * 0.05} is 5 %), and is {rule.margin:g}.",
        )
    return rule


def _guardrails(given: Fields, primary: MetricRule | None) -> tuple[MetricRule, ...]:
    rules: list[MetricRule] = []
    for entry in given.each("guardrails"):
        rule = _rule(entry)
        if rule is None:
            continue
        sign = 1 if rule.direction == "down" else -1
        if not 0 < sign * rule.margin < 1:
            wanted = "above 0 and below 1" if sign > 0 else "above -1 and below 0"
            entry.refuse(
                "margin",
                f"Must be {wanted}: how far the metric may go the wrong way where "
                f"{'less' if sign > 0 else 'more'} is good ({sign * 0.01} is 1 %). "
                f"It is {rule.margin:g}.",
            )
        if primary is not None and rule.metric == primary.metric:
            entry.refuse("metric", "Must not be the primary metric.")
        if rule.metric in {other.metric for other in rules}:
            entry.refuse("metric", f"Must be there once, and {rule.metric!r} is there again.")
        rules.append(rule)
    return tuple(rules)


def _rule(entry: Fields) -> MetricRule | None:
    entry.refuse_unknown(_RULE)
    metric = entry.name("metric", METRICS)
    margin = entry.number("margin")
    direction = entry.name("direction", DIRECTIONS)
    if metric is None or margin is None or direction is None:
        return None
    return MetricRule(metric, margin, direction)


def _plan(given: Fields) -> tuple[float | None, str]:
    s_plan = given.number("s_plan") if given.has("s_plan") else None
    assumption = given.text("assumption")
    if s_plan is not None and not 0 < s_plan < 1:
        given.refuse("s_plan", f"Must be above 0 and below 1, and is {s_plan:g}.")
    if s_plan is not None and not assumption:
        given.refuse("assumption", "Is missing: say what s_plan was computed from.")
    if assumption and not given.has("s_plan"):
        given.refuse("s_plan", "Is missing, while an assumption for it is there.")
    return s_plan, assumption


def _rule_fields(rule: MetricRule) -> dict[str, Any]:
    return {"metric": rule.metric, "margin": rule.margin, "direction": rule.direction}
