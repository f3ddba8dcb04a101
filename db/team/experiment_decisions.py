"""What was decided about experiments: a log that can only be added to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text

from core.experiment.definition import DefinitionError
from core.fields import Fields
from core.ports import ExperimentDecision

DECISIONS = ("ship", "stop", "extend", "note")
_DECIDE = text("""
    insert into team.experiment_decision
        (service, experiment, decided_at, decided_by, decision, note, as_of, evidence)
    values (:service, :experiment, :at, :by, :decision, :note, :as_of, :evidence)""")


def decide(
    engine: Engine,
    service: str,
    experiment: str,
    decision: str,
    *,
    by: str,
    at: datetime,
    as_of: datetime,
    evidence: Mapping[str, Any],
    note: str = "",
) -> ExperimentDecision:
    """Log a decision, with the evidence as it was.

    Args:
        engine: the store, as greenlight_app.
        service: whose experiment.
        experiment: its name; it need not be defined.
        decision: one of DECISIONS.
        by: who decided.
        at: now.
        as_of: the moment that the evidence is of.
        evidence: `core.experiment.evidence` at as_of.
        note: why, in words.

    Raises:
        DefinitionError: a field is missing or wrong; each is named.
        ValueError: the evidence holds what JSON does not know, such as a NaN.
    """
    given = Fields(
        {"service": service, "experiment": experiment, "by": by, "decision": decision, "note": note}
    )
    names = {field: given.name(field) for field in ("service", "experiment", "by")}
    given.name("decision", DECISIONS)
    said = given.text("note")
    if decision == "note" and not said:
        given.refuse("note", "Is missing.")
    if as_of > at:
        given.refuse("as_of", "Must not lie ahead: evidence is frozen as it is.")
    if given.problems:
        raise DefinitionError(given.problems)
    frozen = json.dumps(evidence, ensure_ascii=False, allow_nan=False)
    row = {
        **names,
        "at": at,
        "decision": decision,
        "note": said,
        "as_of": as_of,
        "evidence": frozen,
    }
    with engine.begin() as connection:
        connection.execute(_DECIDE, row)
    return ExperimentDecision(at, by.strip(), decision, said, as_of, json.loads(frozen))
