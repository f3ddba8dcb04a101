"""What the reliability report says in words: headline, chart titles, what a policy means."""

from __future__ import annotations

from fractions import Fraction

from core import wording
from core.reliability.report import Alert, ReliabilityReport, Sli
from core.stats.burn import Policy
from core.status import Status
from core.timeframe import Window

#: At most 20 ms for this share of letters is p99.99 at most 20 ms, whatever the objective is.
FOUR_NINES = Fraction(9_999, 10_000)
_NAMES = {"availability": "Availability", "latency": "Latency"}


def headline(found: ReliabilityReport) -> str:
    """The finding, as the page's first sentence."""
    return _without_evidence(found) or _burning(found) or _objectives(found)


def _without_evidence(found: ReliabilityReport) -> str | None:
    as_of = found.freshness.as_of
    if found.state == "no_data":
        return f"{found.service} wrote no rows in the {found.window.last}"
    if found.freshness.stale and found.freshness.data_through is not None:
        since = wording.clock(found.freshness.data_through, as_of)
        return f"The data of {found.service} end at {since}: nothing is known since"
    if found.freshness.stale:
        return f"When {found.service} last wrote is not known any more: these numbers may be old"
    if found.state == "no_traffic":
        return f"{found.service} is running, but got no letters in the {found.window.last}"
    return None


def _objectives(found: ReliabilityReport) -> str:
    missed = [sli for sli in found.slis.values() if sli.status is Status.BREACHED]
    if missed:
        return f"{wording.listing([_missed(sli, found) for sli in missed])}, {found.window.last}"
    left = [_left(sli) for sli in found.slis.values()]
    worries = [sli.reasons[0] for sli in found.slis.values() if sli.status is Status.AT_RISK]
    if worries:
        return f"Both objectives hold, but {worries[0]}"
    return f"Both objectives hold: {wording.listing(left)}"


def where(found: ReliabilityReport, kind: str) -> str:
    """The one datacenter that holds most of the present trouble, or ''."""
    recent = [episode for episode in found.episodes if episode.kind == kind]
    if not recent or found.span.end - recent[-1].span.end > Window.parse("1h").length:
        return ""
    return recent[-1].where


def exhaustion(sli: Sli) -> str:
    """How long the budget lasts, in plain words."""
    if sli.period.remaining is None:
        return "no budget without letters"
    if sli.period.remaining <= 0:
        return "the 30-day budget is spent"
    if sli.exhausted_in is None:
        return "nothing burns now"
    if sli.burn is not None and sli.burn <= 1:
        return f"burning at {wording.rate(sli.burn)}: it renews faster than it is spent"
    return f"at the present burn it lasts {wording.duration(sli.exhausted_in)}"


def remaining(left: Fraction | None, budget: str = "the budget") -> str:
    """What is left of a budget; an overspent one is said as a multiple, which a share is not.

    >>> remaining(Fraction(1, 2)), remaining(Fraction(-3, 2), "the 30-day budget")
    ('50 % of the budget left', '2.5 times the 30-day budget spent')
    """
    if left is None:
        return "no budget without letters"
    if left < 0:
        return f"{wording.rate(1 - left)} times {budget} spent"
    return f"{wording.percent(left, 0)} of {budget} left"


def meaning(policy: Policy) -> str:
    """What a policy's firing means.

    >>> from core.stats.burn import POLICIES
    >>> meaning(POLICIES[0])
    '2 % of 30 days’ budget gone in 1 hour'
    """
    share = f"{float(policy.share * 100):g} %"
    return f"{share} of 30 days’ budget gone in {Window(policy.long).words}"


def alert_state(alert: Alert, found: ReliabilityReport) -> str:
    """A policy's state as a word, with the time it has been firing."""
    if alert.firing is None:
        return "unknown: rows are missing"
    if not alert.firing:
        return "quiet"
    since = alert.since
    return "firing" if since is None else f"firing since {wording.clock(since, found.span.end)}"


