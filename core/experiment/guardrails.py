"""Guardrails: what treatment must not harm, each with its direction and its margin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.experiment.effects import Effect, Interval
from core.ports import MetricRule


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A guardrail and what is known of it.

    Attributes:
        deciding: the interval that its state is told by: the always-valid band, because people
            look daily, and the ordinary one at the planned end.
        state: 'held' (the interval lies on the good side of the margin), 'harmed' (on the bad
            side), 'open' (the margin lies inside) or 'no data'.
    """

    rule: MetricRule
    effect: Effect
    deciding: Interval | None
    state: str


def guardrail(rule: MetricRule, effect: Effect, *, final: bool) -> Guardrail:
    """Hold an effect against its margin.

    Args:
        rule: with margin and good direction.
        effect: of the rule's metric.
        final: the planned last look was made: the ordinary interval counts.
    """
    deciding = effect.fixed if final else effect.always_valid
    return Guardrail(rule, effect, deciding, _state(rule, effect, deciding))


def guardrails(
    rules: tuple[MetricRule, ...], effect_of: Callable[[MetricRule], Effect], *, final: bool
) -> tuple[Guardrail, ...]:
    """Every guardrail in the order of the definition."""
    return tuple(guardrail(rule, effect_of(rule), final=final) for rule in rules)


def _state(rule: MetricRule, effect: Effect, deciding: Interval | None) -> str:
    if effect.lift is None:
        return "no data"
    if deciding is None:
        return "open"
    good_side = deciding.low > rule.margin, deciding.high < rule.margin
    held, harmed = good_side if rule.direction == "up" else good_side[::-1]
    return "held" if held else "harmed" if harmed else "open"
