"""The documentation report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from typing import Any

from core.documentation.card import CARD_FIELDS
from core.documentation.report import DocumentationReport
from core.timeframe import write_time


def evidence(found: DocumentationReport) -> dict[str, Any]:
    """Everything the report says; null is not answered. Times are ISO 8601 UTC."""
    card = found.card
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "sentence": f"{found.headline}.",
        "complete": found.complete,
        "answered": found.answered,
        "missing": [about.field for about in found.missing],
        "card": {about.field: getattr(card, about.field) or None for about in CARD_FIELDS},
        "changed_by": card.changed_by or None,
        "changed_at": None if card.changed_at is None else write_time(card.changed_at),
        "runbooks": [
            {
                "runbook_id": view.runbook.runbook_id,
                "title": view.runbook.title,
                "revision": view.runbook.revision,
                "rules": list(view.rules),
            }
            for view in found.runbooks
        ],
        "unwritten_runbooks": {runbook_id: list(rules) for runbook_id, rules in found.unwritten},
        "rules_without_runbook": list(found.without_runbook),
        "warnings": list(found.warnings),
    }
