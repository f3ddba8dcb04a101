"""What the experiment report says in words: the verdict, why, what settles it, chart titles."""

from __future__ import annotations

from collections.abc import Callable

from core import wording
from core.experiment.decision import Decision, Outcome
from core.experiment.effects import Effect
from core.experiment.guardrails import Guardrail
from core.experiment.report import ExperimentReport
from core.experiment.words import (
    change_words,
    days_words,
    margin_words,
    range_words,
    signed,
)

#: Where no number of days settles it: the lift is too near the margin.
_MORE_USERS = "more users than come at this pace"


def headline(found: ExperimentReport) -> str:
    """The verdict with the lift, and why, as the page's first sentence."""
    return _HEADLINES[found.outcome](found)


def verdict_sentence(found: ExperimentReport) -> str:
    """The finding behind the verdict in one or two sentences, as a criterion's card says it."""
    if found.outcome in {Outcome.NOT_BEGUN, Outcome.NO_DATA, Outcome.INVALID}:
        return f"{headline(found)}."
    lift = _lift(found)
    if found.decision is not None:
        return f"{lift}, {_decided(found.decision)}.{_now(found)}"
    planned = found.definition.planned_days
    past = found.day_number - planned
    of = f" of {planned}" if past <= 0 else f", {days_words(past)} past the planned end"
    return f"{lift} on day {found.day_number}{of}. {ends(found)}"


def ends(found: ExperimentReport) -> str:
    """When the test ends."""
    last = wording.long_date(found.schedule.ends_on)
    stopped = found.definition.stopped_on
    if stopped is not None:
        return f"It was stopped on {wording.long_date(stopped)}."
    if found.as_of.date() > found.schedule.ends_on:
        return f"Its planned last day was {last}."
    if found.decision is not None:
        return f"It is decided; its planned last day is {last}."
    return f"It ends on {last} at the latest, or as soon as the band leaves the margin out."


def settles(found: ExperimentReport) -> str:
    """What would settle an open verdict, such as '9 more days'; '' where nothing is open."""
    if found.outcome is Outcome.KEEP_COLLECTING:
        return _going_on(found)
    return _longer(found) if found.outcome is Outcome.LEFT_OPEN else ""


def _longer(found: ExperimentReport) -> str:
    coming = found.detail.forecast
    if coming is None or coming.days is None:
        return _MORE_USERS
    return f"a longer test, about {_more(coming.days)} at this pace"


def _going_on(found: ExperimentReport) -> str:
    coming = found.detail.forecast
    if coming is None:
        return _more(max(found.definition.planned_days - found.day_number, 1))
    look = coming.to_last_look
    if coming.days is not None and (coming.days <= look or not look):
        return _more(coming.days)
    if not look:
        return _MORE_USERS
    return f"{_more(look)} to the planned last look, which may leave it open"


def lift_title(found: ExperimentReport) -> str:
    """The finding of the lift over time."""
    effect = found.main.effect
    margin = margin_words(found.definition.primary.margin)
    if effect.lift is None:
        return f"No lift to show: {effect.missing}"
    if found.outcome is Outcome.INVALID:
        return "The test is invalid: this lift is not to be believed"
    if found.main.decision is not None:
        made = found.main.decision
        side = "below" if (made.bounds.high < found.definition.primary.margin) else "above"
        return f"The lift has been {side} {margin} since day {made.number}"
    if found.main.deciding is None:
        return f"The lift is {signed(effect.lift, effect.metric.good)}; the band is not tuned yet"
    return f"{margin} is still inside the band that decides"


def split_title(found: ExperimentReport) -> str:
    """The finding of the sample ratio."""
    split = found.split
    if split.p is None or split.imbalance is None:
        return "No users yet"
    points = wording.percent(split.imbalance, 2, good="low").removesuffix(" %")
    if split.verdict == "invalid":
        return f"The split is {points} points off its plan: the test is invalid"
    if split.verdict == "check":
        return f"The split is {points} points off its plan: worth a look, no reason to stop"
    return f"Users are split as planned, to {points} points"


