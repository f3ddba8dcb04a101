"""The intake of false reports: what the serving stack wrote becomes groups of clean letters."""

from db.team.report_intake.intake import Outcome, take, troubled

__all__ = ["Outcome", "take", "troubled"]
