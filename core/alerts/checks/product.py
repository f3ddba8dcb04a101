"""What users feel: complaints, the A/B test, the shadow run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from core import wording
from core.alerts.checks.answer import Answer, present, unknown
from core.alerts.inputs import Inputs
from core.alerts.parameters import Hours, Nothing, Weekly
from core.experiment import ExperimentReport, Outcome
from core.experiment.guardrails import Guardrail
from core.experiment.words import margin_words, signed
from core.ports.alerts import AlertRule, Signal
from core.stats.seasonal import WEEK, weekly_prediction
from core.timeframe import DAY, HOUR, STALE_AFTER_DAYS

#: The product metrics whose ratio is watched.
EVENTS, EXPOSURE = "complaints", "letters"
#: A rate is said for so many letters.
_PER = 100_000
#: A test's last rows may come this long after its last day.
_AFTERWARDS = 2 * DAY


def complaints(rule: AlertRule, asked: Weekly, inputs: Inputs) -> Answer:
    """Complaints per letter of the newest day, against the same weekday of the weeks before.

    Unknown without six such days, and while the newest day is more than 36 hours old.
    """
    series = {found.metric: found for found in present(inputs.product)}
    if EVENTS not in series or EXPOSURE not in series:
        return unknown("complaints and letters are not both written by day")
    events, exposure = (
        dict(zip(series[name].days, series[name].values, strict=True))
        for name in (EVENTS, EXPOSURE)
    )
    over = [day for day in events if day < inputs.as_of.date() and exposure.get(day)]
    newest = max(over, default=None)
    if newest is None:
        return unknown("there is no day with complaints and letters")
    ended = datetime.combine(newest + DAY, time(), UTC)
    if inputs.as_of - ended > STALE_AFTER_DAYS:
        return unknown(f"complaints end on {wording.long_date(newest)}")
    return Answer((_rate(rule, asked, inputs.service, newest, (events, exposure)),))


def guardrail(rule: AlertRule, asked: Nothing, inputs: Inputs) -> Answer:
    """One signal a guardrail of each treatment of the running test."""
    del asked
    found = present(inputs.experiment)
    gone = _missing(found)
    if gone:
        return unknown(gone)
    if _ended(found):
        return Answer(())
    return Answer(
        tuple(
            _guardrail(rule, found, compared.treatment, held)
            for compared in found.comparisons
            for held in compared.guardrails
        )
    )


def sample_ratio(rule: AlertRule, asked: Nothing, inputs: Inputs) -> Answer:
    """The split of the running test's users: off where it is neither chance nor small."""
    del asked
    found = present(inputs.experiment)
    gone = _missing(found)
    if gone:
        return unknown(gone)
    if _ended(found):
        return Answer(())
    split = found.split
    shares = [
        f"{name} {wording.percent(float(share))}"
        for name, share in zip(split.variants, split.shares, strict=True)
    ]
    active = None if split.p is None else split.verdict == "invalid"
    verb = "are not split as planned" if active else "are split as planned"
    sentence = f"Users of experiment {found.experiment} {verb}: {wording.listing(shares)}"
    signal = Signal(
        rule_id=rule.rule_id,
        labels={"experiment": found.experiment},
        active=active,
        severity=rule.severity,
        sentence=sentence if split.p is not None else f"{found.experiment} has no users yet",
        value=split.p,
        evidence={"imbalance": split.imbalance, "verdict": split.verdict},
    )
    return Answer((signal,))


def shadow_visible(rule: AlertRule, asked: Hours, inputs: Inputs) -> Answer:
    """A candidate in the shadow changed what users see: one signal a run with rows lately."""
    runs = [
        run
        for run in present(inputs.shadow)
        if inputs.as_of - (run.last_hour + HOUR) <= asked.hours * HOUR
    ]
    return Answer(
        tuple(
            Signal(
                rule_id=rule.rule_id,
                labels={
                    "candidate": run.candidate_version,
                    "production": run.production_version,
                },
                active=run.user_visible > 0,
                severity=rule.severity,
                sentence=(
                    f"Shadow run of {run.candidate_version} beside {run.production_version} "
                    f"changed the handling of {wording.whole(run.user_visible)} letters of "
                    f"{inputs.service}"
                ),
                value=float(run.user_visible),
                threshold=0.0,
                evidence={"letters": run.letters, "user_visible": run.user_visible},
                where=(run.candidate_version,),
            )
            for run in runs
        )
    )


def _rate(
    rule: AlertRule,
    asked: Weekly,
    service: str,
    newest: date,
    series: tuple[Mapping[date, float], Mapping[date, float]],
) -> Signal:
    days = [newest - timedelta(days=back) for back in range(asked.weeks * WEEK, 0, -1)]
    events, exposure = (np.array([values.get(day, np.nan) for day in days]) for values in series)
    found = weekly_prediction(events, exposure, series[1][newest], asked.false_alarms)
    rate = series[0][newest] / series[1][newest]
    active: bool | None = None
    if np.isnan(found.value):
        sentence = f"Complaints of {service} have no weekly pattern of {asked.weeks} weeks yet"
    else:
        low, high = float(found.low), float(found.high)
        active = not low <= rate <= high
        side = "above" if rate > high else "below" if rate < low else "within"
        sentence = (
            f"Complaints of {service} on {wording.long_date(newest)} are {side} their weekly "
            f"pattern: {rate * _PER:.3g} per {_PER:,} letters, expected {low * _PER:.3g} to "
            f"{high * _PER:.3g}"
        )
    return Signal(
        rule_id=rule.rule_id,
        labels={"metric": "complaints_per_letter"},
        active=active,
        severity=rule.severity,
        sentence=sentence,
        value=rate,
        evidence={
            "day": str(newest),
            "expected": None if np.isnan(found.value) else float(found.value),
            "low": None if np.isnan(found.low) else float(found.low),
            "high": None if np.isnan(found.high) else float(found.high),
            "spread": None if np.isnan(found.spread) else float(found.spread),
        },
    )


def _guardrail(rule: AlertRule, found: ExperimentReport, treatment: str, held: Guardrail) -> Signal:
    effect = held.effect
    lift = "unknown" if effect.lift is None else signed(effect.lift, effect.metric.good, 2)
    return Signal(
        rule_id=rule.rule_id,
        labels={
            "experiment": found.experiment,
            "treatment": treatment,
            "metric": held.rule.metric,
        },
        active=None if held.state == "no data" else held.state == "harmed",
        severity=rule.severity,
        sentence=(
            f"{treatment} of experiment {found.experiment}: guardrail {effect.metric.label} is "
            f"{held.state} ({lift}, margin {margin_words(held.rule.margin)})"
        ),
        value=effect.lift,
        threshold=held.rule.margin,
        evidence={
            "low": None if held.deciding is None else held.deciding.low,
            "high": None if held.deciding is None else held.deciding.high,
        },
        where=(treatment,),
    )


def _missing(found: ExperimentReport) -> str:
    """Why nothing can be said of a running test; '' where something can, or nothing runs."""
    if _ended(found):
        return ""
    if found.outcome is Outcome.NO_DATA or found.freshness.stale:
        return f"experiment {found.experiment} has no rows of the last days"
    return ""


def _ended(found: ExperimentReport) -> bool:
    """No test runs: there is none, it has not begun, or its last day is over."""
    today = found.as_of.date()
    if not found.experiment or found.outcome is Outcome.NOT_BEGUN:
        return True
    stopped = found.definition.stopped_on
    last = found.schedule.ends_on if stopped is None else stopped
    return today > last + _AFTERWARDS
