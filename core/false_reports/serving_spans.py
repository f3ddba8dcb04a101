"""When a model version decided about letters: from its deployments, shadow runs left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.ports import Exposure, Release
from core.timeframe import HOUR, Span, floor_to

#: Stages in which a version's decision is what the user sees.
LIVE = ("canary", "production")


@dataclass(frozen=True, slots=True)
class History:
    """Which versions decided, and when.

    Attributes:
        spans: by version, the stretches in which it decided somewhere, oldest first.
        before: by version, what was in production just before its own first live deployment,
            itself left out; sorted.
        released: by version, its first deployment to production; to canary where there is none.
    """

    spans: Mapping[str, tuple[Span, ...]]
    before: Mapping[str, tuple[str, ...]]
    released: Mapping[str, datetime]


class _Fleet:
    """What runs in each datacenter while deployments are replayed."""

    def __init__(self, datacenters: Sequence[str]) -> None:
        self._production: dict[str, list[str]] = {name: [] for name in datacenters}
        self._canaries: dict[str, set[str]] = {name: set() for name in datacenters}

    def apply(self, made: Release) -> None:
        """Replay one deployment; a datacenter of '' is all of them."""
        version, places = made.model_version, [made.datacenter]
        if not made.datacenter:
            places = list(self._production)
        for place in places:
            stack, canaries = self._production[place], self._canaries[place]
            if made.stage == "canary":
                canaries.add(version)
                continue
            if made.stage == "shadow":
                continue
            # Rolled back, what ran before goes on, though nobody deploys it again.
            canaries.discard(version)
            while version in stack:
                stack.remove(version)
            if made.stage == "production":
                stack.append(version)

    @property
    def production(self) -> set[str]:
        """Versions in production somewhere."""
        return {stack[-1] for stack in self._production.values() if stack}

    @property
    def live(self) -> set[str]:
        """Versions that decide about some letters."""
        return self.production.union(*self._canaries.values())


def history(releases: Sequence[Release], as_of: datetime) -> History:
    """Replay deployments, oldest first.

    A version decides in a datacenter from its canary or production stage on until it is rolled back
    or retired there, or another version goes to production there. While it only runs in shadow it
    decides nothing. A canary takes no letters away from this: both it and production decide.

    Args:
        releases: deployments before as_of, in any order.
        as_of: where the stretch of a version that still decides ends.
    """
    ordered = sorted(releases, key=lambda made: (made.deployed_at, made.deployment_id))
    named = sorted({made.datacenter for made in ordered if made.datacenter})
    fleet = _Fleet(named or [""])
    begun: dict[str, datetime] = {}
    spans: dict[str, list[Span]] = {}
    before: dict[str, tuple[str, ...]] = {}
    first: dict[tuple[str, str], datetime] = {}
    for made in ordered:
        earlier = fleet.production
        fleet.apply(made)
        if made.stage in LIVE:
            first.setdefault((made.stage, made.model_version), made.deployed_at)
            before.setdefault(made.model_version, tuple(sorted(earlier - {made.model_version})))
        for version in fleet.live - begun.keys():
            begun[version] = made.deployed_at
        for version in begun.keys() - fleet.live:
            spans.setdefault(version, []).append(Span(begun.pop(version), made.deployed_at))
    for version, start in begun.items():
        spans.setdefault(version, []).append(Span(start, as_of))
    released = {
        version: first.get(("production", version), first.get(("canary", version), as_of))
        for version in before
    }
    return History({name: tuple(found) for name, found in spans.items()}, before, released)


def exposures(
    known: History, versions: Sequence[str], start: datetime | None, end: datetime
) -> tuple[Exposure, ...]:
    """The whole hours in which versions decided, from start to end, one exposure a stretch.

    Scores are counted by the hour, so an hour in which a version began or ended counts in full: its
    letters are told apart from those of other versions by the version that stands in their row.

    Args:
        known: which versions decided, and when.
        versions: those wanted.
        start: nothing before it; None for no bound. Floored to the hour.
        end: nothing from then on. Floored to the hour.
    """
    latest = floor_to(end, HOUR)
    found = []
    for version in versions:
        merged: list[Span] = []
        for span in known.spans.get(version, ()):
            begin = floor_to(span.start if start is None else max(span.start, start), HOUR)
            stop = min(
                -(-(span.end - floor_to(span.end, HOUR)) // HOUR) * HOUR + floor_to(span.end, HOUR),
                latest,
            )
            if begin >= stop:
                continue
            if merged and begin <= merged[-1].end:
                merged[-1] = Span(merged[-1].start, max(stop, merged[-1].end))
            else:
                merged.append(Span(begin, stop))
        found += [Exposure(span.start, span.end, (version,)) for span in merged]
    return tuple(found)
