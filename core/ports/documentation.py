"""What `core.documentation` asks of a store: the card of a service and its runbooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """What is documented about a service (team.service_card); '' is missing.

    Attributes:
        repository: where its code is.
        logs: where its logs are written.
        problems: typical problems and how to solve them, as markdown.
        knobs: the knobs in its configs, as markdown.
        revision: grows with every change, for optimistic locking; 0 for one that is not stored.
    """

    service: str
    repository: str = ""
    logs: str = ""
    problems: str = ""
    knobs: str = ""
    revision: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Runbook:
    """What to do when something happens (team.runbook).

    Attributes:
        body: markdown; show it through `core.documentation.pieces`.
        revision: grows with every change, for optimistic locking; 0 for one that is not stored.
    """

    service: str
    runbook_id: str
    title: str
    body: str
    revision: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


class DocumentationReader(Protocol):
    """What `core.documentation` asks. Everything is as it was known at as_of."""

    def card(self, service: str, as_of: datetime) -> ServiceCard | None:
        """A service's card; None where nobody has written anything."""

    def runbooks(self, service: str, as_of: datetime) -> tuple[Runbook, ...]:
        """A service's runbooks, by id."""

    def history(self, service: str, runbook_id: str, as_of: datetime) -> tuple[Runbook, ...]:
        """Every version of a runbook, the newest first."""

    def named_by_rules(self, service: str) -> dict[str, tuple[str, ...]]:
        """Which alert rules, as they are now, name which runbook, switched-off rules left out.

        By runbook id; '' holds the rules that name none.
        """