def guardrails_title(found: ExperimentReport) -> str:
    """The finding of the guardrails."""
    every = found.main.guardrails
    if not every:
        return "No guardrails are set"
    for state, verb in (("harmed", "harmed"), ("open", "still open"), ("no data", "without data")):
        which = [one for one in every if one.state == state]
        if which:
            names = wording.listing([one.effect.metric.label.lower() for one in which])
            number = wording.number_word(len(which)).capitalize()
            return f"{number} of {len(every)} guardrails {verb}: {names}"
    return "Every guardrail is held" if len(every) > 1 else "The guardrail is held"


def guardrail_words(guardrail: Guardrail) -> str:
    """What a guardrail's state means."""
    if guardrail.state == "no data":
        return f"no data: {guardrail.effect.missing}"
    margin = signed(guardrail.rule.margin, guardrail.rule.direction)
    return {
        "held": f"held: the interval lies on the good side of {margin}",
        "harmed": f"harmed: the interval lies beyond {margin}",
        "open": f"open: {margin} lies inside the interval",
    }[guardrail.state]


def denominators_title(found: ExperimentReport) -> str:
    """The finding of the three denominators side by side."""
    three = found.detail.denominators
    for one in (three.per_letter, three.per_user, three.letters_per_user):
        if one.lift is None:
            return f"{one.metric.label} cannot be compared: {one.missing}"
    if three.disagree:
        return "Complaints per letter and per user-day lie on different sides of the margin"
    if three.drives:
        return "The number of letters is part of the lift"
    return "Complaints per letter and per user-day tell the same"


def segments_title(found: ExperimentReport) -> str:
    """The finding of the segments."""
    every = [one for one in found.detail.segments if one.effect.lift is not None]
    if not every:
        return "No segments to show"
    sure = [one for one in every if one.p is not None and one.p < found.settings.alpha]
    if not sure:
        return f"No change is certain in any of {len(every)} segments, taken together"
    return f"The change is certain in {len(sure)} of {len(every)} segments, taken together"


def weeks_title(found: ExperimentReport) -> str:
    """The finding of the weeks of exposure."""
    weeks = found.detail.weeks
    if len(weeks) < 2:
        return "One week of exposure: nothing to compare yet"
    moved = [one for one in weeks if one.p is not None and one.p < found.settings.alpha]
    if not moved:
        return "The lift is the same in every week of exposure, as far as can be told"
    names = wording.listing([one.week for one in moved])
    plural = "weeks" if len(moved) > 1 else "week"
    return f"The lift is different in {plural} {names} from the first"


def cuped_words(found: ExperimentReport) -> str:
    """What CUPED adds."""
    row = found.detail.cuped
    if row is None:
        return "Nobody wrote what the same users did before the test."
    if row.effect.lift is None or row.narrower is None:
        return f"No adjusted lift: {row.effect.missing}."
    verb = "narrows" if row.narrower >= 0 else "widens"
    share = wording.percent(abs(row.narrower), 1, good="high" if row.narrower >= 0 else "low")
    return f"What the same users did before {verb} the interval by {share}."


def detectable_words(found: ExperimentReport) -> str:
    """What can still be shown by the planned end."""
    showing = found.detail.detectable
    if showing is None:
        return "What the planned end can show is not known yet."
    good = found.definition.primary.direction
    power = wording.percent(showing.power, 0)
    return (
        f"At the planned end a true lift of {signed(showing.met, good)} would be called met with a "
        f"chance of {power}, and one of {signed(showing.change, good)} told from no change."
    )


def effect_words(effect: Effect) -> str:
    """A lift with its ordinary interval, or why there is none."""
    if effect.lift is None or effect.fixed is None:
        return effect.missing
    confidence = wording.percent(effect.fixed.confidence, 0)
    bounds = range_words(effect.fixed.low, effect.fixed.high)
    return f"{signed(effect.lift, effect.metric.good)} ({confidence} interval {bounds})"


