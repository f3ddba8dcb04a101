"""Complaints per letter beside complaints per user: is it the complaints, or the letters?

Treatment changes how many letters reach the Inbox, so the denominator is treated, too. On the log
scale the lift per letter is the lift per user minus that of letters per user.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment.comparison import Ground, effect_on
from core.experiment.effects import Effect
from core.experiment.metrics import LETTERS_PER_USER, PER_LETTER, PER_USER
from core.ports import MetricRule


@dataclass(frozen=True, slots=True)
class Denominators:
    """Three lifts side by side.

    Attributes:
        drives: the change of letters per user is no chance, and noticeable beside the larger of
            the other two.
        disagree: per letter and per user lie on different sides of the margin.
    """

    per_letter: Effect
    per_user: Effect
    letters_per_user: Effect
    drives: bool
    disagree: bool


def denominators(
    ground: Ground, arms: tuple[int, int], rule: MetricRule, noticeable: float
) -> Denominators:
    """Compare the three.

    Args:
        ground: the days that count.
        arms: positions of control and treatment.
        rule: the primary metric's margin.
        noticeable: share of the larger lift from which letters per user are said to drive it.
    """
    per_letter, per_user, letters = (
        effect_on(ground, metric, arms) for metric in (PER_LETTER, PER_USER, LETTERS_PER_USER)
    )
    drives = disagree = False
    if per_letter.log is not None and per_user.log is not None and letters.log is not None:
        certain = letters.fixed is not None and not letters.fixed.low <= 0 <= letters.fixed.high
        largest = max(abs(per_letter.log), abs(per_user.log))
        drives = certain and abs(letters.log) >= noticeable * largest
    if per_letter.lift is not None and per_user.lift is not None:
        disagree = (per_letter.lift < rule.margin) != (per_user.lift < rule.margin)
    return Denominators(per_letter, per_user, letters, drives, disagree)
