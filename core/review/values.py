"""What a review says: one frozen value, kept as it is, and read by page, HTML, PDF and terminal.

Numbers are here as people read them, cut toward the side that flatters less, so that a kept review
says for ever what it said; beside them stand the plain values that the next review compares with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from core.status import Status


class Direction(Enum):
    """Which way a change goes, with the word for it."""

    BETTER = "better"
    WORSE = "worse"
    NEITHER = "changed"


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of a criterion against its target.

    Attributes:
        shown: its value in words; '–' where there is none.
        value: the point; None where there is none.
        target: in words, e.g. 'at least 99 %'.
        high_is_good: which way is better.
    """

    measure: str
    name: str
    shown: str
    value: float | None
    target: str
    high_is_good: bool
    status: Status


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """A criterion's verdict as a review shows it.

    Attributes:
        value: its measures together, e.g. '99.12 / 71.3 %'.
        target: likewise, '' where there is none.
        settles: what would settle it where it is undecided; '' otherwise.
    """

    criterion_id: str
    name: str
    area: str
    status: Status
    value: str
    target: str
    sentence: str
    reasons: tuple[str, ...]
    settles: str
    measures: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A chart that the review shows.

    Attributes:
        key: of the chart; what is drawn is kept beside the review.
        title: its finding.
        alt: what a reader who cannot see it needs to know.
        why: why it is one of those that matter.
    """

    key: str
    title: str
    alt: str
    why: str


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """A milestone as a review shows it.

    Attributes:
        due_on: None where nobody said.
        status: of its criteria and its plan together.
        state: that in a word, e.g. 'overdue'.
        sentence: what is done of it, and why it is late or at risk.
        forecast: when its tasks will be done, in words; '' without a forecast.
        likely_on: the day by which that is as likely as not; None without a forecast.
        slip_days: against its baseline, positive where it is late; None without one.
        met: every task is done and every criterion holds.
    """

    name: str
    due_on: date | None
    status: Status
    state: str
    sentence: str
    forecast: str
    likely_on: date | None
    slip_days: int | None
    met: bool


@dataclass(frozen=True, slots=True)
class RiskLine:
    """A risk as a review shows it.

    Attributes:
        rank: probability times consequence, 1 to 9.
        band: what a risk of this rank asks for, in words.
        missing: what its band asks for and nobody has written; '' where all is there.
        alarm: a crossed red line, or an overdue review, in words; '' otherwise.
    """

    risk_id: int
    title: str
    rank: int
    band: str
    owner: str
    missing: str
    alarm: str


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision as a review shows it."""

    text: str
    why: str
    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action as a review shows it; done_on is None while it is to be done."""

    action_id: int
    text: str
    owner: str
    due_on: date
    done_on: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was in the review before.

    Attributes:
        about: what kind of thing, e.g. 'Criterion'.
        name: which one, as people call it.
        said: how it changed, e.g. 'from on target to at risk'.
    """

    about: str
    name: str
    said: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Before:
    """The review that this one is compared with."""

    review_id: int
    as_of: datetime
    title: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a service at a moment.

    Attributes:
        headline: the finding, as a sentence without a full stop.
        goal: what the service is for; '' where no goal has been set.
        milestone: what the criteria are judged against; '' without targets.
        data_through: the newest complete minute; None without data.
        before: None for the first review.
        changes: since then, what got worse first; None for the first review, and where the one
            before cannot be read any more.
        milestones: the nearest first, overdue ones before all.
        risks: every open one, the highest rank first; a review shows the top of them.
        decisions: those written down since the review before.
        actions: to be done, overdue ones first.
        done: actions that were done since the review before.
    """

    service: str
    as_of: datetime
    window: str
    title: str
    headline: str
    goal: str
    milestone: str
    due_on: date | None
    data_through: datetime | None
    stale: bool
    criteria: tuple[CriterionLine, ...]
    before: Before | None
    changes: tuple[Change, ...] | None
    charts: tuple[ChartLine, ...]
    milestones: tuple[MilestoneLine, ...]
    risks: tuple[RiskLine, ...]
    decisions: tuple[DecisionLine, ...]
    actions: tuple[ActionLine, ...]
    done: tuple[ActionLine, ...]
