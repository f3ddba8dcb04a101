"""What `core.documentation` asks of the store: the card, and runbooks with their history."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import RowMapping, text

from core.ports.documentation import Runbook, ServiceCard
from db.readers.audit import states
from db.readers.snapshot import Source, snapshot
from db.readers.values import value_of

#: The log of a runbook holds each version whole.
_VERSIONS = """
    select subject_id, after, changed_by, changed_at from team.audit
    where service = :service and subject = 'runbook' and changed_at <= :as_of"""
_NEWEST = text(f"""
    select distinct on (subject_id) * from (
        {_VERSIONS.replace("select ", "select change_id, ", 1)}) as version
    order by subject_id, change_id desc""")
_HISTORY = text(f"{_VERSIONS} and subject_id = :runbook_id order by change_id desc")
_RULES = text("""
    select runbook_id, rule_id from team.alert_rule
    where service = :service and enabled
    order by runbook_id collate "C", rule_id collate "C" """)


class SqlDocumentationReader:
    """Fulfils `core.ports.documentation.DocumentationReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def card(self, service: str, as_of: datetime) -> ServiceCard | None:
        """A service's card; None where nobody has written anything."""
        with snapshot(self._source) as connection:
            found = states(connection, "card", service, as_of)
        return value_of(ServiceCard, found[0]) if found else None

    def runbooks(self, service: str, as_of: datetime) -> tuple[Runbook, ...]:
        """A service's runbooks, by id."""
        asked = {"service": service, "as_of": as_of}
        with snapshot(self._source) as connection:
            rows = connection.execute(_NEWEST, asked).mappings().all()
        found = [runbook_of(service, row) for row in rows]
        return tuple(sorted(found, key=lambda one: one.runbook_id))

    def history(self, service: str, runbook_id: str, as_of: datetime) -> tuple[Runbook, ...]:
        """Every version of a runbook, the newest first."""
        asked = {"service": service, "runbook_id": runbook_id, "as_of": as_of}
        with snapshot(self._source) as connection:
            rows = connection.execute(_HISTORY, asked).mappings().all()
        return tuple(runbook_of(service, row) for row in rows)

    def named_by_rules(self, service: str) -> dict[str, tuple[str, ...]]:
        """Which alert rules, as they are now, name which runbook, switched-off rules left out."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        with snapshot(self._source) as connection:
            for runbook_id, rule_id in connection.execute(_RULES, {"service": service}):
                found[runbook_id].append(rule_id)
        return {runbook_id: tuple(rules) for runbook_id, rules in found.items()}


def runbook_of(service: str, row: RowMapping) -> Runbook:
    """A version of a runbook from its entry in the log."""
    after = row["after"]
    return Runbook(
        service,
        row["subject_id"],
        after["title"],
        after["body"],
        after["revision"],
        row["changed_by"],
        row["changed_at"],
    )
