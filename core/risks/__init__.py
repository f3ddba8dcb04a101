"""Risks: what may go wrong, what is done about it before it does, and when plan B begins."""

from core.risks.elicitation import Draft, drafted
from core.risks.evidence import evidence
from core.risks.lines import LineState, LineView
from core.risks.measures import OPERATORS, AreaEvidence, EvidenceOf, criteria_evidence
from core.risks.report import RisksReport, report
from core.risks.scale import BANDS, CONSEQUENCES, PROBABILITIES, RESPONSES, Band, band_of, rank
from core.risks.views import RiskView
from core.risks.watch import Watched, watched

__all__ = [
    "BANDS",
    "CONSEQUENCES",
    "OPERATORS",
    "PROBABILITIES",
    "RESPONSES",
    "AreaEvidence",
    "Band",
    "Draft",
    "EvidenceOf",
    "LineState",
    "LineView",
    "RiskView",
    "RisksReport",
    "Watched",
    "band_of",
    "criteria_evidence",
    "drafted",
    "evidence",
    "rank",
    "report",
    "watched",
]
