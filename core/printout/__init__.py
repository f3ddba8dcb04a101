"""Reports as the terminal prints them: rows of tables for people, plain values for programs."""

from core.printout.contract import contract
from core.printout.experiment import experiment
from core.printout.listing import Listing, rendered
from core.printout.quality import quality
from core.printout.reliability import reliability
from core.printout.verdicts import verdict_values, verdicts

__all__ = [
    "Listing",
    "contract",
    "experiment",
    "quality",
    "reliability",
    "rendered",
    "verdict_values",
    "verdicts",
]
