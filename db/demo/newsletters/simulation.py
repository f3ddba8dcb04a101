"""A simulated service as fill and live share it: what happens, and whose scores its letters get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from db.demo.newsletters.population import ClassScores, Population, build
from db.demo.newsletters.story import Scenario


def real_scores() -> ClassScores:
    """Score distributions of the demo's real classifier; it is trained for this."""
    from db.demo.classifier import class_scores

    return class_scores()


@dataclass
class Simulation:
    """A scenario and its letters; the classifier is trained when the letters are first needed.

    Attributes:
        scenario: what happens, and when.
        scores: where the score distributions come from.
    """

    scenario: Scenario
    scores: Callable[[], ClassScores] = real_scores

    @cached_property
    def population(self) -> Population:
        """The letters' scores and what they truly are."""
        return build(self.scores())
