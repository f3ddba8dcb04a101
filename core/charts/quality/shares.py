"""Shares as charts take them."""

from __future__ import annotations

from typing import Any


def percent_of(value: Any) -> float | None:
    """A share in percent, as charts take it."""
    return None if value is None else round(float(value) * 100, 4)
