"""What a verdict is: a status, the estimate it rests on, the target it is held against, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction

from core.timeframe import Window


class Status(Enum):
    """Where a criterion stands, with a word and an icon; colours are in `core.charts.tokens`."""

    ON_TARGET = ("on target", "check_circle")
    AT_RISK = ("at risk", "warning")
    BREACHED = ("breached", "cancel")
    UNDECIDED = ("undecided", "hourglass_empty")
    NO_DATA = ("no data", "cloud_off")
    NOT_DUE = ("not due", "schedule")

    def __init__(self, word: str, icon: str) -> None:
        self.word = word
        self.icon = icon


#: From the one that must be looked at first to the one that can wait.
_URGENCY = (
    Status.NO_DATA,
    Status.BREACHED,
    Status.AT_RISK,
    Status.UNDECIDED,
    Status.ON_TARGET,
    Status.NOT_DUE,
)


def worst_of(statuses: Iterable[Status]) -> Status:
    """The status of the whole: missing evidence wins, then a breach, a risk, an open question.

    Nothing at all is NO_DATA: an empty list of criteria has shown nothing.

    >>> worst_of([Status.ON_TARGET, Status.BREACHED, Status.UNDECIDED])
    <Status.BREACHED: ('breached', 'cancel')>
    """
    return min(statuses, key=_URGENCY.index, default=Status.NO_DATA)


class Operator(StrEnum):
    """How a value is held against its target; both sides belong to the target."""

    AT_LEAST = ">="
    AT_MOST = "<="


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with what is known about it.

    Attributes:
        value: the point; None where it cannot be computed.
        low: the lower end of the interval; equal to value for an exact count.
        high: the upper end; None where nothing bounds it from above.
        n: on how many letters, labels, users or minutes it rests.
    """

    value: Fraction | float | None
    low: Fraction | float | None
    high: Fraction | float | None
    n: int

    @classmethod
    def exact(cls, value: Fraction | int, n: int) -> Estimate:
        """A count or a ratio of counts: no interval."""
        exact = Fraction(value)
        return cls(exact, exact, exact, n)


@dataclass(frozen=True, slots=True)
class Target:
    """One measure of a criterion at one milestone; the value is compared exactly."""

    measure: str
    operator: Operator
    value: Decimal
    unit: str
    milestone: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measure of a criterion, held against its target."""

    target: Target
    estimate: Estimate | None
    status: Status


@dataclass(frozen=True, slots=True)
class Verdict:
    """A criterion's status at a moment, with everything a reader needs to trust or doubt it.

    Attributes:
        sentence: the finding in one sentence.
        evidence: one entry a measure; a criterion such as 99/70 has two.
        reasons: why it is at risk, or why there is no data.
        settles: what would settle an undecided verdict, or when a number that grows gets there;
            '' otherwise.
    """

    criterion_id: str
    name: str
    area: str
    status: Status
    sentence: str
    evidence: tuple[Evidence, ...]
    window: Window
    as_of: datetime
    data_through: datetime | None
    reasons: tuple[str, ...] = ()
    settles: str = ""


def judge(estimate: Estimate | None, target: Target) -> Status:
    """Hold an estimate against a target: proven, disproven, or open.

    The comparison is exact: counts come as Fraction, targets as Decimal, and no side is rounded. An
    open upper end (high is None) can never disprove a lower target.

    >>> nines = Decimal("0.9999")
    >>> four_nines = Target(
    ...     "availability", Operator.AT_LEAST, nines, "share", "Q2", date(2027, 1, 1)
    ... )
    >>> judge(Estimate.exact(Fraction(9_999, 10_000), 10_000), four_nines).word
    'on target'
    >>> judge(Estimate(0.9999, 0.9998, 1.0, 5_000), four_nines).word
    'undecided'
    """
    if estimate is None or estimate.value is None:
        return Status.NO_DATA
    goal = Fraction(target.value)
    low, high = estimate.low, estimate.high
    if target.operator is Operator.AT_LEAST:
        proven = low is not None and Fraction(low) >= goal
        disproven = high is not None and Fraction(high) < goal
    else:
        proven = high is not None and Fraction(high) <= goal
        disproven = low is not None and Fraction(low) > goal
    if proven:
        return Status.ON_TARGET
    return Status.BREACHED if disproven else Status.UNDECIDED
