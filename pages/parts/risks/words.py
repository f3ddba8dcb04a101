"""How a risk is marked: a word, an icon and a colour."""

from __future__ import annotations

from core.risks import CONSEQUENCES, PROBABILITIES, RiskView

_MARKS = {
    "plan B open": ("red", "alt_route"),
    "red line crossed": ("red", "running_with_errors"),
    "incomplete": ("orange", "rule"),
    "accepted, incomplete": ("orange", "rule"),
    "accepted": ("blue", "handshake"),
    "handled": ("blue", "check_circle"),
    "closed": ("gray", "task_alt"),
}


def chip(view: RiskView) -> str:
    """Where a risk stands, as markdown."""
    colour, icon = _MARKS[view.state]
    state = view.state[:1].upper() + view.state[1:]
    return f":{colour}[:material/{icon}: **{state}**]"


def probability_words(number: int) -> str:
    """A probability as a choice.

    >>> probability_words(1)
    '1: rare, a coincidence'
    """
    return f"{number}: {PROBABILITIES[number]}"


def consequence_words(number: int) -> str:
    """A consequence as a choice.

    >>> consequence_words(3)
    '3: destructive'
    """
    return f"{number}: {CONSEQUENCES[number]}"
