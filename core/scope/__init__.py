"""The scope of a plan: what is to be done in each direction at each stage, and what is missing."""

from core.scope.evidence import evidence
from core.scope.matrix import GAP, NOTHING, TASKS, Cell, Coverage
from core.scope.report import ScopeReport, report

__all__ = [
    "GAP",
    "NOTHING",
    "TASKS",
    "Cell",
    "Coverage",
    "ScopeReport",
    "evidence",
    "report",
]
