"""All rules of a service at one moment: what each says, and which could not be evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.alerts.checks import EVALUATE
from core.alerts.inputs import Inputs
from core.alerts.rules import needs, parameters_of
from core.fields import FieldsError
from core.ports.alerts import AlertRule, Signal


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
