"""Experiments as people define, change and stop them.

A change names the revision that it started from: whoever comes second is told what the first has
changed, and nothing is overwritten. Changes after the start are logged, and the log can only be
added to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.experiment.amendment import Change, changes, check_change, is_started
from core.experiment.definition import DefinitionError, as_fields, parse
from core.fields import Fields
from core.ports import ExperimentDefinition
from db.readers.experiment_definitions import COLUMNS, definition_of
from db.team import audit

_INSERT = text("""
    insert into team.experiment (service, experiment, variants, control, starts_on, minimum_days,
        planned_days, primary_metric, primary_margin, primary_direction, guardrails, s_plan,
        assumption, frozen_by, frozen_at, stopped_on, note, created_by, created_at, changed_by,
        changed_at)
    values (:service, :experiment, :variants, :control, :starts_on, :minimum_days, :planned_days,
        :primary_metric, :primary_margin, :primary_direction, :guardrails, :s_plan, :assumption,
        :frozen_by, :frozen_at, :stopped_on, :note, :by, :at, :by, :at)
    on conflict (service, experiment) do nothing""")
_UPDATE = text("""
    update team.experiment set variants = :variants, control = :control, starts_on = :starts_on,
        minimum_days = :minimum_days, planned_days = :planned_days,
        primary_metric = :primary_metric, primary_margin = :primary_margin,
        primary_direction = :primary_direction, guardrails = :guardrails, s_plan = :s_plan,
        assumption = :assumption, frozen_by = coalesce(:frozen_by, frozen_by),
        frozen_at = :frozen_at,
        stopped_on = :stopped_on, note = :note, revision = revision + 1, changed_by = :by,
        changed_at = :at
    where service = :service and experiment = :experiment""")
_STORED = text(f"""
    select {COLUMNS}, changed_by, changed_at from team.experiment
    where service = :service and experiment = :experiment
    for update""")
_AMEND = text("""
    insert into team.experiment_amendment
        (service, experiment, amended_at, amended_by, reason, before, after)
    values (:service, :experiment, :at, :by, :reason, :before, :after)""")


class ConflictError(RuntimeError):
    """Somebody else has changed the experiment since it was looked at; nothing was stored.

    Attributes:
        stored: the definition as it is now; None where it is gone.
        changed_by: who changed it last.
        changed_at: and when.
        changes: how what is stored differs from what was looked at, or, where both have defined
            the same experiment, from what was wanted.
    """

    def __init__(
        self,
        stored: ExperimentDefinition | None,
        changed_by: str = "",
        changed_at: datetime | None = None,
        changed: tuple[Change, ...] = (),
    ) -> None:
        said = " ".join(change.sentence for change in changed)
        super().__init__(
            "This experiment is not defined any more."
            if stored is None
            else f"{changed_by} has changed this experiment meanwhile. {said}".strip()
        )
        self.stored = stored
        self.changed_by = changed_by
        self.changed_at = changed_at
        self.changes = changed


def create(
    engine: Engine, wanted: ExperimentDefinition, *, by: str, at: datetime, reason: str = ""
) -> ExperimentDefinition:
    """Define an experiment.

    One that has started already is defined as an amendment, with a reason: its results may have
    been seen.

    Args:
        engine: the store, as greenlight_app.
        wanted: its revision and who froze it are not looked at.
        by: who defines it.
        at: now.
        reason: why only now, where the first day lies before today.

    Returns:
        The definition as it is stored.

    Raises:
        DefinitionError: a field is wrong, or by or reason is missing; each is named.
        ConflictError: it is defined already, and otherwise than wanted.
    """
    wanted = _checked(wanted, by)
    late = wanted.starts_on < _today(at)
    _require_reason(late, reason, wanted)
    wanted = _frozen(wanted, by, at)
    with engine.begin() as connection:
        inserted = connection.execute(_INSERT, _columns(wanted) | {"by": by.strip(), "at": at})
        if inserted.rowcount == 0:
            return _same(connection, wanted, wanted)
        said = as_fields(wanted)
        _log(connection, wanted, {}, said, by=by, at=at, reason=reason if late else None)
    return replace(wanted, revision=1, created_by=by.strip())


def amend(
    engine: Engine,
    seen: ExperimentDefinition,
    wanted: ExperimentDefinition,
    *,
    by: str,
    at: datetime,
    reason: str = "",
) -> ExperimentDefinition:
    """Change a definition. After the start it becomes an amendment, and much is fixed.

    Args:
        engine: the store, as greenlight_app.
        seen: the definition that whoever changes it was looking at.
        wanted: what it is to become.
        by: who changes it.
        at: now.
        reason: why; needed once the experiment has started.

    Returns:
        The definition as it is stored; a wanted one that is stored already is left as it is.

    Raises:
        DefinitionError: a field is wrong, may not change any more, or by or reason is missing.
        ConflictError: somebody else has changed it since it was seen.
    """
    wanted = _checked(wanted, by)
    with engine.begin() as connection:
        stored, *_ = _stored(connection, seen)
        if stored is None:
            raise ConflictError(None)
        if stored.revision != seen.revision:
            return _same(connection, seen, wanted)
        changed = check_change(stored, wanted, _today(at))
        if not changed:
            return stored
        late = is_started(stored, _today(at)) or wanted.starts_on < _today(at)
        _require_reason(late, reason, wanted)
        refrozen = (stored.s_plan, stored.assumption) != (wanted.s_plan, wanted.assumption)
        wanted = (
            _frozen(wanted, by, at)
            if refrozen
            else replace(wanted, frozen_by=stored.frozen_by, frozen_at=stored.frozen_at)
        )
        values = _columns(wanted) | {"by": by.strip(), "at": at}
        if not refrozen:
            values["frozen_by"] = None  # stays whose it is
        connection.execute(_UPDATE, values)
        before = {change.field: change.before for change in changed}
        after = {change.field: change.after for change in changed}
        _log(connection, wanted, before, after, by=by, at=at, reason=reason if late else None)
    return replace(wanted, revision=stored.revision + 1, created_by=stored.created_by)


def stop(
    engine: Engine, seen: ExperimentDefinition, on: date, *, by: str, at: datetime, reason: str
) -> ExperimentDefinition:
    """Stop an experiment early: `on` is the last day that counts. See `amend`."""
    return amend(engine, seen, replace(seen, stopped_on=on), by=by, at=at, reason=reason)


def _checked(wanted: ExperimentDefinition, by: str) -> ExperimentDefinition:
    """The definition with nothing in it that a form would not take."""
    given = Fields({"by": by})
    given.name("by")
    try:
        found = parse(as_fields(wanted))
    except DefinitionError as error:
        raise DefinitionError(error.problems | given.problems) from None
    if given.problems:
        raise DefinitionError(given.problems)
    return found


def _require_reason(late: bool, reason: str, wanted: ExperimentDefinition) -> None:
    if not late:
        return
    given = Fields({"reason": reason})
    if not given.text("reason") and not given.problems:
        given.refuse("reason", f"Is missing: the experiment has started on {wanted.starts_on}.")
    if given.problems:
        raise DefinitionError(given.problems)


def _frozen(wanted: ExperimentDefinition, by: str, at: datetime) -> ExperimentDefinition:
    if wanted.s_plan is None:
        return replace(wanted, frozen_by="", frozen_at=None)
    return replace(wanted, frozen_by=by.strip(), frozen_at=at)


def _stored(
    connection: Connection, of: ExperimentDefinition
) -> tuple[ExperimentDefinition | None, str, datetime | None]:
    """The stored definition, held until the transaction ends; who changed it last, and when."""
    asked = {"service": of.service, "experiment": of.experiment}
    row = connection.execute(_STORED, asked).mappings().one_or_none()
    if row is None:
        return None, "", None
    kept = dict(row)
    changed_by, changed_at = kept.pop("changed_by"), kept.pop("changed_at")
    return definition_of(kept), changed_by, changed_at


def _same(
    connection: Connection, seen: ExperimentDefinition, wanted: ExperimentDefinition
) -> ExperimentDefinition:
    """The stored definition if it is the wanted one (a button pressed twice), or a conflict."""
    stored, changed_by, changed_at = _stored(connection, wanted)
    if stored is None:
        raise ConflictError(None)
    if changes(stored, wanted):
        raise ConflictError(stored, changed_by, changed_at, changes(seen, stored))
    return stored


def _log(
    connection: Connection,
    of: ExperimentDefinition,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    reason: str | None,
) -> None:
    """Log a change: as an amendment, or, without a reason, as one before the first day."""
    name, service = of.experiment, of.service
    if reason is None:
        audit.log(connection, "experiment", name, service, before=before, after=after, by=by, at=at)
        return
    connection.execute(
        _AMEND,
        {
            "service": service,
            "experiment": name,
            "at": at,
            "by": by.strip(),
            "reason": reason.strip(),
            "before": _json(before),
            "after": _json(after),
        },
    )


def _columns(definition: ExperimentDefinition) -> dict[str, object]:
    fields = as_fields(definition)
    return {
        **{name: value for name, value in fields.items() if name != "primary"},
        "variants": _json(fields["variants"]),
        "guardrails": _json(fields["guardrails"]),
        **{f"primary_{name}": value for name, value in fields["primary"].items()},
        "frozen_by": definition.frozen_by,
        "frozen_at": definition.frozen_at,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _today(at: datetime) -> date:
    """The day of a moment, UTC."""
    if at.tzinfo is None:
        raise ValueError(f"at == {at}, must have a time zone")
    return at.astimezone(UTC).date()
