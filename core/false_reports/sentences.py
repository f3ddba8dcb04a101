"""What the false-reports report says in words: headline, what became of reports, chart titles."""

from __future__ import annotations

import math

from core import wording
from core.false_reports.after_release import PER, AfterRelease, Compared
from core.false_reports.fate import Fate
from core.false_reports.report import FalseReportsReport, Stage
from core.false_reports.votes import State
from core.false_reports.words import counted, rate_words, topic_name, unit_of
from core.status import Estimate
from core.timeframe import HOUR

#: Reports that vary so many times as much as independent ones come in bursts.
BURSTS = 1.5


def headline(found: FalseReportsReport) -> str:
    """The finding, as the page's first sentence: what waits, since when, and what hurts most."""
    said = _stage(found)
    if found.freshness.stale and found.freshness.data_through is not None:
        since = wording.clock(found.freshness.data_through, found.as_of)
        return f"Nothing is known since {since}. Until then: {said[0].lower()}{said[1:]}"
    return said


def _stage(found: FalseReportsReport) -> str:
    match found.stage:
        case Stage.NO_REPORTS:
            return "Nobody has reported a false decision"
        case Stage.UNTAKEN:
            came = counted(found.intake.reports, "report")
            return f"{came.capitalize()} came, and the worker has taken none yet"
        case Stage.REVIEWED:
            return f"Every group of reports is reviewed: {_decided(found)}"
        case Stage.WAITING:
            return waiting_sentence(found)


def _decided(found: FalseReportsReport) -> str:
    counts = found.standings.counts
    return (
        f"{wording.whole(counts[State.CONFIRMED])} confirmed, "
        f"{wording.whole(counts[State.REJECTED])} rejected"
    )


def waiting_sentence(found: FalseReportsReport) -> str:
    """What waits.

    For example: '12 groups wait, the oldest for 3 days; group 17 hurts most, 41 people reported
    it'.
    """
    waiting = found.waiting
    if waiting.oldest is None or waiting.worst is None:
        return "Nothing waits for review"
    age = wording.duration(max(found.as_of - waiting.oldest, 0 * HOUR))
    groups = counted(waiting.groups, "group").capitalize()
    since = f"has waited for {age}" if waiting.groups == 1 else f"wait, the oldest for {age}"
    people = counted(waiting.worst.reporters, "person", "people")
    return f"{groups} {since}; group {waiting.worst.group_id} hurts most, {people} reported it"


def after_sentence(one: AfterRelease) -> str:
    """What became of a release's groups: together first, since many rare groups tell little alone.

    For example: 'The nine groups of newsletters-1 together are fixed since bert-4 (23 reports per
    million letters before, 1.1 after); alone, seven are fixed and one is still reported'.
    """
    if one.missing:
        return f"Since {one.version} nothing can be told. {one.missing}"
    if one.known.ids.size:
        together = f"{_together(one)} since {one.version} ({rates(one.whole)})"
        return f"{together}; {_alone(one)}" if one.known.ids.size > 1 else together
    return (
        f"No retraining set went into {one.version}. Groups known before it: "
        f"{rates(one.whole_others)}"
    )


#: What a fate says of some groups together, after "are" or "is".
_STATES = {
    Fate.FIXED: "fixed",
    Fate.RECURRING: "not fixed",
    Fate.UNDECIDED: "reported less, but not shown to be fixed",
    Fate.TOO_EARLY: "not yet told apart from before",
    Fate.NO_TRAFFIC: "without letters that could be reported",
    Fate.NO_REPORTS: "without reports that count",
}


def whole_state(one: AfterRelease) -> str:
    """How the groups of a set stand together, in a word or a few."""
    return _STATES[one.whole.fates.of(0)]


def _together(one: AfterRelease) -> str:
    total = one.known.ids.size
    if total == 1:
        return f"The one group of {one.set_id} is {whole_state(one)}"
    return f"The {counted(total, 'group')} of {one.set_id} together are {whole_state(one)}"


def _alone(one: AfterRelease) -> str:
    """How many groups are shown to be fixed each by itself, and how many still come."""
    fixed, going = one.known.fates.count(Fate.FIXED), one.known.fates.count(Fate.RECURRING)
    alone = f"alone, {_number(fixed)} {'is' if fixed == 1 else 'are'} shown to be fixed"
    if not going:
        return alone
    return f"{alone} and {_number(going)} {'is' if going == 1 else 'are'} still reported"


def _number(count: int) -> str:
    return wording.number_word(count) if count else "none"


def rates(whole: Compared) -> str:
    """Both rates of some groups as one, cut toward the side that flatters less.

    For example: '23 reports per million letters before, 1.1 after'.
    """
    before, after = float(whole.before.value[0]), float(whole.after.value[0])
    per = unit_of(before, after)
    return (
        f"{rate_words(before * per.factor, up=False)} reports per {per.name} letters before, "
        f"{rate_words(after * per.factor)} after"
    )


def ratio_words(whole: Compared) -> str:
    """How the rate changed, with its interval: ends cut outward.

    For example: 'times 0.05 (0.01 to 0.13)'.
    """
    value, low, high = (
        float(end[0])
        for end in (whole.fates.ratio.value, whole.fates.ratio.low, whole.fates.ratio.high)
    )
    if math.isnan(value):
        return "no change can be told"
    return f"times {rate_words(value)} ({rate_words(low, up=False)} to {rate_words(high)})"


def fate_counts(compared: Compared) -> str:
    """How groups fared.

    For example: '7 fixed, 1 recurring, 1 too early'.
    """
    found = [(compared.fates.count(fate), fate.word) for fate in Fate]
    return ", ".join(f"{wording.whole(number)} {word}" for number, word in found if number)


