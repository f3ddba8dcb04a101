"""Plain counts out of their range: errors, load, traffic that vanished.

A span that has a minute without any row is unknown: that the rows are gone is said by the liveness
rules. Letters believed to lie in rows of single late instances are counted once as there and once
as not; where the two disagree it is unknown too.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from statistics import median

from core import wording
from core.alerts.checks.answer import Answer, present
from core.alerts.inputs import Inputs
from core.alerts.parameters import Errors, Load, Vanished
from core.alerts.serving import Serving
from core.ports.alerts import AlertRule, Signal
from core.stats.burn import above
from core.timeframe import DAY, MINUTE

#: The span whose mean is held against the highest load: as long as that was carried.
LOAD_SPAN = 5 * MINUTE
#: With the objective 0, the budget is all letters, and a burn rate is a share of them.
_OF_ALL_LETTERS = Fraction(0)


def errors(rule: AlertRule, asked: Errors, inputs: Inputs) -> Answer:
    """More than a share of the letters of the newest minutes got no answer."""
    serving = present(inputs.serving)
    tally = serving.tally("availability", asked.span)
    over = None if tally.gap else above(tally, Fraction(repr(asked.share)), _OF_ALL_LETTERS)
    if over is not False and not tally.gap and tally.bad + tally.missing < asked.least:
        over = False
    elif over and tally.bad < asked.least:
        over = None
    share = Fraction(tally.bad, tally.total) if tally.total else None
    said = "no letters" if share is None else f"{wording.percent(share, good='low')} of letters"
    sentence = (
        f"{said} of {serving.service} got no answer in the last {_minutes(asked.span)}: "
        f"{wording.whole(tally.bad)} of {wording.whole(tally.total)}"
    )
    return Answer(
        (
            Signal(
                rule_id=rule.rule_id,
                labels={"count": "errors"},
                active=over,
                severity=rule.severity,
                sentence=sentence,
                value=None if share is None else float(share),
                threshold=asked.share,
                evidence={"errors": tally.bad, "letters": tally.total},
            ),
        )
    )


def load(rule: AlertRule, asked: Load, inputs: Inputs) -> Answer:
    """More letters a minute than were ever carried within the SLO; unknown where none were.

    What was carried since the highest load was last looked for counts as well: a load that holds
    for five minutes within both objectives is carried, and the alert ends.
    """
    serving, found = present(inputs.serving), present(inputs.carried)
    if found.rpm is None:
        return Answer((_load(rule, asked, serving, None, None),))
    tally = serving.tally("availability", LOAD_SPAN)
    most = Fraction(repr(asked.factor)) * found.rpm * (LOAD_SPAN // MINUTE)
    active: bool | None = None
    if not tally.gap and _within(serving):
        active = False
    elif not tally.gap and (tally.total > most or tally.total + tally.missing <= most):
        active = tally.total > most
    return Answer((_load(rule, asked, serving, active, found.rpm),))


def traffic_vanished(rule: AlertRule, asked: Vanished, inputs: Inputs) -> Answer:
    """Far fewer letters than the same minutes of the days before had.

    What was usual is the median of the same span of each earlier day that the grid holds; a day
    with a gap there is left out. Without any there is nothing to compare with: unknown.
    """
    serving = present(inputs.serving)
    tally = serving.tally("availability", asked.span)
    earlier = []
    back = DAY
    while serving.end - back - asked.span >= serving.grid.start:
        then = serving.tally("availability", asked.span, serving.end - back)
        if not then.gap:
            earlier.append(then.total)
        back += DAY
    usual = median(earlier) if earlier else None
    active: bool | None = None
    if not tally.gap and usual is not None:
        fewest = Fraction(repr(asked.share)) * Fraction(usual)
        if usual < asked.least or tally.total >= fewest:
            active = False
        elif tally.total + tally.missing < fewest:
            active = True
    told = "unknown" if usual is None else wording.whole(usual)
    sentence = (
        f"{serving.service} got {wording.whole(tally.total)} letters in the last "
        f"{_minutes(asked.span)}; usual at this time: {told}"
    )
    return Answer(
        (
            Signal(
                rule_id=rule.rule_id,
                labels={"count": "letters"},
                active=active,
                severity=rule.severity,
                sentence=sentence,
                value=float(tally.total),
                threshold=None if usual is None else asked.share * usual,
                evidence={"letters": tally.total, "usual": usual},
            ),
        )
    )


def _load(
    rule: AlertRule,
    asked: Load,
    serving: Serving,
    active: bool | None,
    carried: int | None,
) -> Signal:
    rpm = serving.tally("availability", LOAD_SPAN).total // (LOAD_SPAN // MINUTE)
    if carried is None:
        sentence = f"{serving.service} has carried no load within its SLO that is known"
    else:
        sentence = (
            f"{serving.service} gets {wording.count(rpm)} letters a minute; the highest load "
            f"carried within the SLO is {wording.count(carried)}"
        )
    return Signal(
        rule_id=rule.rule_id,
        labels={"count": "load"},
        active=active,
        severity=rule.severity,
        sentence=sentence,
        value=float(rpm),
        threshold=None if carried is None else asked.factor * carried,
        evidence={"rpm": rpm, "carried_rpm": carried},
    )


def _within(serving: Serving) -> bool:
    """Whether the span of the load is within both objectives."""
    for kind, objective in serving.settings.objectives.items():
        tally = serving.tally(kind, LOAD_SPAN)
        lost = 1 - objective
        if tally.bad * lost.denominator > lost.numerator * tally.total:
            return False
    return True


def _minutes(span: timedelta) -> str:
    return wording.duration(span)
