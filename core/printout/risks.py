"""The report of risks as the terminal prints it."""

from __future__ import annotations

from core import wording
from core.printout.listing import Listing
from core.risks import RisksReport, RiskView, sentences


def risks(found: RisksReport) -> tuple[Listing, ...]:
    """The register, what somebody has to do, the reviews, and what was closed."""
    register = Listing(
        found.headline,
        f"At {wording.clock(found.as_of)}. {found.empty or sentences.RULE}",
        ("rank", "risk", "state", "missing", "red line", "owner"),
        tuple(_register(view) for view in found.risks),
    )
    listings = [register]
    if found.warnings:
        told = tuple((said,) for said in found.warnings)
        listings.append(Listing("To do", "", ("what",), told))
    if found.reviews:
        rows = tuple(
            (sentences.review_words(view), view.risk.title, view.risk.owner)
            for view in found.reviews
        )
        listings.append(Listing("Reviews", "", ("when", "risk", "owner"), rows))
    if found.closed:
        rows = tuple(
            (view.risk.title, sentences.rank_words(view), view.risk.closed_why)
            for view in found.closed
        )
        listings.append(Listing("Closed", "", ("risk", "rank", "why"), rows))
    return tuple(listings)


def _register(view: RiskView) -> tuple[str, ...]:
    return (
        str(view.rank),
        view.risk.title,
        view.state,
        sentences.missing_words(view),
        "" if view.line is None else view.line.sentence,
        view.risk.owner,
    )
