"""The report of the risks area: the register, red lines, reviews, and exposure over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from core.ports.risks import RiskReader
from core.risks import sentences
from core.risks.exposure import Exposure, exposures
from core.risks.measures import EvidenceOf
from core.risks.views import RiskView, by_review, risk_views


@dataclass(frozen=True, slots=True)
class RisksReport:
    """Everything the risks area shows about a service.

    Attributes:
        headline: the finding, as the page's first sentence, without a full stop.
        risks: open ones: whose plan B is open first, then the highest rank.
        closed: closed ones, which are in no matrix any more.
        reviews: open ones by the day of their review, overdue ones first.
        exposure: the sum of open ranks, one entry for every time that it changed, oldest first.
        warnings: what somebody has to do, as sentences.
        empty: what to say where no risk is open; '' where one is.
    """

    service: str
    as_of: datetime
    headline: str
    risks: tuple[RiskView, ...]
    closed: tuple[RiskView, ...]
    reviews: tuple[RiskView, ...]
    exposure: tuple[Exposure, ...]
    warnings: tuple[str, ...]
    empty: str

    @property
    def total(self) -> int:
        """The sum of the ranks of all open risks."""
        return sum(view.rank for view in self.risks)

    @property
    def missing(self) -> int:
        """How many responses are missing: they count as open."""
        return sum(len(view.missing) for view in self.risks)

    @property
    def plans_b(self) -> tuple[RiskView, ...]:
        """Risks whose plan B is open."""
        return tuple(view for view in self.risks if view.risk.plan_b_is_open)

    @property
    def overdue(self) -> tuple[RiskView, ...]:
        """Risks whose review is overdue, the longest first."""
        return tuple(view for view in self.reviews if view.overdue_days)

    def at(self, probability: int, consequence: int) -> tuple[RiskView, ...]:
        """The open risks of a cell of the matrix."""
        return tuple(
            view
            for view in self.risks
            if (view.risk.probability, view.risk.consequence) == (probability, consequence)
        )


def report(
    reader: RiskReader, service: str, as_of: datetime, evidence_of: EvidenceOf
) -> RisksReport:
    """Put the risks' report of a service together.

    Args:
        reader: where risks come from.
        service: whose.
        as_of: everything is as it was known then.
        evidence_of: gives the evidence of an area over a window; asked for what red lines name.

    Raises:
        ValueError: as_of has no zone.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"as_of == {as_of}, must have a time zone")
    as_of = as_of.astimezone(UTC)
    ranks = reader.ranks(service, as_of)
    views = risk_views(reader.risks(service, as_of), ranks, as_of.date(), evidence_of)
    left = tuple(view for view in views if view.is_open)
    return RisksReport(
        service=service,
        as_of=as_of,
        headline=sentences.headline(service, views),
        risks=left,
        closed=tuple(view for view in views if not view.is_open),
        reviews=by_review(left),
        exposure=exposures(ranks),
        warnings=sentences.warnings(views),
        empty="" if left else sentences.NONE_OPEN if views else sentences.NO_RISKS,
    )