def _met(found: ExperimentReport) -> str:
    risk = ""
    if found.main.harmed:
        names = wording.listing([one.effect.metric.label.lower() for one in found.main.harmed])
        risk = f", but {names} {'is' if len(found.main.harmed) == 1 else 'are'} harmed"
    return f"Met{risk}: {_low(_lift(found))}, {_why(found)}"


def _not_met(found: ExperimentReport) -> str:
    return f"Not met: {_low(_lift(found))}, {_why(found)}"


def _keep_collecting(found: ExperimentReport) -> str:
    settled, waits = settles(found), found.schedule.minimum - found.days
    start = "Keep collecting" if settled == _MORE_USERS else f"Keep collecting, {settled}"
    if found.main.effect.lift is None:
        return f"{start}: {found.main.effect.missing}"
    if waits > 0:
        return (
            f"{start}: {_low(_lift(found))}; no verdict before {found.schedule.minimum} complete "
            f"days, {days_words(waits)} from now"
        )
    takes = f"; it takes {settled}" if settled == _MORE_USERS else ""
    return f"{start}: {_low(_lift(found))}, and {_margin(found)} is still possible{takes}"


def _left_open(found: ExperimentReport) -> str:
    return (
        f"Left open after {days_words(found.days)}: {_low(_lift(found))}, and {_margin(found)} is "
        f"still possible; it takes {settles(found)}"
    )


def _without(word: str) -> Callable[[ExperimentReport], str]:
    return lambda found: f"{word}: {'; '.join(found.reasons)}"


def _not_begun(found: ExperimentReport) -> str:
    if not found.experiment:
        return f"{found.service} has no experiment"
    start = found.definition.starts_on
    if start == found.as_of.date():
        return f"{found.experiment} begins today: its first numbers come tomorrow"
    return f"{found.experiment} begins on {wording.long_date(start)}"


_HEADLINES: dict[Outcome, Callable[[ExperimentReport], str]] = {
    Outcome.MET: _met,
    Outcome.NOT_MET: _not_met,
    Outcome.KEEP_COLLECTING: _keep_collecting,
    Outcome.LEFT_OPEN: _left_open,
    Outcome.INVALID: _without("Invalid"),
    Outcome.NO_DATA: _without("No verdict"),
    Outcome.NOT_BEGUN: _not_begun,
}


def _lift(found: ExperimentReport) -> str:
    """The lift with the bounds that decide, e.g. of the day that decided."""
    made, effect = found.decision, found.main.effect
    lift = effect.lift if made is None else made.lift
    bounds = found.main.deciding if made is None else made.bounds
    good = found.definition.primary.direction
    arm = f" in {found.main.treatment}" if len(found.comparisons) > 1 else ""
    told = f"{effect.metric.label} {_are(effect)} {change_words(lift or 0.0, good)}{arm}"
    if bounds is None:
        return told
    confidence = f"{bounds.confidence * 100:.4g} %"
    return f"{told} ({confidence} sure of {range_words(bounds.low, bounds.high, 2)})"


def _are(effect: Effect) -> str:
    return "are" if effect.metric.label.split()[0].endswith("s") else "is"


def _why(found: ExperimentReport) -> str:
    return "" if found.decision is None else _decided(found.decision)


def _decided(made: Decision) -> str:
    by = "the always-valid band" if made.look == "always valid" else "the planned last look"
    return f"decided on day {made.number} ({wording.long_date(made.day)}) by {by}"


def _now(found: ExperimentReport) -> str:
    made, lift = found.decision, found.main.effect.lift
    if made is None or lift is None or found.data_through == made.day:
        return ""
    good = found.definition.primary.direction
    return f" After {days_words(found.days)} the lift is {signed(lift, good)}."


def _margin(found: ExperimentReport) -> str:
    return margin_words(found.definition.primary.margin)


def _low(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _more(days: int) -> str:
    return "1 more day" if days == 1 else f"{days} more days"
