"""Load: what came, what was carried within the objectives, what is left if a datacenter is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
        mean_rpm_within_slo: letters of the minutes within both objectives over all minutes with
            rows: a minute outside of them counts as time and carries nothing.
        carried: the highest load held within both objectives; None where no five minutes held one.
        first_failed_rpm: the lowest load above `carried` that five minutes were offered and did not
            hold within the objectives; None where no higher load was offered.
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
    objectives = (availability, latency)
    counts = (grid.rows, grid.letters, grid.errors, grid.slow)
    service = _Traffic(*(each.sum(axis=0) for each in counts))
    minutes = int((service.rows > 0).sum())
    if not minutes:
        return Load(None, None, None, None, None, None, {}, ())
    within = service.within(*objectives)
    peak = int(service.letters.argmax())
    carried, failed = _carried(grid.start, service, objectives)
    by_datacenter = {
        name: _carried(grid.start, _Traffic(*(each[at] for each in counts)), objectives)[0]
        for at, name in enumerate(grid.datacenters)
    }
    return Load(
        mean_rpm=Fraction(int(service.letters.sum()), minutes),
        peak_rpm=int(service.letters[peak]),
        peak_at=grid.start + peak * MINUTE,
        mean_rpm_within_slo=Fraction(int(service.letters[within].sum()), minutes),
        carried=carried,
        first_failed_rpm=failed,
        by_datacenter=by_datacenter,
        headroom=_headroom(by_datacenter, int(service.letters[peak])),
    )


@dataclass(frozen=True, slots=True)
class _Traffic:
    """Counts of a service or datacenter by minute, or by five minutes; each of shape (n,)."""

    rows: Counts
    letters: Counts
    errors: Counts
    slow: Counts

    def within(self, availability: Fraction, latency: Fraction) -> NDArray[np.bool_]:
        """Where there are rows and both objectives hold.

        The products stay far below 2**63 for objectives of a few nines.
        """
        answered = self.letters - self.errors
        lost, late = 1 - availability, 1 - latency
        found: NDArray[np.bool_] = (
            (self.rows > 0)
            & (self.errors * lost.denominator <= lost.numerator * self.letters)
            & (self.slow * late.denominator <= late.numerator * answered)
        )
        return found

    def five_minutes(self) -> _Traffic:
        """Sums of every five minutes in a row; rows are 1 where each of them has some, else 0."""
        whole = _moving_sum((self.rows > 0).astype(np.int64)) == CARRIED_MINUTES
        sums = (_moving_sum(counts) for counts in (self.letters, self.errors, self.slow))
        return _Traffic(whole.astype(np.int64), *sums)


def _carried(
    start: datetime, traffic: _Traffic, objectives: tuple[Fraction, Fraction]
) -> tuple[Carried | None, int | None]:
    """The highest five-minute load that held, and the lowest one above it that did not."""
    if len(traffic.letters) < CARRIED_MINUTES:
        return None, None
    offered = traffic.five_minutes()
    held = offered.within(*objectives) & (offered.letters > 0)
    best = int(np.where(held, offered.letters, -1).argmax()) if held.any() else None
    most = 0 if best is None else int(offered.letters[best])
    failed = (offered.rows > 0) & ~held & (offered.letters > most)
    first_failed = int(offered.letters[failed].min()) // CARRIED_MINUTES if failed.any() else None
    if best is None:
        return None, first_failed
    return Carried(most // CARRIED_MINUTES, start + best * MINUTE), first_failed


def _moving_sum(counts: Counts) -> Counts:
    total = np.concatenate([[0], counts.cumsum()])
    found: Counts = total[CARRIED_MINUTES:] - total[:-CARRIED_MINUTES]
    return found


def _headroom(by_datacenter: dict[str, Carried | None], peak_rpm: int) -> tuple[Headroom, ...]:
    if len(by_datacenter) < 2:
        return ()
    rpm = {name: carried.rpm if carried else 0 for name, carried in by_datacenter.items()}
    everything = sum(rpm.values())
    return tuple(Headroom(name, everything - rpm[name], peak_rpm) for name in sorted(rpm))
