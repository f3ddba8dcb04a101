"""What a service's reviews are: those that were kept, and the decisions that the next one tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import wording
from core.ports.reviews import Decision, KeptReview, ReviewReader

NO_REVIEWS = "No review was kept yet. Keep the first one: later ones tell what has changed since."
NO_DECISIONS = "No decision was written down yet. What is decided in a review belongs here."


@dataclass(frozen=True, slots=True)
class ReviewsReport:
    """Everything that is kept of a service's reviews.

    Attributes:
        headline: the finding, as the page's first sentence, without a full stop.
        kept: the newest first.
        decisions: those that stand, the newest first.
        untold: those of them that no kept review has told yet.
    """

    service: str
    as_of: datetime
    headline: str
    kept: tuple[KeptReview, ...]
    decisions: tuple[Decision, ...]
    untold: tuple[Decision, ...]


def reviews(reader: ReviewReader, service: str, as_of: datetime) -> ReviewsReport:
    """A service's reviews and decisions as they were known at a moment."""
    kept, decisions = reader.kept(service, as_of), reader.decisions(service, as_of)
    last = max((one.as_of for one in kept), default=None)
    untold = tuple(one for one in decisions if last is None or one.created_at > last)
    return ReviewsReport(service, as_of, _headline(service, kept, untold), kept, decisions, untold)


def _headline(service: str, kept: tuple[KeptReview, ...], untold: tuple[Decision, ...]) -> str:
    if not kept:
        return f"No review of {service} was kept yet"
    first = f"{service.capitalize()} was last reviewed on {wording.day(kept[0].as_of)}"
    if not untold:
        return f"{first}; nothing was decided since"
    number = wording.number_word(len(untold))
    return f"{first}; {number} {'decision' if len(untold) == 1 else 'decisions'} since"
