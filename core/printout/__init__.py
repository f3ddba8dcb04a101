"""Reports as the terminal prints them: rows of tables for people, plain values for programs."""

from core.printout.alerts import alerts
from core.printout.contract import contract
from core.printout.criteria import criteria
from core.printout.experiment import experiment
from core.printout.false_reports import false_reports
from core.printout.life_cycle import life_cycle
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
    "criteria",
    "experiment",
    "false_reports",
    "life_cycle",
    "milestones",
    "quality",
    "reliability",
    "rendered",
    "risks",
    "verdict_values",
    "verdicts",
]
