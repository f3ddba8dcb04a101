"""What is not as it was in the review before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from core import wording
from core.review.values import (
    Change,
    CriterionLine,
    Direction,
    Measured,
    MilestoneLine,
    Review,
    RiskLine,
)
from core.status import Status, worst_of

Line = TypeVar("Line", CriterionLine, MilestoneLine, RiskLine)
_ORDER = (Direction.WORSE, Direction.NEITHER, Direction.BETTER)


def changes(before: Review, now: Review) -> tuple[Change, ...]:
    """What has changed from one review of a service to a later one: what got worse first.

    Verdicts that changed, values whose shown digits moved, milestones that came, went, slipped or
    were reached, and risks that were opened, closed or ranked anew. Decisions and actions have
    lists of their own.
    """
    found = [
        *_criteria(before.criteria, now.criteria),
        *_milestones(before.milestones, now.milestones),
        *_risks(before.risks, now.risks),
    ]
    return tuple(sorted(found, key=lambda change: _ORDER.index(change.direction)))


def _criteria(before: Iterable[CriterionLine], now: Iterable[CriterionLine]) -> Iterator[Change]:
    earlier = {line.criterion_id: line for line in before}
    for line in now:
        was = earlier.pop(line.criterion_id, None)
        if was is None:
            yield Change("Criterion", line.name, "is new", Direction.NEITHER)
        elif said := [*_verdict(was, line), *_values(was, line)]:
            yield Change("Criterion", line.name, "; ".join(said), _way(was, line))
    for line in earlier.values():
        yield Change("Criterion", line.name, "is no criterion any more", Direction.NEITHER)


def _verdict(was: CriterionLine, now: CriterionLine) -> Iterator[str]:
    if was.status is not now.status:
        yield f"from {was.status.word} to {now.status.word}"


def _values(was: CriterionLine, now: CriterionLine) -> Iterator[str]:
    earlier = {part.measure: part for part in was.measures}
    for part in now.measures:
        old = earlier.get(part.measure)
        if old is None:
            continue
        name = f"{part.name} " if len(now.measures) > 1 else ""
        if old.target != part.target:
            yield f"target {name}from {old.target} to {part.target}"
        if old.shown != part.shown:
            yield f"{name}from {old.shown} to {part.shown}"


def _way(was: CriterionLine, now: CriterionLine) -> Direction:
    """The verdict says which way it went; where it stands, the values do if they agree."""
    if was.status is not now.status:
        return _status_way(was.status, now.status)
    earlier = {part.measure: part for part in was.measures}
    ways = {_value_way(earlier[one.measure], one) for one in now.measures if one.measure in earlier}
    ways.discard(None)
    (way, *others) = ways or {Direction.NEITHER}
    return Direction.NEITHER if others or way is None else way


def _status_way(was: Status, now: Status) -> Direction:
    if Status.NOT_DUE in (was, now):
        return Direction.NEITHER
    return Direction.WORSE if worst_of([was, now]) is now else Direction.BETTER


def _value_way(was: Measured, now: Measured) -> Direction | None:
    """None where the value says nothing: it is shown as it was, or one of the two is missing."""
    if was.shown == now.shown or was.value is None or now.value is None:
        return None
    return Direction.BETTER if (now.value > was.value) is now.high_is_good else Direction.WORSE


def _milestones(before: Iterable[MilestoneLine], now: Iterable[MilestoneLine]) -> Iterator[Change]:
    earlier = {line.name: line for line in before}
    for line in now:
        was = earlier.pop(line.name, None)
        if was is None:
            yield Change("Milestone", line.name, "is new", Direction.NEITHER)
            continue
        said, ways = [], []
        if was.state != line.state:
            said.append(f"from {was.state} to {line.state}")
            better = line.met or worst_of([was.status, line.status]) is was.status
            ways.append(Direction.BETTER if better else Direction.WORSE)
        for what, earlier_day, day in (
            ("due", was.due_on, line.due_on),
            ("its likely end", was.likely_on, line.likely_on),
        ):
            if earlier_day and day and earlier_day != day:
                said.append(f"{what} {_moved((day - earlier_day).days)}")
                ways.append(Direction.WORSE if day > earlier_day else Direction.BETTER)
        if said:
            yield Change("Milestone", line.name, "; ".join(said), min(ways, key=_ORDER.index))
    for line in earlier.values():
        yield Change("Milestone", line.name, "is not planned any more", Direction.NEITHER)


def _moved(days: int) -> str:
    unit = "day" if abs(days) == 1 else "days"
    return f"{wording.number_word(abs(days))} {unit} {'later' if days > 0 else 'earlier'}"


def _risks(before: Iterable[RiskLine], now: Iterable[RiskLine]) -> Iterator[Change]:
    earlier = {line.risk_id: line for line in before}
    for line in now:
        was = earlier.pop(line.risk_id, None)
        if was is None:
            yield Change("Risk", line.title, f"is new, rank {line.rank}", Direction.WORSE)
            continue
        said, ways = [], []
        if was.rank != line.rank:
            said.append(f"from rank {was.rank} to {line.rank}")
            ways.append(Direction.WORSE if line.rank > was.rank else Direction.BETTER)
        if line.alarm and line.alarm != was.alarm:
            said.append(line.alarm)
            ways.append(Direction.WORSE)
        if said:
            yield Change("Risk", line.title, "; ".join(said), min(ways, key=_ORDER.index))
    for line in earlier.values():
        yield Change("Risk", line.title, f"is closed, was rank {line.rank}", Direction.BETTER)
