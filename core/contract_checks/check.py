"""What a check is: a rule that rows are held to, and what to say where one breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from core.timeframe import DAY


class Severity(Enum):
    """What a finding does to the reports."""

    ERROR = "error"  # numbers are wrong, or rows are not counted
    HINT = "hint"  # it may be meant so


@dataclass(frozen=True, slots=True)
class Check:
    """One rule.

    Attributes:
        name: what its query is called.
        table: whose rows break it.
        key: the columns that say where.
        wrong: what is wrong there; names in braces are columns of the query.
        change: what to change in the serving stack.
        back: how far back it looks.
        settings: further values that the query takes.
    """

    name: str
    table: str
    key: tuple[str, ...]
    wrong: str
    change: str
    severity: Severity = Severity.ERROR
    back: timedelta = DAY
    settings: Mapping[str, object] = field(default_factory=dict)
