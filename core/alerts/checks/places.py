"""Where a burn is: one datacenter, one instance, one version; said only where the letters carry it.

A place is named if it holds at least nine tenths of the bad letters of the policy's short window,
where the budget is still being lost, while all other places together, which must have letters of
their own, burn no faster than the policy allows. Comparisons are of integers.

A release is named ('since release 41') if all of this holds: its version carried at least nine
tenths of those bad letters; it went to users in the hour before the firing began, and no other
release did after it; and both in the hour before it (or since the release before that, if nearer)
and in the last five minutes before it, with no minute missing, the share of bad letters was at most
a tenth of what it is in the short window now. That is coincidence in time and place, which is what
somebody who decides about a roll-back wants to know; it is no proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from core.alerts.serving import Serving
from core.ports import Release
from core.reliability.alerts import Alert
from core.reliability.totals import sli_counts
from core.stats.burn import FEWEST_BAD
from core.timeframe import HOUR, MINUTE, floor_to

#: The share of the bad letters that a place must hold to be named.
CARRIES = Fraction(9, 10)
#: A release this long before the firing may be named with it.
AFTER_RELEASE = HOUR
#: Before a release that is named, the share of bad letters was at most this part of what it is now.
WELL_BEFORE = Fraction(1, 10)
_JUST_BEFORE = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a burn is, as far as the letters tell.

    Attributes:
        names: datacenter or instance, and version; empty for everywhere or unknown.
        only: the same as words, e.g. 'dc2 only'; '' for everywhere or unknown.
        release: the release that it began with; None where none is named.
    """

    names: tuple[str, ...]
    only: str
    release: Release | None


@dataclass(frozen=True, slots=True)
class _Part:
    key: str
    bad: int
    total: int


def place_of(found: Alert, serving: Serving) -> Place:
    """Narrow a firing policy down."""
    limit = found.policy.factor(serving.settings.period) * (
        1 - serving.settings.objectives[found.kind]
    )
    parts = serving.parts.get(found.policy.short, {})
    instance, version = (
        _carrier(
            [
                _Part(one.key, *sli_counts(found.kind, one.letters, one.errors, one.slow))
                for one in parts.get(by, ())
            ],
            limit,
        )
        for by in ("instance", "model_version")
    )
    # An instance is the narrower place, and says its datacenter too; but one that is alone there
    # is no better evidence than that.
    if instance and _alone(instance, serving, [part.key for part in parts.get("instance", ())]):
        instance = ""
    where = instance or _carrier(_datacenters(found, serving), limit)
    release = _release(found, serving)
    if release is not None and release.model_version == version:
        version = ""
    names = tuple(name for name in (where, version) if name)
    return Place(names, ", ".join(f"{name} only" for name in names), release)


def _alone(instance: str, serving: Serving, instances: Sequence[str]) -> bool:
    """Whether no other instance of its datacenter wrote."""
    return any(
        [one for one in instances if one.startswith(f"{name}/")] == [instance]
        for name in serving.grid.datacenters
    )


def _datacenters(found: Alert, serving: Serving) -> list[_Part]:
    minutes = found.policy.short // MINUTE
    grid = serving.grid
    letters, errors, slow = (
        counts[:, -minutes:].sum(axis=1).tolist()
        for counts in (grid.letters, grid.errors, grid.slow)
    )
    return [
        _Part(name, *sli_counts(found.kind, letters[at], errors[at], slow[at]))
        for at, name in enumerate(grid.datacenters)
    ]


def _carrier(parts: Iterable[_Part], limit: Fraction) -> str:
    """The one part that holds nearly all bad letters while the others are well; '' without."""
    parts = list(parts)
    bad, total = sum(part.bad for part in parts), sum(part.total for part in parts)
    worst = max(parts, key=lambda part: part.bad, default=None)
    if worst is None or bad < FEWEST_BAD or worst.bad < CARRIES * bad:
        return ""
    others = total - worst.total
    within = (bad - worst.bad) * limit.denominator <= limit.numerator * others
    return worst.key if others > 0 and within else ""


def _release(found: Alert, serving: Serving) -> Release | None:
    if found.since is None:
        return None
    # The firing may be seen a minute after the minute that began it.
    before = [
        made
        for made in serving.releases
        if made.stage in {"canary", "production"} and made.deployed_at <= found.since + MINUTE
    ]
    if not before or found.since - before[-1].deployed_at > AFTER_RELEASE:
        return None
    newest = before[-1]
    versions = [
        _Part(one.key, *sli_counts(found.kind, one.letters, one.errors, one.slow))
        for one in serving.parts.get(found.policy.short, {}).get("model_version", ())
    ]
    bad = sum(part.bad for part in versions)
    own = sum(part.bad for part in versions if part.key == newest.model_version)
    if bad < FEWEST_BAD or own < CARRIES * bad:
        return None
    quiet_from = before[-2].deployed_at if len(before) > 1 else None
    return newest if _well_before(found, serving, newest.deployed_at, quiet_from) else None


def _well_before(
    found: Alert, serving: Serving, moment: datetime, not_before: datetime | None
) -> bool:
    """Whether far fewer letters were bad before a moment than are now."""
    end = floor_to(moment, MINUTE)
    start = max(end - AFTER_RELEASE, serving.grid.start)
    if not_before is not None:
        start = max(start, floor_to(not_before, MINUTE))
    now = serving.tally(found.kind, found.policy.short)
    for length in {end - start, min(_JUST_BEFORE, end - start)}:
        if length < MINUTE:
            return False
        before = serving.tally(found.kind, length, end)
        if before.gap or before.bad * now.total > WELL_BEFORE * now.bad * before.total:
            return False
    return True
