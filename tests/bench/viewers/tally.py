"""What viewers met with: how long each thing took, and every error by what it said."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """What any number of viewers met with.

    Attributes:
        opens: from the first request for the page to its script's end, s.
        reruns: from when the re-run was due to its script's end, s: one that had to wait for the
            one before it has waited.
        fragments: of those that run by themselves, from the asking to the end, s.
        received: bytes, over all websockets.
        errors: how often each thing went wrong. Whatever failed is here and nowhere else: an open
            or a re-run that failed has no time.
    """

    opens: list[float] = field(default_factory=list)
    reruns: list[float] = field(default_factory=list)
    fragments: list[float] = field(default_factory=list)
    received: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def failed(self, what: str) -> None:
        """Count an error."""
        self.errors[what] += 1

    def summary(self) -> dict[str, Any]:
        """The figures as JSON has them."""
        return {
            "open": milliseconds(self.opens),
            "rerun": milliseconds(self.reruns),
            "fragment": milliseconds(self.fragments),
            "received_mb": self.received / 1e6,
            "errors": dict(self.errors.most_common()),
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that a share of all values does not exceed (nearest rank).

    Args:
        values: at least one.
        share: above 0, at most 1.

    >>> percentile([4, 1, 3, 2], 0.5)
    2
    >>> percentile([4, 1, 3, 2], 0.95)
    4
    """
    return sorted(values)[math.ceil(share * len(values)) - 1]


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """How many there were, and their percentiles in ms; without any, the count alone."""
    found: dict[str, float] = {"count": len(seconds)}
    if seconds:
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
            found[f"{name}_ms"] = 1e3 * percentile(seconds, share)
    return found
