"""All rules of a service at one moment: what each says, and which could not be evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.alerts.checks import EVALUATE
from core.alerts.inputs import Inputs
from core.alerts.rules import needs, parameters_of
from core.fields import FieldsError
from core.ports.alerts import AlertRule, Evaluation, Signal


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What one rule says at one moment.

    Attributes:
        complete: what is not among the signals is not watched any more; if False, it is unknown.
        why: why it is not complete, as a sentence; '' where it is.
        error: what somebody has to mend: a wrong rule, or an area that could not be read; ''
            where nothing is wrong.
    """

    rule: AlertRule
    signals: tuple[Signal, ...]
    complete: bool = True
    why: str = ""
    error: str = ""


def evaluate(rules: Iterable[AlertRule], inputs: Inputs) -> tuple[Evaluated, ...]:
    """Evaluate the rules whose areas were read, or should have been.

    Rules that are switched off are left out, and so are those whose areas are not due: their
    episodes stay as they are (see `core.alerts.inputs`).
    """
    found = []
    for rule in rules:
        if not rule.enabled:
            continue
        wanted = needs(rule)
        failed = inputs.failed_of(wanted)
        try:
            asked = parameters_of(rule)
        except FieldsError as error:
            said = f"Rule {rule.rule_id} is wrong: {error}"
            found.append(Evaluated(rule, (), complete=False, why=said, error=said))
            continue
        if failed:
            said = f"Rule {rule.rule_id} cannot be evaluated: {'; '.join(failed)}"
            found.append(Evaluated(rule, (), complete=False, why=said, error=said))
        elif inputs.has(wanted):
            answer = EVALUATE[rule.check](rule, asked, inputs)
            found.append(Evaluated(rule, answer.signals, answer.complete, answer.why))
    return tuple(found)


def recorded(
    service: str, at: datetime, seconds: float, evaluations: Iterable[Evaluated]
) -> Evaluation:
    """An evaluation as it is kept, so that everybody can see that rules are looked at.

    Args:
        service: whose rules.
        at: the time that they were evaluated for.
        seconds: how long it took, reading included.
        evaluations: what the rules said; a rule that is not due is not among them.
    """
    every = tuple(evaluations)
    signals = [signal for one in every for signal in one.signals]
    return Evaluation(
        service=service,
        at=at,
        seconds=seconds,
        rules=len(every),
        active=sum(signal.active is True for signal in signals),
        unknown=sum(signal.active is None for signal in signals)
        + sum(not one.complete and not one.signals for one in every),
        errors=tuple(dict.fromkeys(one.error for one in every if one.error)),
    )
