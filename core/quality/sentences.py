"""What the quality report says in words: headline, chart titles, intervals."""

from __future__ import annotations

from datetime import timedelta

from core import wording
from core.quality.early_warning import EarlyWarning
from core.quality.report import QualityReport
from core.quality.trend import Lag
from core.stats import allocation
from core.status import Estimate, Status
from core.timeframe import DAY

#: Shares near 100 % need a second digit to be told apart.
_DIGITS = 2


def headline(found: QualityReport) -> str:
    """The finding, as the page's first sentence."""
    return _without_evidence(found) or _verdict(found)


def interval_words(estimate: Estimate, digits: int = _DIGITS) -> str:
    """An estimate with its interval, cut away from the middle: never narrower than it is.

    >>> interval_words(Estimate(0.99214, 0.98812, 0.99518, 900))
    '99.21 % (98.81 to 99.52 %)'
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "unknown"
    value = wording.percent(estimate.value, digits)
    low = wording.percent(estimate.low, digits).removesuffix(" %")
    high = wording.percent(estimate.high, digits, good="low")
    return f"{value} ({low} to {high})"


def settles(found: QualityReport) -> str:
    """What would settle the verdict, as a sentence; '' where it is settled or nothing would."""
    if found.state != "ok" or found.status is not Status.UNDECIDED:
        return ""
    if found.settles is None:
        return "The estimate is too close to the target: no reasonable number of labels settles it."
    return f"About {wording.about(found.settles)} more labels settle it."


def plan_sentence(found: QualityReport) -> str:
    """What the labels of the plan would settle."""
    plan = found.plan
    if plan is None:
        return ""
    name, version = found.settings.name, plan.version
    if plan.settles is None:
        return (
            f"{version} is too close to {name}: no reasonable number of labels settles it. These "
            "sharpen the picture."
        )
    if not plan.settles:
        return f"For {version} alone, {name} is decided. These labels keep the picture sharp."
    said = (
        f"For {version} alone, about {wording.about(plan.settles)} more labels settle {name}, "
        "placed like this."
    )
    if len(found.by_version) < 2 or not found.settles:
        return said
    return (
        f"{said} The verdict above takes about {wording.about(found.settles)}, because the window "
        "holds other versions too."
    )


def certify_sentence(found: QualityReport) -> str:
    """From how many labels above the threshold on the target of precision can be certified.

    It is a lower end: with so many the chance is still below one half.
    """
    point = found.thresholds.operating_point
    if point is None or point.precision.value is None:
        return ""
    goal, truth = found.settings.precision, float(point.precision.value)
    shown, value = wording.percent(goal, 0), wording.percent(truth, 2)
    clean = allocation.labels_to_certify(1.0, goal)
    without = f"Without one error above the threshold, {shown} can be certified from {clean} on"
    there = f"there are {wording.whole(point.precision.n)}"
    needed = allocation.labels_to_certify(truth, goal)
    if needed is None:
        return f"{without}; at a true {value} never. Labels: {there}."
    return (
        f"{without}; at a true {value} from about {wording.about(needed)} on, and likelier with "
        f"twice as many. Labels: {there}."
    )


def measure_sentence(found: QualityReport, measure: str) -> str:
    """One measure against its target.

    For example: 'Precision is 99.21 % (98.81 to 99.52 %).'
    """
    estimate = found.whole.measures[measure]
    name = measure.replace("_", " ").capitalize()
    if estimate.value is None:
        side = "decided positive " if measure == "precision" else ""
        return f"{name} is unknown: no letter {side}is labelled."
    return f"{name} is {interval_words(estimate)}."


def lag_words(lag: Lag) -> str:
    """How long labels take."""
    if lag.median is None or lag.slowest is None:
        return "no label has come yet"
    return f"half come within {_about(lag.median)}, 95 % within {_about(lag.slowest)}"


def trend_title(found: QualityReport, measure: str) -> str:
    """The finding of a trend: on how many mature days the interval was wholly below the target."""
    name = measure.capitalize()
    goal = found.settings.targets[measure]
    words = wording.percent(float(goal.value), 0)
    days = [
        day for day in found.days if day.mature and day.quality.measures[measure].value is not None
    ]
    unit = "week" if any(day.length > DAY for day in found.days) else "day"
    if not days:
        return f"{name}: no {unit} has all its labels yet"
    below = [day for day in days if day.quality.statuses[measure] is Status.BREACHED]
    if below:
        number = wording.number_word(len(below)).capitalize()
        last = max(day.day for day in below)
        noun = f"{unit} was" if len(below) == 1 else f"{unit}s were"
        begun = "begun " if unit == "week" else ""
        return f"{number} {noun} below {words} {measure}, the last {begun}on {last.day} {last:%B}"
    return f"No {unit} was provably below {words} {measure}"


def curve_title(found: QualityReport) -> str:
    """The finding of the curve: which threshold is certified, and what it costs."""
    thresholds = found.thresholds
    goal = wording.percent(found.settings.precision, 0)
    certified = thresholds.certified
    if found.curve is None:
        return "No labels, no curve"
    if certified is None or certified.recall.value is None:
        return f"No threshold is certified to reach {goal} precision"
    recall = wording.percent(certified.recall.value, 0)
    where = wording.score(certified.threshold)
    if thresholds.operating is None:
        return f"{goal} precision is certified from {where} on, at {recall} recall"
    if certified.threshold <= thresholds.operating:
        return f"{goal} precision is certified down to {where}: the operating threshold holds"
    return f"{goal} precision is certified only from {where} on, at {recall} recall"


def histogram_title(found: QualityReport) -> str:
    """The finding of the score histogram."""
    whole = found.whole
    if not whole.letters:
        return "No scores in this window"
    share = wording.percent(whole.decided / whole.letters, 1)
    return f"{share} of {wording.count(whole.letters)} letters were decided positive"


def confusion_title(found: QualityReport) -> str:
    """The finding of the confusion matrix."""
    wrong = found.whole.confusion.false_positives
    missed = found.whole.confusion.false_negatives
    if wrong is None or missed is None or not found.labels.count:
        return "No labels, no confusion matrix"
    return (
        f"About {wording.count(wrong, good='low')} letters moved wrongly, "
        f"{wording.count(missed, good='low')} missed"
    )


def early_title(early: EarlyWarning | None) -> str:
    """The finding of the label-free look."""
    if early is None:
        return "Nothing can be said before labels come"
    if early.unknown:
        return "The newest scores cannot be read yet"
    if early.reasons:
        return f"Early warning: {early.reasons[0]}"
    return "The newest scores look like the ones before"


def _without_evidence(found: QualityReport) -> str | None:
    about = found.focus.words
    whose = f"{found.service}, {about}," if about else found.service
    if found.state == "no_scores":
        return f"{whose} counted no scores in the {found.window.last}"
    if found.freshness.stale and found.freshness.data_through is not None:
        through = wording.clock(found.freshness.data_through, found.freshness.as_of)
        return f"The scores of {found.service} end at {through}: nothing is known since"
    if found.state == "no_labels":
        return f"No letter of the {found.window.last} is labelled: {found.settings.name} is unknown"
    return None


def _verdict(found: QualityReport) -> str:
    name = found.settings.name
    about = f" for {found.focus.words}" if found.focus.words else ""
    milestone = found.settings.targets["precision"].milestone
    due = f" ({milestone})" if milestone else ""
    statuses = found.whole.statuses
    broken = [m for m in ("precision", "recall") if statuses[m] is Status.BREACHED]
    if broken:
        high = found.whole.measures[broken[0]].high
        most = "" if high is None else f" at most {wording.percent(high, 2, good='low')}"
        return f"{name}{due} is missed{about}: {broken[0]} is{most}, with 95 % certainty"
    if found.status is Status.ON_TARGET:
        lows = [found.whole.measures[m].low for m in ("precision", "recall")]
        least = [wording.percent(low, 2) for low in lows if low is not None]
        return (
            f"{name}{due} is met{about} with 95 % certainty: precision at least {least[0]}, "
            f"recall at least {least[1]}"
        )
    openly = [m for m in ("precision", "recall") if statuses[m] is not Status.ON_TARGET]
    values = [f"{m} {interval_words(found.whole.measures[m], 1)}" for m in openly]
    more = found.settles
    tail = f"; about {wording.about(more)} more labels settle it" if more else ""
    return f"{name}{due} is not proven yet{about}: {wording.listing(values)}{tail}"


def _about(length: timedelta) -> str:
    """A lag, rounded up to minutes or hours.

    >>> _about(timedelta(minutes=3.2)), _about(timedelta(hours=30.1))
    ('4 minutes', '31 hours')
    """
    minutes = -(-length // timedelta(minutes=1))
    if minutes < 120:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"{-(-minutes // 60)} hours"
