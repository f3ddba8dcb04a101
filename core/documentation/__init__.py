"""Documentation: the card of a service, and the runbooks that alerts lead to."""

from core.documentation.card import CARD_FIELDS, CardField, parse_card
from core.documentation.evidence import evidence
from core.documentation.markdown import Piece, pieces
from core.documentation.report import DocumentationReport, RunbookView, report
from core.documentation.runbooks import difference, parse_runbook

__all__ = [
    "CARD_FIELDS",
    "CardField",
    "DocumentationReport",
    "Piece",
    "RunbookView",
    "difference",
    "evidence",
    "parse_card",
    "parse_runbook",
    "pieces",
    "report",
]
