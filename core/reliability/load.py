"""Load: what came, what was carried within the objectives, and what is left if a datacenter is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Minutes
from core.timeframe import MINUTE

#: A load is carried when it was held this long: one lucky minute proves nothing.
CARRIED_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Carried:
    """The highest load held for five minutes within both objectives.

    Attributes:
        rpm: letters a minute, the mean of the five minutes, cut to a whole letter.
        at: the first of the five minutes.
    """

    rpm: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Headroom:
    """What the other datacenters have shown they can carry when this one is lost."""

    lost: str
    carried_rpm: int
    peak_rpm: int

    @property
    def enough(self) -> bool:
        """Whether what is left has carried as much as the peak."""
        return self.carried_rpm >= self.peak_rpm


@dataclass(frozen=True, slots=True)
class Load:
    """Letters a minute over the minutes that have rows.

    Attributes:
        mean_rpm: letters over minutes with rows; None without rows.
        peak_rpm: the fullest minute; None without rows.
        peak_at: that minute.
        mean_rpm_within_slo: letters of the minutes within both objectives over all minutes with rows: a
            minute outside of them counts as time and carries nothing.
        carried: the highest load held within both objectives, None where five such minutes are not found.
        first_failed_rpm: the lowest load above `carried` that five minutes were offered and did not hold
            within the objectives; None where no higher load was offered.
        by_datacenter: the highest load each has carried.
        headroom: one entry a datacenter lost; empty with fewer than two datacenters.
    """

    mean_rpm: Fraction | None
    peak_rpm: int | None
    peak_at: datetime | None
    mean_rpm_within_slo: Fraction | None
    carried: Carried | None
    first_failed_rpm: int | None
    by_datacenter: dict[str, Carried | None]
    headroom: tuple[Headroom, ...]

    @property
    def worst_loss(self) -> Headroom | None:
        """The datacenter whose loss leaves the least."""
        return min(self.headroom, key=lambda left: left.carried_rpm, default=None)


def load(grid: Minutes, availability: Fraction, latency: Fraction) -> Load:
    """Work out the load of a grid of minutes; objectives are shares of good letters."""
    written = grid.rows.sum(axis=0) > 0
    letters, errors, slow = (
        counts.sum(axis=0) for counts in (grid.letters, grid.errors, grid.slow)
    )
    minutes = int(written.sum())
    if not minutes:
        return Load(None, None, None, None, None, None, {}, ())
    within = written & _within(letters, errors, slow, availability, latency)
    peak = int(letters.argmax())
    carried, failed = _carried(grid.start, written, letters, errors, slow, availability, latency)
    by_datacenter = {
        name: _carried(
            grid.start,
            grid.rows[at] > 0,
            grid.letters[at],
            grid.errors[at],
            grid.slow[at],
            availability,
            latency,
        )[0]
        for at, name in enumerate(grid.datacenters)
    }
    return Load(
        mean_rpm=Fraction(int(letters.sum()), minutes),
        peak_rpm=int(letters[peak]),
        peak_at=grid.start + peak * MINUTE,
        mean_rpm_within_slo=Fraction(int(letters[within].sum()), minutes),
        carried=carried,
        first_failed_rpm=failed,
        by_datacenter=by_datacenter,
        headroom=_headroom(by_datacenter, int(letters[peak])),
    )


def _within(
    letters: Counts, errors: Counts, slow: Counts, availability: Fraction, latency: Fraction
) -> NDArray[np.bool_]:
    """Where both objectives hold; products stay far below 2**63 for objectives of a few nines."""
    answered = letters - errors
    lost, late = 1 - availability, 1 - latency
    return (errors * lost.denominator <= lost.numerator * letters) & (
        slow * late.denominator <= late.numerator * answered
    )


def _carried(
    start: datetime,
    written: NDArray[np.bool_],
    letters: Counts,
    errors: Counts,
    slow: Counts,
    availability: Fraction,
    latency: Fraction,
) -> tuple[Carried | None, int | None]:
    """The highest five-minute load that held, and the lowest one above it that did not."""
    if len(letters) < CARRIED_MINUTES:
        return None, None
    sums = [_moving_sum(counts) for counts in (letters, errors, slow)]
    whole = _moving_sum(written.astype(np.int64)) == CARRIED_MINUTES
    held = whole & (sums[0] > 0) & _within(*sums, availability, latency)
    best = int(np.where(held, sums[0], -1).argmax()) if held.any() else None
    failed = whole & ~held & (sums[0] > (sums[0][best] if best is not None else 0))
    first_failed = int(sums[0][failed].min()) // CARRIED_MINUTES if failed.any() else None
    if best is None:
        return None, first_failed
    rpm = int(sums[0][best]) // CARRIED_MINUTES
    return Carried(rpm, start + best * timedelta(minutes=1)), first_failed


def _moving_sum(counts: Counts) -> Counts:
    total = np.concatenate([[0], counts.cumsum()])
    return total[CARRIED_MINUTES:] - total[:-CARRIED_MINUTES]


def _headroom(
    by_datacenter: dict[str, Carried | None], peak_rpm: int
) -> tuple[Headroom, ...]:
    if len(by_datacenter) < 2:
        return ()
    rpm = {name: carried.rpm if carried else 0 for name, carried in by_datacenter.items()}
    everything = sum(rpm.values())
    return tuple(Headroom(name, everything - rpm[name], peak_rpm) for name in sorted(rpm))
