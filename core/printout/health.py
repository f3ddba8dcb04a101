"""Greenlight's own health, as the terminal prints it."""

from __future__ import annotations

from core.health import HealthReport
from core.printout.listing import Listing


def health(found: HealthReport) -> tuple[Listing, ...]:
    """Every part with its state and a sentence."""
    rows = tuple((part.name, part.state.value, part.sentence) for part in found.parts)
    return (Listing(found.sentence, "", ("part", "state", "what it says"), rows),)
