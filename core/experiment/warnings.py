"""What a reader must know before trusting an experiment's numbers, as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from core import wording
from core.experiment.assessment import Assessment
from core.experiment.decision import Outcome
from core.experiment.denominators import Denominators
from core.experiment.segments import ExposureWeek
from core.experiment.words import change_words, days_words, margin_words, signed
from core.stats.sample_ratio import UNLIKELY

#: A change of the lift between weeks is worth a warning at this adjusted p-value.
CERTAIN = 0.05
#: A stretch of missing days from this many on looks like a test that was stopped.
STOPPED_DAYS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the warnings look at: the experiment, and the comparison that the verdict is about."""

    found: Assessment
    denominators: Denominators
    weeks: tuple[ExposureWeek, ...]
    as_of: datetime


def warnings_about(seen: Seen) -> tuple[str, ...]:
    """Every warning that applies, the gravest first."""
    if seen.found.outcome is Outcome.NOT_BEGUN:
        return tuple(sentence for look in (_amended,) if (sentence := look(seen)))
    return tuple(sentence for look in _LOOKS if (sentence := look(seen)))


def _uneven(seen: Seen) -> str:
    split = seen.found.split
    if split.verdict == "ok" or split.p is None or split.imbalance is None or split.p >= UNLIKELY:
        return ""
    points = wording.percent(split.imbalance, 3, good="low").removesuffix(" %")
    if split.verdict == "invalid":
        return (
            f"The split of users is {points} percentage points off its plan, which chance does "
            f"not do (p = {split.p:.1g}): find out why before believing any lift."
        )
    return (
        f"The split of users is {points} percentage points off its plan: no chance at this size "
        f"(p = {split.p:.1g}), but too little to move the lift."
    )


def _harmed(seen: Seen) -> str:
    harmed = seen.found.main.harmed
    if not harmed:
        return ""
    said = [
        f"{one.effect.metric.label.lower()} "
        f"{change_words(one.effect.lift or 0.0, one.rule.direction)} where "
        f"{signed(one.rule.margin, one.rule.direction)} is the limit"
        for one in harmed
    ]
    return f"Treatment harms {wording.listing(said)}."


def _denominator(seen: Seen) -> str:
    three = seen.denominators
    if not three.drives and not three.disagree:
        return ""
    if any(one.lift is None for one in (three.per_letter, three.per_user, three.letters_per_user)):
        return ""
    lifts = [
        change_words(one.lift or 0.0, one.metric.good)
        for one in (three.letters_per_user, three.per_letter, three.per_user)
    ]
    told = (
        f"Letters per user-day are {lifts[0]}, complaints per letter {lifts[1]}, complaints per "
        f"user-day {lifts[2]}"
    )
    if three.disagree:
        return f"{told}: per letter and per user lie on different sides of the margin."
    return f"{told}: treatment changes how many letters come, and that is part of the lift."


def _novelty(seen: Seen) -> str:
    moved = [one for one in seen.weeks if one.p is not None and one.p < CERTAIN]
    if not moved:
        return ""
    first, last = seen.weeks[0], moved[-1]
    if first.effect.lift is None or last.effect.lift is None:
        return ""
    good = first.effect.metric.good
    return (
        f"The lift is not the same in every week of exposure: {signed(first.effect.lift, good)} in "
        f"week {first.week}, {signed(last.effect.lift, good)} in week {last.week}."
    )


def _gaps(seen: Seen) -> str:
    gaps = seen.found.ground.line.gaps
    if not gaps:
        return ""
    longest = run = 1
    for one, other in pairwise(gaps):
        run = run + 1 if (other - one).days == 1 else 1
        longest = max(longest, run)
    days = wording.listing([wording.long_date(day) for day in gaps[:3]])
    more = f" and {days_words(len(gaps) - 3)} more" if len(gaps) > 3 else ""
    told = f"Rows are missing on {days}{more}: these days count for no arm."
    if longest >= STOPPED_DAYS:
        return (
            f"{told} If the test was stopped and started again, users may have been assigned anew: "
            "give the second part an experiment name of its own."
        )
    return told


def _behind(seen: Seen) -> str:
    line = seen.found.ground.line
    if not line.behind or line.through is None or seen.found.outcome is Outcome.INVALID:
        return ""
    names = wording.listing(list(line.behind))
    return (
        f"{names} has no rows after {wording.long_date(line.days[line.through])} yet, others have."
    )


def _absent(seen: Seen) -> str:
    line = seen.found.ground.line
    if not line.strangers:
        return ""
    names = wording.listing(list(line.strangers))
    return f"Rows of {names} are not counted: the definition knows no such variant."


def _early(seen: Seen) -> str:
    rows, starts_on = seen.found.known.rows, seen.found.known.definition.starts_on
    if rows is None or rows.first_day >= starts_on:
        return ""
    return (
        f"Rows from {wording.long_date(rows.first_day)} on lie before the start on "
        f"{wording.long_date(starts_on)}: they are not counted."
    )


def _after(seen: Seen) -> str:
    if not seen.found.uncounted:
        return ""
    return (
        f"{days_words(seen.found.uncounted).capitalize()} after the planned end of a decided test "
        "are not counted."
    )


def _holes(seen: Seen) -> str:
    holes = seen.found.ground.line.holes
    if not holes:
        return ""
    rows = "One bucket row is" if holes == 1 else f"About {wording.whole(holes)} bucket rows are"
    return f"{rows} missing though users are too many for empty buckets: they count as zero."


def _undefined(seen: Seen) -> str:
    known = seen.found.known
    if not known.is_default or known.rows is None:
        return ""
    one = known.definition
    return (
        "Nobody defined this experiment. It is read with defaults: equal split, control is "
        f"{one.control}, {one.minimum_days} to {one.planned_days} days, complaints per letter "
        f"with a margin of {margin_words(one.primary.margin)}."
    )


def _untuned(seen: Seen) -> str:
    planned = seen.found.main.planned
    if planned.source != "unknown" or seen.found.outcome is not Outcome.KEEP_COLLECTING:
        return ""
    return planned.sentence


def _amended(seen: Seen) -> str:
    amendments = seen.found.known.amendments
    if not amendments:
        return ""
    last = amendments[-1]
    if len(amendments) == 1 and not last.before:
        return (
            f"The definition was made on {wording.day(last.amended_at)}, after the start: it may "
            "have been fitted to what was seen."
        )
    times = "once" if len(amendments) == 1 else f"{wording.number_word(len(amendments))} times"
    return (
        f"The definition was changed {times} after the start, last on "
        f"{wording.day(last.amended_at)} by {last.amended_by}: {last.reason.rstrip('.')}."
    )


_LOOKS = (
    _uneven,
    _harmed,
    _denominator,
    _behind,
    _gaps,
    _holes,
    _absent,
    _early,
    _novelty,
    _amended,
    _undefined,
    _untuned,
    _after,
)
