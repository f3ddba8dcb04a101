"""Reliability: availability, latency, error budgets, load and coverage of a service."""

from core.reliability.evidence import evidence
from core.reliability.report import PERCENTILES, SLIS, ReliabilityReport, Settings, report

__all__ = ["PERCENTILES", "SLIS", "ReliabilityReport", "Settings", "evidence", "report"]
