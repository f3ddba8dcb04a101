"""What else happened when an alert began: releases, and other alerts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.ports import Release
from core.ports.alerts import Episode
from core.timeframe import DAY, HOUR

#: A release may take this long to show: before it, it is old news.
RELEASES_BEFORE = DAY
#: Other alerts that began within this of the alert's beginning are told with it.
ALERTS_WITHIN = HOUR


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened about when an alert began.

    Attributes:
        before: how long before the beginning; negative where it came after.
        release: None where it is an alert.
        episode: None where it is a release.
    """

    at: datetime
    before: timedelta
    release: Release | None = None
    episode: Episode | None = None


def around(
    episode: Episode, releases: Iterable[Release], episodes: Iterable[Episode]
) -> tuple[Happening, ...]:
    """What else happened about when an episode began: releases, then alerts, the nearest first.

    Args:
        episode: whose beginning is looked at.
        releases: of its service.
        episodes: of its service, itself perhaps among them. Left out are those that say the same
            (one makes the other superfluous), and what a drill raised, unless it was itself.
    """
    began, end = episode.began_at, episode.resolved_at
    found = [
        Happening(one.deployed_at, began - one.deployed_at, release=one)
        for one in releases
        if one.deployed_at >= began - RELEASES_BEFORE and (end is None or one.deployed_at <= end)
    ]
    found += [
        Happening(one.began_at, began - one.began_at, episode=one)
        for one in episodes
        if one.episode_id != episode.episode_id
        and one.drill <= episode.drill
        and one.inhibited_by != episode.fingerprint
        and episode.inhibited_by != one.fingerprint
        and abs(one.began_at - began) <= ALERTS_WITHIN
    ]
    return tuple(sorted(found, key=lambda one: (one.release is None, abs(one.before), one.at)))