def burn_title(found: ReliabilityReport) -> str:
    """The finding of the burn rates."""
    if found.firing:
        number = wording.number_word(len(found.firing))
        return f"{number.capitalize()} of {len(found.alerts)} policies fire"
    if found.unknown:
        number = wording.number_word(len(found.unknown))
        every = len(found.alerts)
        return f"{number.capitalize()} of {every} policies cannot be judged: rows are missing"
    return "No policy fires"


def budget_title(found: ReliabilityReport) -> str:
    """The finding of the burn-down."""
    left = {
        kind: sli.budget.remaining
        for kind, sli in found.slis.items()
        if sli.budget.remaining is not None
    }
    if not left:
        return "No letters, no budget"
    worst = min(left, key=lambda kind: left[kind])
    costliest = max(
        (episode for episode in found.episodes if episode.kind == worst),
        key=lambda episode: episode.bad,
        default=None,
    )
    start = f"{_NAMES[worst]}: {remaining(found.slis[worst].budget.remaining)}"
    bad = found.slis[worst].bad
    if costliest is None or not bad or Fraction(costliest.bad, bad) < Fraction(1, 10):
        return start
    share = wording.percent(Fraction(costliest.bad, bad), 0)
    return f"{start}; {share} of the loss was on {wording.day(costliest.span.start)}"


def no_budget(found: ReliabilityReport) -> str:
    """Why there is no error budget to draw."""
    if found.state == "no_data":
        return (
            f"No row of metrics.serving_minute lies in the {found.window.last}: how much of an "
            "error budget is left, nobody knows."
        )
    return f"No letters came in the {found.window.last}: there is no error budget to spend."


def percentile_title(found: ReliabilityReport) -> str:
    """The finding of the percentiles: the p99.99 of the window against the target."""
    value = found.percentiles["p99.99"]
    if value is None:
        return "No answered letters"
    latency = found.slis["latency"]
    target = f"{found.settings.target_ms:g} ms"
    if latency.value is None:
        return "No answered letters"
    held = latency.value >= FOUR_NINES
    verb = "is within" if held else "is over"
    return f"p99.99 {verb} {target} over the {found.window.last}"


def load_title(found: ReliabilityReport) -> str:
    """The finding of the load."""
    carried = found.load.carried
    if found.load.peak_rpm is None:
        return "No load to show"
    if carried is None:
        return "No five minutes in a row were within both objectives"
    return f"Carried {wording.count(carried.rpm)} letters a minute within both objectives"


def coverage_words(found: ReliabilityReport) -> str:
    """How complete the rows are, and what the missing ones could hide."""
    share = found.coverage_share
    if share is None:
        return "nobody is expected to write"
    if share == 1:
        return "every expected row is there"
    missing = wording.count(found.coverage.missing_letters)
    return f"about {missing} letters lie in rows that are missing"


def _burning(found: ReliabilityReport) -> str | None:
    if not found.firing:
        return None
    alert = found.firing[0]
    sli = found.slis[alert.kind]
    times = wording.rate(alert.long_burn)
    place = where(found, alert.kind)
    since = f" since {wording.clock(alert.since, found.span.end)}" if alert.since else ""
    rest = (
        "the 30-day budget is spent"
        if sli.period.remaining is not None and sli.period.remaining <= 0
        else f"the budget lasts {wording.duration(sli.exhausted_in)}"
        if sli.exhausted_in is not None
        else "the budget does not shrink in the last hour"
    )
    only = f", {place} only" if place else ""
    return f"{_NAMES[alert.kind]} burns {times} times too fast{since}{only}; {rest}"


def _missed(sli: Sli, found: ReliabilityReport) -> str:
    what = (
        "of letters got an answer"
        if sli.kind == "availability"
        else f"of letters within {found.settings.target_ms:g} ms"
    )
    value = wording.percent(sli.value or 0, 4)
    return f"{value} {what}, {wording.percent(sli.objective)} was promised"


def _left(sli: Sli) -> str:
    left = sli.budget.remaining
    share = "none" if left is None else wording.percent(left, 0)
    return f"{share} of the {sli.kind} budget is left"