def after_notes(found: FalseReportsReport, one: AfterRelease) -> tuple[str, ...]:
    """How the comparison is made, and what may flatter it."""
    hours = round(found.settings.follow_up / HOUR)
    replaced = wording.listing(list(one.replaced))
    limit = wording.percent(found.settings.halved, 0)
    sides = (
        f"Before: decisions of {replaced}, as long as they decided; after: those of {one.version}. "
        f"Only reports made within {hours} hours count, and only letters at least that old."
    )
    fixed = (
        f"Fixed means that the rate is shown to have fallen below {limit} of what it was; all "
        "intervals of a release hold together (Bonferroni)."
    )
    notes = [sides, fixed]
    if one.known.ids.size:
        notes.append(
            "Groups are in a set because they had been reported a lot, and would be reported less "
            f"by chance alone: compare them with those outside it ({rates(one.whole_others)})."
        )
    if one.since_set is not None and one.since_set[1]:
        reports, letters = one.since_set
        rate = PER * reports / letters
        per = unit_of(rate)
        notes.append(
            "Between the making of the set and the release, which the choice of groups cannot have "
            f"flattered: {rate_words(rate * per.factor, up=False)} reports per {per.name} letters."
        )
    return (*notes, _burst_note(one))


def _burst_note(one: AfterRelease) -> str:
    """How far the intervals can be trusted."""
    if one.dispersion is None:
        return (
            "Intervals take reports for independent. Where they come in bursts, intervals are too "
            "narrow."
        )
    if one.dispersion < BURSTS:
        return "Intervals take reports for independent, and from week to week they vary like that."
    times = rate_words(one.dispersion)
    wider = rate_words(math.sqrt(one.dispersion))
    return (
        f"Intervals take reports for independent, but from week to week they vary {times} times as "
        f"much: think of intervals {wider} times as wide."
    )


def after_title(one: AfterRelease) -> str:
    """The finding of the chart of groups before and after a release."""
    if one.missing:
        return f"Nothing can be told about {one.version} yet"
    if not one.known.ids.size:
        total = one.others.ids.size
        if not total:
            return f"No group was reported before {one.version}"
        fixed, going = one.others.fates.count(Fate.FIXED), one.others.fates.count(Fate.RECURRING)
        said = f"{wording.whole(fixed)} of {wording.whole(total)} groups known before are fixed"
        return _still(f"{said} since {one.version}", going)
    going = one.known.fates.count(Fate.RECURRING) if one.known.ids.size > 1 else 0
    return _still(f"{_together(one)} since {one.version}", going)


def _still(said: str, going: int) -> str:
    return f"{said}; {wording.whole(going)} still reported" if going else said


def arrivals_title(found: FalseReportsReport) -> str:
    """The finding of reports by day."""
    came = found.arrivals
    wrong, missed = int(came.false_positives.sum()), int(came.false_negatives.sum())
    total = wrong + missed
    if not total:
        return f"No report in the {found.window.last}"
    share = wording.percent(wrong / total, 0)
    said = f"{counted(total, 'report').capitalize()} in the {found.window.last}"
    return f"{said}, {share} of them false positives"


def topics_title(found: FalseReportsReport) -> str:
    """The finding of reports by topic."""
    named = [topic for topic in found.topics if topic.topic_id]
    if not named:
        return "Too few groups to find topics among them"
    most = max(named, key=lambda topic: (topic.waiting, topic.reports))
    if not most.waiting:
        return "Every topic is reviewed"
    name = topic_name(most.topic_id, most.words)
    return f"Most groups wait in \u201c{name}\u201d: {wording.whole(most.waiting)}"


def reviewers_title(found: FalseReportsReport) -> str:
    """The finding of reviewers' progress."""
    votes = sum(one.votes for one in found.standings.progress)
    if not votes:
        return "Nobody has reviewed a group yet"
    people = counted(len(found.standings.progress), "reviewer")
    today = sum(one.today for one in found.standings.progress)
    cast = f"{people.capitalize()} cast {counted(votes, 'vote')}"
    return f"{cast}, {wording.whole(today)} today" if today else f"{cast}, none today"


def masked_sentence(found: FalseReportsReport) -> str:
    """What was masked on top of the producers' own, and what is likely left."""
    if not found.intake.taken:
        return "No report has been anonymised here yet."
    masked = sum(found.intake.masked.values())
    if found.residual is None:
        return "Greenlight's own pass found nothing that the producers had left."
    left = rate_words(found.residual.per_thousand)
    return (
        f"Greenlight masked {counted(masked, 'personal detail')} that the producers had left; "
        f"about {left} in 1,000 reports are likely left still."
    )


def precision_sentence(found: FalseReportsReport) -> str:
    """How many reports are right, by those that were drawn at random."""
    by_group = found.precision.by_group
    if by_group is None or by_group.value is None:
        return "How many reports are right is unknown: none that was drawn at random is decided."
    return (
        f"Of groups drawn at random, {estimate_words(by_group)} are right "
        f"({wording.whole(by_group.n)} decided)."
    )


def agreement_sentence(found: FalseReportsReport) -> str:
    """How far reviewers agree."""
    every = found.agreement.every
    if every.raw is None:
        return "No group has two blind votes yet: agreement is unknown."
    alpha = "unknown" if every.alpha is None else f"{every.alpha:.2f}"
    return (
        f"Two reviewers say the same of {wording.percent(every.raw, 0)} of "
        f"{counted(every.n, 'group')}; Krippendorff's alpha is {alpha}."
    )


def estimate_words(estimate: Estimate) -> str:
    """A share with its interval, ends cut outward."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "unknown"
    value, low = wording.percent(estimate.value, 0), wording.percent(estimate.low, 0)
    high = wording.percent(estimate.high, 0, good="low")
    return f"{value} ({low.removesuffix(' %')} to {high})"
