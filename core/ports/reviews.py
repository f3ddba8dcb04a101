"""Kept reviews and decisions, and what `core.review` asks of a store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a service (team.decision).

    Attributes:
        why: '' where nobody said.
        decided_by: who decided it; changed_by is who wrote it down.
        created_at: since when it is written down: the first review of a later moment tells of it.
    """

    decision_id: int
    service: str
    text: str
    why: str
    decided_by: str
    decided_on: date
    created_by: str
    created_at: datetime
    removed_at: datetime | None = None
    removed_by: str = ""
    revision: int = 1
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptReview:
    """A review that was kept (team.review_pack): it never changes.

    Attributes:
        as_of: what it shows is as it was seen then.
        headline: how the service stood, as a sentence without a full stop.
    """

    review_id: int
    service: str
    as_of: datetime
    title: str
    headline: str
    kept_by: str
    kept_at: datetime


class ReviewReader(Protocol):
    """What `core.review` asks. Everything is as it was known at as_of."""

    def decisions(self, service: str, as_of: datetime) -> tuple[Decision, ...]:
        """The decisions that stand, the newest first."""

    def kept(self, service: str, as_of: datetime) -> tuple[KeptReview, ...]:
        """The reviews that were kept, the newest first."""

    def values(self, review_id: int) -> str | None:
        """A kept review as `core.review.codec` writes it; None where there is no such review."""
