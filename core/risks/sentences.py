"""What the risks' report says in words; titles and names in the sentences are data."""

from __future__ import annotations

from collections.abc import Sequence

from core import wording
from core.risks.exposure import Exposure
from core.risks.lines import LineState
from core.risks.scale import RESPONSES
from core.risks.views import RiskView

#: More of one kind than these are told as one.
FEW = 3
NO_RISKS = (
    "No risk is written down. Take one task, list what must happen and what must not: "
    "each negation is a risk."
)
NONE_OPEN = "No risk is open: all that were written down are closed."
RULE = (
    "Rank = probability × consequence, computed. 1 to 3: accept, or deal with the consequences. "
    "4 to 6: prevent, and deal with the consequences. 7 to 9: prevent, draw a red line, have a "
    "plan B, and deal with the consequences. These are minimums."
)


def headline(service: str, views: Sequence[RiskView]) -> str:
    """The finding, as the page's first sentence, without a full stop."""
    left = [view for view in views if view.is_open]
    if not left:
        return f"No risk of {service} is {'open' if views else 'written down'}"
    active = [view for view in left if view.risk.plan_b_is_open or view.crossed]
    late = sum(view.overdue_days > 0 for view in left)
    after = f"; {_counted(late, 'review is', 'reviews are')} overdue" if late else ""
    if len(active) == 1:
        return f"Plan B is open: the red line of “{active[0].risk.title}” is crossed{after}"
    if active:
        return f"{_big(len(active), 'red lines are')} crossed and plan B is open{after}"
    lacking = sum(bool(view.missing) for view in left)
    total = sum(view.rank for view in left)
    counted = f"{_big(len(left), 'risk is' if len(left) == 1 else 'risks are')} open"
    if lacking:
        short = f"{_counted(lacking, 'lacks', 'lack')} what the rank asks for"
        return f"{counted}, exposure {total}; {short}{after}"
    return f"{counted}, exposure {total}, with all that the ranks ask for{after}"


def risk_sentence(view: RiskView) -> str:
    """How a risk stands, without its title."""
    risk = view.risk
    if not view.is_open:
        return f"Closed: {risk.closed_why}"
    parts = [f"Rank {view.rank}: {view.band.name}."]
    if view.missing:
        parts.append(f"Missing: {missing_words(view)}.")
    if risk.accepted:
        who = f" by {risk.approver}" if risk.approver else ""
        when = f" on {wording.long_date(risk.accepted_on)}" if risk.accepted_on else ""
        parts.append(f"Accepted{who}{when}.")
    if view.line is not None:
        parts.append(f"Red line {view.line.sentence}.")
    if risk.plan_b_opened_at is not None:
        parts.append(f"Plan B was opened on {wording.clock(risk.plan_b_opened_at)}.")
    if risk.plan_b_ended_at is not None:
        parts.append(f"Plan B ended on {wording.clock(risk.plan_b_ended_at)}: draw another line.")
    if view.overdue_days:
        parts.append(f"Its review is overdue for {_days(view.overdue_days)}.")
    return " ".join(parts)


def missing_words(view: RiskView) -> str:
    """What is missing, as a list in a sentence; '' where nothing is."""
    return wording.listing([RESPONSES[one] for one in view.missing])


def review_words(view: RiskView) -> str:
    """When a risk is to be looked at again."""
    if view.overdue_days:
        return f"overdue for {_days(view.overdue_days)}"
    return f"due on {wording.short_date(view.risk.review_on)}"


def rank_words(view: RiskView) -> str:
    """How a rank went, e.g. '9 → 6 → 3'."""
    return " → ".join("closed" if one.closed else str(one.rank) for one in view.history)


def exposure_title(steps: Sequence[Exposure]) -> str:
    """The finding of the chart of exposure."""
    if not steps:
        return "Nobody has written down a risk yet"
    highest = max(steps, key=lambda one: one.total)
    now = steps[-1]
    if now.total < highest.total:
        when = wording.day(highest.at)
        return f"Total exposure is {now.total}, down from {highest.total} on {when}"
    return f"Total exposure is {now.total}, the highest so far"


def warnings(views: Sequence[RiskView]) -> tuple[str, ...]:
    """What somebody has to do, the most urgent first."""
    left = [view for view in views if view.is_open]
    found = [
        f"{view.risk.title}: plan B is open, {view.risk.owner} answers for it. "
        f"{view.risk.plan_b or 'Nobody has written a plan B.'}"
        for view in left
        if view.risk.plan_b_is_open
    ]
    found += [
        f"{view.risk.title}: the red line is crossed, {view.line.sentence}. The worker opens plan "
        "B at its next look."
        for view in left
        if view.crossed and view.line is not None and not view.risk.plan_b_is_open
    ]
    return (*found, *_unknown(left), *_late(left))


def _unknown(left: Sequence[RiskView]) -> list[str]:
    dark = [
        f"{view.risk.title}: {view.line.sentence}. Unknown is not safe."
        for view in left
        if view.line is not None and view.line.state is LineState.UNKNOWN
    ]
    if len(dark) <= FEW:
        return dark
    return [f"{len(dark)} red lines are unknown. The first is {dark[0]}"]


def _late(left: Sequence[RiskView]) -> list[str]:
    late = sorted((view for view in left if view.overdue_days), key=lambda one: -one.overdue_days)
    said = [f"{view.risk.title}: its review is {review_words(view)}." for view in late]
    if len(said) <= FEW:
        return said
    return [f"{len(said)} reviews are overdue. The longest is {said[0]}"]


def _counted(number: int, one: str, many: str) -> str:
    return f"{wording.number_word(number)} {one if number == 1 else many}"


def _big(number: int, noun: str) -> str:
    return f"{wording.number_word(number).capitalize()} {noun}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
