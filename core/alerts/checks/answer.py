"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from core.ports.alerts import Signal

Area = TypeVar("Area")


@dataclass(frozen=True, slots=True)
class Answer:
    """Signals of one rule at one moment.

    Attributes:
        signals: one for each thing that the rule watches, whether it is active or not.
        complete: nothing else is watched: what is not among the signals is not there any more. If
            not, data are missing, and what is not among the signals is unknown.
        why: why it is not complete, as a sentence; '' where it is.
    """

    signals: tuple[Signal, ...]
    complete: bool = True
    why: str = ""


def unknown(why: str) -> Answer:
    """Nothing can be said of anything that the rule watches."""
    return Answer((), complete=False, why=why)


def present(area: Area | None) -> Area:
    """An area of the inputs that a check needs.

    Raises:
        ValueError: it was not read: whoever asks has not looked at `core.alerts.rules.needs`.
    """
    if area is None:
        raise ValueError("an area that the check needs was not read")
    return area
