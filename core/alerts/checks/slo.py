"""Error budgets that burn too fast: the states of the policies, as the reliability report has them.

Source of the policies: see `core.stats.burn`.
"""

from __future__ import annotations

from core import wording
from core.alerts.checks.answer import Answer, present
from core.alerts.checks.places import Place, place_of
from core.alerts.inputs import Inputs
from core.alerts.parameters import Burn
from core.alerts.serving import Serving, Spending
from core.ports.alerts import AlertRule, Signal
from core.reliability.alerts import Alert

NAMES = {"availability": "Availability", "latency": "Latency"}


def burn(rule: AlertRule, asked: Burn, inputs: Inputs) -> Answer:
    """One signal a policy; the severity is the policy's, not the rule's."""
    serving = present(inputs.serving)
    return Answer(
        tuple(
            _signal(rule, found, serving)
            for found in serving.alerts
            if found.kind == asked.sli and found.policy.name in asked.policies
        )
    )


def _signal(rule: AlertRule, found: Alert, serving: Serving) -> Signal:
    place = place_of(found, serving) if found.firing else Place((), "", None)
    spending = serving.spending.get(found.kind)
    return Signal(
        rule_id=rule.rule_id,
        labels={"sli": found.kind, "policy": found.policy.name},
        active=found.firing,
        severity=found.policy.severity,
        sentence=_sentence(found, serving, place, spending),
        since=found.since,
        value=None if found.long_burn is None else float(found.long_burn),
        threshold=float(found.policy.factor(serving.settings.period)),
        evidence=_evidence(found, place, spending) if found.firing else {},
        where=place.names,
    )


def _sentence(found: Alert, serving: Serving, place: Place, spending: Spending | None) -> str:
    name, service = NAMES[found.kind], serving.service
    policy = found.policy.name
    if found.firing is None:
        return f"{name} of {service} by {policy} is unknown: rows are missing"
    if not found.firing:
        return f"{name} of {service} does not burn too fast by {policy}"
    said = f"{name} of {service} burns {wording.rate(found.long_burn)} times too fast"
    if found.since is not None:
        said += f" since {wording.clock(found.since, serving.end)}"
    if place.only:
        said += f", {place.only}"
    if place.release is not None:
        said += f", since release {place.release.model_version}"
    return said + _budget(spending)


def _budget(spending: Spending | None) -> str:
    if spending is None or spending.budget.remaining is None:
        return ""
    if spending.budget.remaining <= 0:
        return "; the 30-day budget is spent"
    if spending.lasts is None:
        return "; the budget does not shrink in the last hour"
    return f"; the budget lasts {wording.duration(spending.lasts)}"


def _evidence(found: Alert, place: Place, spending: Spending | None) -> dict[str, object]:
    lasts = None if spending is None else spending.lasts
    remaining = None if spending is None else spending.budget.remaining
    release = place.release
    return {
        "long_burn": None if found.long_burn is None else float(found.long_burn),
        "short_burn": None if found.short_burn is None else float(found.short_burn),
        "budget_remaining": None if remaining is None else float(remaining),
        "budget_lasts_seconds": None if lasts is None else int(lasts.total_seconds()),
        "release": None if release is None else release.deployment_id,
    }
