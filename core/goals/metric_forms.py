"""What people fill in of metrics below a goal and of business metrics: read, and refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.fields import Fields, FieldsError
from core.goals.business import DIRECTIONS, KINDS
from core.goals.numbers import SHARE, read_number
from core.ports.criteria import BusinessMetric, Goal, GoalNode
from core.status import Operator

NODE_FIELDS = ("name", "parent_id", "operator", "value", "unit", "note", "criterion_id")
BUSINESS_FIELDS = ("kind", "name", "source", "direction", "why")
#: Units that the form offers; a node may have any other.
UNITS = (SHARE, "ms", "letters", "letters a minute", "letters a day", "users", "seconds")


@dataclass(frozen=True, slots=True)
class NodeDraft:
    """A metric below a goal as somebody filled it in; without a number it is a gap."""

    name: str
    parent_id: int | None
    operator: Operator | None
    value: Decimal | None
    unit: str
    note: str
    criterion_id: str | None


@dataclass(frozen=True, slots=True)
class BusinessDraft:
    """A business metric as somebody filled it in."""

    kind: str
    name: str
    source: str
    direction: str
    why: str


def parse_node(
    given: Mapping[str, object],
    goal: Goal,
    nodes: Sequence[GoalNode],
    seen: GoalNode | None = None,
) -> NodeDraft:
    """Read the fields of a metric below a goal.

    The number may be left out: that is a gap, and is shown as one until somebody fills it in.

    Args:
        given: NODE_FIELDS by name; the value as it was typed, see `read_number`.
        goal: the goal.
        nodes: of the service.
        seen: the node that is changed; None for a new one.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(NODE_FIELDS)
    name, note = form.name("name"), form.text("note")
    ours = [one for one in nodes if one.goal_id == goal.goal_id]
    parent = given.get("parent_id")
    tops = [one.node_id for one in ours if one.parent_id is None]
    if parent is not None and parent not in tops:
        form.refuse("parent_id", "There is no such product metric.")
    if parent is not None and seen is not None:
        if parent == seen.node_id:
            form.refuse("parent_id", "A metric cannot lie below itself.")
        elif any(one.parent_id == seen.node_id for one in ours):
            form.refuse("parent_id", "Has technical metrics below it: it is a product metric.")
    operator, value, unit = None, None, ""
    if form.has("value"):
        written = form.name("operator", [one.value for one in Operator])
        operator = None if written is None else Operator(written)
        unit = form.name("unit") or ""
        typed = form.name("value")
        if typed is not None and unit:
            example = "-5 %" if unit == SHARE else "20"
            value, refused = read_number(typed, unit, example, signed=True)
            if refused:
                form.refuse("value", refused)
    criterion = given.get("criterion_id") or None
    if criterion is not None and criterion not in {one.criterion_id for one in goal.criteria}:
        form.refuse("criterion_id", "The goal has no such criterion.")
    if form.problems or name is None:
        raise FieldsError(form.problems)
    return NodeDraft(
        name,
        parent if isinstance(parent, int) else None,
        operator,
        value,
        unit,
        note,
        None if criterion is None else str(criterion),
    )


def parse_business(
    given: Mapping[str, object],
    metrics: Sequence[BusinessMetric],
    seen: BusinessMetric | None = None,
) -> BusinessDraft:
    """Read the fields of a business metric.

    Args:
        given: BUSINESS_FIELDS by name.
        metrics: of the service: what is measured has one good direction.
        seen: the metric that is changed; None for a new one.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    form.refuse_unknown(BUSINESS_FIELDS)
    kind, name, source = form.name("kind", KINDS), form.name("name"), form.name("source")
    direction = form.name("direction", DIRECTIONS)
    why = form.text("why")
    if not why:
        form.refuse("why", "Is missing: why is that way good? Less time may be.")
    others = [one for one in metrics if seen is None or one.metric_id != seen.metric_id]
    if any(one.source == source for one in others):
        form.refuse("source", "Is a business metric already: change that one.")
    if form.problems or kind is None or name is None or source is None or direction is None:
        raise FieldsError(form.problems)
    return BusinessDraft(kind, name, source, direction, why)
