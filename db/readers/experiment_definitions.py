"""The definitions of experiments as they are stored, for the reader and for who changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from core.ports import ExperimentDefinition, MetricRule, PlannedVariant

#: The columns of team.experiment that a definition holds, in no need of an order.
COLUMNS = """
    service, experiment, variants, control, starts_on, minimum_days, planned_days, primary_metric,
    primary_margin, primary_direction, guardrails, s_plan, assumption, frozen_by, frozen_at,
    stopped_on, note, revision, created_by"""
_DEFINITIONS = text(f"""
    select {COLUMNS} from team.experiment
    where service = :service
    order by starts_on desc, experiment collate "C" """)


def definitions(connection: Connection, service: str) -> tuple[ExperimentDefinition, ...]:
    """Every defined experiment of a service, the latest start first."""
    found = connection.execute(_DEFINITIONS, {"service": service}).mappings()
    return tuple(definition_of(dict(row)) for row in found)


def definition_of(row: Mapping[str, Any]) -> ExperimentDefinition:
    """The definition that a row of `COLUMNS` holds."""
    kept = dict(row)
    primary = MetricRule(
        *(kept.pop(f"primary_{part}") for part in ("metric", "margin", "direction"))
    )
    variants = tuple(PlannedVariant(one["name"], one["share"]) for one in kept.pop("variants"))
    guardrails = tuple(
        MetricRule(one["metric"], one["margin"], one["direction"]) for one in kept.pop("guardrails")
    )
    return ExperimentDefinition(variants=variants, primary=primary, guardrails=guardrails, **kept)
