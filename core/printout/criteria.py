"""The report of goals as the terminal prints it."""

from __future__ import annotations

from core import wording
from core.goals import GoalsReport
from core.goals.drilldown import Branch
from core.goals.numbers import limit_words
from core.printout.listing import Listing


def criteria(found: GoalsReport) -> tuple[Listing, ...]:
    """The goal, what it lacks, its targets, the way down, and business metrics."""
    listings = [_goal(found)]
    odd = [*(one.sentence for one in found.missing), *found.flags]
    if odd:
        rows = tuple((sentence,) for sentence in odd)
        listings.append(Listing("What is missing or odd", "", ("what",), rows))
    if found.lines:
        listings.append(_targets(found))
    if found.goal is not None:
        listings.append(_way_down(found))
    if found.business:
        listings.append(_business(found))
    return tuple(listings)


def _goal(found: GoalsReport) -> Listing:
    about = f"At {wording.clock(found.as_of)}."
    goal = found.goal
    if goal is None:
        return Listing(found.headline, about, (), ())
    rows = (
        ("goal", goal.title),
        ("for whom", goal.for_whom),
        ("why", goal.problem),
        ("by when", goal.due_on.isoformat()),
        ("what users gain", goal.gain_user),
        ("what we gain", goal.gain_us),
        *(("key result", one) for one in goal.key_results),
    )
    return Listing(found.headline, about, ("", ""), rows)


def _targets(found: GoalsReport) -> Listing:
    rows = tuple(
        (
            line.criterion.name,
            line.kept.target.measure,
            limit_words(line.kept.target.operator, line.kept.target.value, line.kept.target.unit),
            line.kept.target.milestone,
            line.kept.target.due_on.isoformat(),
            line.status.word,
        )
        for line in found.lines
    )
    headers = ("criterion", "measure", "target", "milestone", "due", "stands")
    return Listing("Targets", "", headers, rows)


def _way_down(found: GoalsReport) -> Listing:
    rows = tuple(row for branch in found.tree.branches for row in _branch(branch, ""))
    headers = ("metric", "what is OK", "stands")
    return Listing(found.tree.headline, " ".join(found.tree.gaps), headers, rows)


def _business(found: GoalsReport) -> Listing:
    rows = tuple(
        (line.metric.name, line.metric.kind, line.metric.direction, line.trend)
        for line in found.business
    )
    headers = ("metric", "kind", "good way", "so it is")
    return Listing("Business metrics", "Last week against the week before.", headers, rows)


def _branch(branch: Branch, indent: str) -> list[tuple[str, str, str]]:
    stands = "" if branch.verdict is None else branch.verdict.status.word
    row = (f"{indent}{branch.node.name}", branch.number or "no number", stands)
    return [row, *(one for below in branch.below for one in _branch(below, f"{indent}  "))]
