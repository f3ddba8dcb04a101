"""Rules as people make, change and delete them, and the ones that a service starts with.

A change names the revision that it started from: whoever comes second is told what the first has
changed, and nothing is overwritten. Each change is written into team.audit, which can only
be added to. That log is also what remembers which rules a service was given: one that somebody has
deleted or switched off does not come back by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from core.alerts.default_rules import defaults
from core.alerts.rules import rule_of
from core.fields import Fields, FieldsError
from core.ports.alerts import AlertRule
from core.timeframe import MINUTE
from db.readers.alert_rows import RULE_COLUMNS
from db.readers.alert_rows import rule_of as rule_from
from db.team import audit
from db.team.drill_alerts import DRILL_RULE
from db.team.runbooks import SEEDED_BY, seed_in

_STORED = text(f"""
    select {RULE_COLUMNS}, changed_by, changed_at from team.alert_rule
    where service = :service and rule_id = :rule_id
    for update""")
_INSERT = text("""
    insert into team.alert_rule (service, rule_id, name, kind, "check", parameters, severity,
        wait_seconds, owner, runbook_id, enabled, changed_by, changed_at)
    values (:service, :rule_id, :name, :kind, :check, :parameters, :severity, :wait_seconds,
        :owner, :runbook_id, :enabled, :by, :at)
    on conflict (service, rule_id) do nothing""")
_UPDATE = text("""
    update team.alert_rule set name = :name, kind = :kind, "check" = :check,
        parameters = :parameters, severity = :severity, wait_seconds = :wait_seconds,
        owner = :owner, runbook_id = :runbook_id, enabled = :enabled, revision = revision + 1,
        changed_by = :by, changed_at = :at
    where service = :service and rule_id = :rule_id""")
_DELETE = text("delete from team.alert_rule where service = :service and rule_id = :rule_id")
_GIVEN = text("""
    select distinct service, subject_id from team.audit
    where service = any(:services) and subject = 'rule'""")


class RuleConflictError(RuntimeError):
    """Somebody else has changed the rule since it was looked at; nothing was stored.

    Attributes:
        theirs: the rule as it is now; None where it is gone.
        ours: what was to be stored, so that nobody has to type it again; None for a deletion.
        changed_by: who changed it last; '' where it is gone.
        changed_at: and when.
    """

    def __init__(
        self,
        theirs: AlertRule | None,
        ours: AlertRule | None,
        changed_by: str = "",
        changed_at: datetime | None = None,
    ) -> None:
        super().__init__(
            "There is no such rule any more."
            if theirs is None
            else f"{changed_by} has changed this rule meanwhile."
        )
        self.theirs = theirs
        self.ours = ours
        self.changed_by = changed_by
        self.changed_at = changed_at


def create(
    engine: Engine, service: str, given: Mapping[str, Any], *, by: str, at: datetime
) -> AlertRule:
    """Make a rule.

    Args:
        engine: the store, as greenlight_app.
        service: whose rule it is.
        given: the fields of a form, see `core.alerts.rules.rule_of`.
        by: who makes it.
        at: now.

    Returns:
        The rule as it is stored; an equal one that is there already (a button pressed twice) is
        left as it is.

    Raises:
        FieldsError: a field is missing or wrong; each is named, and nothing is stored.
        RuleConflictError: there is a rule of that id, which is another one.
    """
    wanted = _read(service, given, by)
    with engine.begin() as connection:
        if _insert(connection, wanted, by=by.strip(), at=at):
            return wanted
        stored, changed_by, changed_at = _stored(connection, wanted)
        if stored is None or as_fields(stored) != as_fields(wanted):
            raise RuleConflictError(stored, wanted, changed_by, changed_at)
        return stored


def change(
    engine: Engine, seen: AlertRule, given: Mapping[str, Any], *, by: str, at: datetime
) -> AlertRule:
    """Change a rule. Its id stays: alerts are known by it.

    Args:
        engine: the store, as greenlight_app.
        seen: the rule that whoever changes it was looking at.
        given: the fields of a form; one that is left out stays as it was seen.
        by: who changes it.
        at: now.

    Returns:
        The rule as it is stored; a wanted one that is stored already is left as it is.

    Raises:
        FieldsError: a field is missing or wrong; each is named, and nothing is stored.
        RuleConflictError: somebody else has changed it since it was seen.
    """
    merged = {**as_fields(seen), **given, "rule_id": seen.rule_id}
    wanted = _read(seen.service, merged, by, seen.revision + 1)
    with engine.begin() as connection:
        stored, changed_by, changed_at = _stored(connection, seen)
        if stored is not None and as_fields(stored) == as_fields(wanted):
            return stored
        if stored is None or stored.revision != seen.revision:
            raise RuleConflictError(stored, wanted, changed_by, changed_at)
        connection.execute(_UPDATE, _columns(wanted) | {"by": by.strip(), "at": at})
        before, after = as_fields(stored), as_fields(wanted)
        audit.log(
            connection, "rule", seen.rule_id, seen.service, before=before, after=after, by=by, at=at
        )
    return wanted


def set_enabled(
    engine: Engine, seen: AlertRule, enabled: bool, *, by: str, at: datetime
) -> AlertRule:
    """Switch a rule off or on; the next evaluation resolves what one that is off watched.

    See `change`.
    """
    return change(engine, seen, {"enabled": enabled}, by=by, at=at)


def delete(engine: Engine, seen: AlertRule, *, by: str, at: datetime) -> None:
    """Delete a rule; the next evaluation resolves its alerts. One that is gone is left alone.

    Raises:
        FieldsError: by is missing.
        RuleConflictError: somebody else has changed it since it was seen.
    """
    problems = _problems_of(by)
    if problems:
        raise FieldsError(problems)
    with engine.begin() as connection:
        stored, changed_by, changed_at = _stored(connection, seen)
        if stored is None:
            return
        if stored.revision != seen.revision:
            raise RuleConflictError(stored, None, changed_by, changed_at)
        connection.execute(_DELETE, {"service": seen.service, "rule_id": seen.rule_id})
        before = as_fields(stored)
        audit.log(
            connection, "rule", seen.rule_id, seen.service, before=before, after={}, by=by, at=at
        )


def ensure_rules(engine: Engine, services: Iterable[str], at: datetime) -> int:
    """Give every service the default rules that it was never given, and their runbooks.

    A rule that was given once is the team's: whatever has become of it, it is not given again.

    Args:
        engine: the store, as greenlight_worker.
        services: all of them; it may be called as often as one likes.
        at: now.

    Returns:
        How many rules were given.
    """
    named = sorted(set(services))
    with engine.connect() as connection:
        found = connection.execute(_GIVEN, {"services": named})
        given = {(service, rule_id) for service, rule_id in found}
    made = 0
    for service in named:
        missing = [rule for rule in defaults(service) if (service, rule.rule_id) not in given]
        if not missing:
            continue
        with engine.begin() as connection:
            seed_in(connection, service, at)
            made += sum(_insert(connection, rule, by=SEEDED_BY, at=at) for rule in missing)
    return made


def as_fields(rule: AlertRule) -> dict[str, Any]:
    """A rule as the fields of a form, see `core.alerts.rules.rule_of`."""
    return {
        "rule_id": rule.rule_id,
        "name": rule.name,
        "check": rule.check,
        "parameters": dict(rule.parameters),
        "severity": rule.severity,
        "wait_minutes": rule.wait // MINUTE,
        "owner": rule.owner,
        "runbook_id": rule.runbook_id,
        "enabled": rule.enabled,
    }


def _read(service: str, given: Mapping[str, Any], by: str, revision: int = 1) -> AlertRule:
    problems = _problems_of(by)
    try:
        rule = rule_of(service, given, revision)
    except FieldsError as error:
        raise FieldsError(error.problems | problems) from None
    if rule.rule_id == DRILL_RULE:
        problems["rule_id"] = f"{DRILL_RULE} stands for the alerts of drills."
    if problems:
        raise FieldsError(problems)
    # As the store will give it back: a form may hold a date, or a tuple.
    return replace(rule, parameters=json.loads(_json(rule.parameters)))


def _problems_of(by: str) -> dict[str, str]:
    form = Fields({"by": by})
    form.name("by")
    return form.problems


def _insert(connection: Connection, rule: AlertRule, *, by: str, at: datetime) -> bool:
    """Store a new rule and log it; whether there was none of its id."""
    added = connection.execute(_INSERT, _columns(rule) | {"by": by, "at": at}).rowcount == 1
    if added:
        made = as_fields(rule)
        audit.log(
            connection, "rule", rule.rule_id, rule.service, before={}, after=made, by=by, at=at
        )
    return added


def _stored(connection: Connection, of: AlertRule) -> tuple[AlertRule | None, str, datetime | None]:
    """The stored rule, held until the transaction ends; who changed it last, and when."""
    asked = {"service": of.service, "rule_id": of.rule_id}
    row = connection.execute(_STORED, asked).mappings().one_or_none()
    return (
        (None, "", None) if row is None else (rule_from(row), row["changed_by"], row["changed_at"])
    )


def _columns(rule: AlertRule) -> dict[str, Any]:
    return {
        "service": rule.service,
        "rule_id": rule.rule_id,
        "name": rule.name,
        "kind": rule.kind,
        "check": rule.check,
        "parameters": _json(rule.parameters),
        "severity": rule.severity,
        "wait_seconds": int(rule.wait.total_seconds()),
        "owner": rule.owner,
        "runbook_id": rule.runbook_id,
        "enabled": rule.enabled,
    }


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, allow_nan=False, default=str)
