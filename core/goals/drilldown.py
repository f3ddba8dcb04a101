"""The way down from a goal to product metrics, technical metrics and their numbers; its gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import wording
from core.goals.numbers import limit_words
from core.ports.criteria import GoalNode
from core.status import Verdict

NO_NUMBER = "no number"
NO_TECHNICAL = "no technical metric"
NO_PRODUCT = "no product metric"


@dataclass(frozen=True, slots=True)
class Branch:
    """A metric with its number and what lies below it.

    Attributes:
        number: what is OK, in words; '' where nobody has said it.
        verdict: of the criterion that judges it; None where none does.
        below: technical metrics, for a product metric.
        gaps: what is missing at this metric, in words; empty where nothing is.
    """

    node: GoalNode
    number: str
    verdict: Verdict | None
    below: tuple[Branch, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """All that lies below a goal.

    Attributes:
        gaps: sentences, for the whole tree, from the top down.
    """

    branches: tuple[Branch, ...]
    gaps: tuple[str, ...]

    @property
    def headline(self) -> str:
        """How complete the way down is, as a sentence without its point."""
        if not self.branches:
            return "Nothing has been written between the goal and its numbers"
        if not self.gaps:
            return "Every metric below the goal has its number"
        noun = "gap" if len(self.gaps) == 1 else "gaps"
        number = wording.number_word(len(self.gaps)).capitalize()
        return f"{number} {noun} on the way from the goal to numbers"


def tree(goal_id: str, nodes: Sequence[GoalNode], verdicts: Sequence[Verdict]) -> Tree:
    """Put a goal's nodes together.

    Args:
        goal_id: whose.
        nodes: of the service, by position; one whose product metric is gone stands at the top.
        verdicts: of the goal's criteria, for the nodes that name one.
    """
    ours = [node for node in nodes if node.goal_id == goal_id]
    known = {node.node_id for node in ours}
    judged = {verdict.criterion_id: verdict for verdict in verdicts}

    def branch(node: GoalNode, *, top: bool) -> Branch:
        children = [below for below in ours if below.parent_id == node.node_id] if top else []
        below = tuple(branch(child, top=False) for child in children)
        gaps = [] if node.value is not None else [NO_NUMBER]
        if top and not below:
            gaps.append(NO_TECHNICAL)
        verdict = judged.get(node.criterion_id) if node.criterion_id else None
        return Branch(node, _number(node), verdict, below, tuple(gaps))

    branches = tuple(
        branch(node, top=True)
        for node in ours
        if node.parent_id is None or node.parent_id not in known
    )
    return Tree(branches, tuple(_sentences(branches)))


def _number(node: GoalNode) -> str:
    if node.value is None or node.operator is None:
        return ""
    return limit_words(node.operator, node.value, node.unit)


def _sentences(branches: Sequence[Branch]) -> list[str]:
    if not branches:
        return ["The goal has no product metric below it."]
    said = []
    for one in branches:
        if NO_NUMBER in one.gaps:
            said.append(f"“{one.node.name}” has no number: nobody said what is OK.")
        if NO_TECHNICAL in one.gaps:
            said.append(f"“{one.node.name}” has no technical metric below it.")
        said.extend(
            f"“{below.node.name}” has no number: nobody said what is OK."
            for below in one.below
            if NO_NUMBER in below.gaps
        )
    return said
