"""What each release cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from core.ports import Release, ReliabilityReader
from core.reliability.settings import SLIS
from core.reliability.totals import Totals
from core.timeframe import DAY, MINUTE, floor_to

#: A release is charged with the bad letters of its version for this long.
RELEASE_WATCH = DAY


@dataclass(frozen=True, slots=True)
class ReleaseCost:
    """What the bad letters of a release's version cost in its first day, or until its next change.

    Attributes:
        bad: bad letters by 'availability' and 'latency'.
        share: of the period's budget, by the same keys.
    """

    release: Release
    until: datetime
    bad: Mapping[str, int]
    share: Mapping[str, Fraction]


def release_costs(
    reader: ReliabilityReader,
    service: str,
    releases: Sequence[Release],
    end: datetime,
    allowed: Mapping[str, Fraction],
) -> tuple[ReleaseCost, ...]:
    """Charge every release that carried letters of users, up to a moment.

    A version that changes again within the day (from canary to everywhere, or rolled back) is
    charged to its release until then.

    Args:
        reader: where the letters of versions are.
        service: whose releases.
        releases: of a span, oldest first; shadow runs and roll-backs are not charged.
        end: the minute after the last that counts.
        allowed: the period's budgets in letters, by 'availability' and 'latency'.
    """
    costs = []
    for release in releases:
        later = (
            other.deployed_at
            for other in releases
            if other.deployed_at > release.deployed_at
            and other.model_version == release.model_version
        )
        first = floor_to(release.deployed_at, MINUTE)
        until = floor_to(min([*later, release.deployed_at + RELEASE_WATCH, end]), MINUTE)
        if release.stage not in {"canary", "production"} or until <= first:
            continue
        parts = reader.slices(service, first, until, "model_version")
        carried = Totals.of(part for part in parts if part.key == release.model_version)
        bad = {kind: carried.counts(kind)[0] for kind in SLIS}
        share = {
            kind: Fraction(bad[kind]) / allowed[kind] if allowed[kind] else Fraction(0)
            for kind in SLIS
        }
        costs.append(ReleaseCost(release, until, bad, share))
    return tuple(costs)
