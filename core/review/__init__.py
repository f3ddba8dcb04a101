"""The review: one page that reads as sentences, frozen at a moment, that can be sent on."""

from core.review.report import Plan, before, headline, report
from core.review.sheet import Sheet, sheet
from core.review.values import Review

__all__ = ["Plan", "Review", "Sheet", "before", "headline", "report", "sheet"]
