"""Letters, errors and slow letters of a stretch, and the shares of good ones among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from core.ports import Slice


@dataclass(frozen=True, slots=True)
class Totals:
    """What a stretch of time held."""

    letters: int
    errors: int
    slow: int

    @classmethod
    def of(cls, parts: Iterable[Slice]) -> Totals:
        """The sum of some slices."""
        counted = [(part.letters, part.errors, part.slow) for part in parts]
        return cls(*(sum(column) for column in zip((0, 0, 0), *counted, strict=True)))

    def __sub__(self, other: Totals) -> Totals:
        return Totals(
            self.letters - other.letters, self.errors - other.errors, self.slow - other.slow
        )

    def counts(self, kind: str) -> tuple[int, int]:
        """The bad letters of an indicator and the letters it is about."""
        return sli_counts(kind, self.letters, self.errors, self.slow)

    def good(self, kind: str) -> Fraction | None:
        """The share of good letters by an indicator; None without letters."""
        return share_good(*self.counts(kind))


def sli_counts(kind: str, letters: int, errors: int, slow: int) -> tuple[int, int]:
    """The bad letters of an indicator and the letters it is about.

    Availability is about all letters; latency about those that were answered.

    >>> sli_counts("latency", letters=1_000, errors=100, slow=9)
    (9, 900)
    """
    return (errors, letters) if kind == "availability" else (slow, letters - errors)


def share_good(bad: int, total: int) -> Fraction | None:
    """1 - bad / total, exactly; None without letters.

    >>> share_good(1, 10_000)
    Fraction(9999, 10000)
    """
    return 1 - Fraction(bad, total) if total else None
