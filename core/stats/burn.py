"""Error budgets and burn rates, compared as integers.

Source: Beyer et al., The Site Reliability Workbook (2018), chapter 5, "Alerting on SLOs", section
6: multiwindow, multi-burn-rate alerts. A burn rate of 1 spends the whole budget in exactly one
period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

PERIOD = timedelta(days=30)
#: Fewer bad letters than this in the long window never fire: on a thin slice they are chance.
FEWEST_BAD = 10


@dataclass(frozen=True, slots=True)
class Policy:
    """When a burning budget calls somebody.

    Attributes:
        name: its name in reports.
        severity: 'page' (now) or 'ticket' (in working hours).
        share: the share of the period's budget whose loss within the long window is too much.
        long: the window that has to lose this share.
        short: the window that shows it is still being lost, so that the alert ends with the fault.
    """

    name: str
    severity: str
    share: Fraction
    long: timedelta
    short: timedelta

    def factor(self, period: timedelta = PERIOD) -> Fraction:
        """The burn rate above which the policy fires: share x period / long window.

        >>> [float(policy.factor()) for policy in POLICIES]
        [14.4, 6.0, 3.0, 1.0]
        """
        minute = timedelta(minutes=1)
        return self.share * Fraction(period // minute, self.long // minute)


_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
POLICIES = (
    Policy("page_fast", "page", Fraction(2, 100), _HOUR, _HOUR / 12),
    Policy("page_slow", "page", Fraction(5, 100), 6 * _HOUR, _HOUR / 2),
    Policy("ticket_day", "ticket", Fraction(10, 100), _DAY, 2 * _HOUR),
    Policy("ticket_slow", "ticket", Fraction(10, 100), 3 * _DAY, 6 * _HOUR),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a window holds.

    Attributes:
        bad: letters that broke the objective.
        total: letters that the objective is about.
        missing: letters that are believed to have come in rows that are missing.
        gap: a minute of the window has no row at all, from anyone.
    """

    bad: int
    total: int
    missing: int = 0
    gap: bool = False


def burn_rate(bad: int, total: int, objective: Fraction) -> Fraction | None:
    """How many times too fast the budget is spent; None without letters.

    Raises:
        ValueError: the objective is not strictly between 0 and 1.

    >>> burn_rate(144, 100_000, Fraction(9_999, 10_000))
    Fraction(72, 5)
    """
    if not 0 < objective < 1:
        raise ValueError(f"objective == {objective}, must be in (0, 1)")
    return Fraction(bad, total) / (1 - objective) if total else None


def above(tally: Tally, factor: Fraction, objective: Fraction) -> bool | None:
    """Whether a window burns strictly faster than the factor; None where missing rows decide it.

    Missing letters are taken once as all good and once as all bad: only where both agree is it
    known. Exactly the factor is not above it, which floats get wrong: 1 - 0.9999 is
    9.999999999998899e-05.

    >>> exactly = Tally(bad=144, total=100_000)
    >>> above(exactly, Fraction("14.4"), Fraction("0.9999"))
    False
    >>> 0.00144 / (1 - 0.9999) > 14.4
    True
    """
    limit = factor * (1 - objective)
    everything = tally.total + tally.missing
    if tally.bad * limit.denominator > limit.numerator * everything:
        return True
    if (tally.bad + tally.missing) * limit.denominator <= limit.numerator * everything:
        return False
    return None


def fires(
    policy: Policy,
    long: Tally,
    short: Tally,
    objective: Fraction,
    *,
    period: timedelta = PERIOD,
    fewest_bad: int = FEWEST_BAD,
) -> bool | None:
    """Whether a policy fires: both windows strictly above its factor.

    None means unknown: a minute of the short window has no row, or rows that should be there are
    missing and could decide it. Unknown holds an alert where it is; it never resolves one.
    """
    if short.gap:
        return None
    factor = policy.factor(period)
    states = (above(long, factor, objective), above(short, factor, objective))
    if False in states:
        return False
    if long.bad < fewest_bad:
        return None if long.bad + long.missing >= fewest_bad else False
    return None if None in states else True


@dataclass(frozen=True, slots=True)
class Budget:
    """An error budget over some letters.

    Attributes:
        allowed: bad letters that the objective allows; a fraction of a letter is kept.
        bad: bad letters there were.
        remaining: 1 - bad / allowed, below 0 once overspent; None without letters.
    """

    allowed: Fraction
    bad: int
    remaining: Fraction | None

    @classmethod
    def of(cls, bad: int, total: int, objective: Fraction) -> Budget:
        """The budget of total letters.

        >>> month = Budget.of(1_000_000, 43_200_000_000, Fraction("0.9999"))
        >>> int(month.allowed), round(float(month.remaining), 4)
        (4320000, 0.7685)
        """
        allowed = total * (1 - objective)
        return cls(allowed, bad, 1 - Fraction(bad) / allowed if allowed else None)


def exhausted_in(
    remaining: Fraction | None, burn: Fraction | None, period: timedelta = PERIOD
) -> timedelta | None:
    """How long the rest of the budget lasts if it goes on burning like this; zero once it is spent.

    None where nothing burns or nothing is known. Old bad letters that leave a rolling window give
    budget back; this does not count on them.

    >>> exhausted_in(Fraction(1, 2), Fraction(15))
    datetime.timedelta(days=1)
    """
    if remaining is None or not burn:
        return None
    if remaining <= 0:
        return timedelta(0)
    return timedelta(seconds=int(remaining * int(period.total_seconds()) / burn))
