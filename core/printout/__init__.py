"""Reports as the terminal prints them: rows of tables for people, plain values for programs."""

from core.printout.alerts import alerts
from core.printout.contract import contract
from core.printout.experiment import experiment
from core.printout.false_reports import false_reports
from core.printout.listing import Listing, rendered
from core.printout.milestones import milestones
from core.printout.quality import quality
from core.printout.reliability import reliability
from core.printout.risks import risks
from core.printout.verdicts import verdict_values, verdicts

__all__ = [
    "Listing",
    "alerts",
    "contract",
    "experiment",
    "false_reports",
    "milestones",
    "quality",
    "reliability",
    "rendered",
    "risks",
    "verdict_values",
    "verdicts",
]
