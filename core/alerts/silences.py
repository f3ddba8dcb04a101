"""Silences: which alerts call nobody for a while, and which a new one would catch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.ports.alerts import Episode, Silence


def matches(silence: Silence, episode: Episode) -> bool:
    """Whether a silence is about an alert: every matcher equals, and there is one.

    Beside the alert's labels, 'service', 'rule' and 'severity' count as labels; they win over
    labels of the same name.
    """
    labels = {
        **episode.labels,
        "service": episode.service,
        "rule": episode.rule_id,
        "severity": episode.severity,
    }
    return bool(silence.matchers) and all(
        labels.get(name) == value for name, value in silence.matchers.items()
    )


def runs(silence: Silence, at: datetime) -> bool:
    """Whether a silence holds at a moment: [starts_at, ends_at), or until it was ended early."""
    until = silence.ends_at if silence.ended_at is None else min(silence.ends_at, silence.ended_at)
    return silence.starts_at <= at < until


def silence_of(silences: Iterable[Silence], episode: Episode, at: datetime) -> Silence | None:
    """The silence that covers an alert at a moment, the one that ends last; None without."""
    covering = [one for one in silences if runs(one, at) and matches(one, episode)]
    return max(covering, key=lambda one: (one.ends_at, one.silence_id), default=None)


def preview(silence: Silence, episodes: Iterable[Episode]) -> tuple[Episode, ...]:
    """The open alerts that a silence would catch, whether it runs already or not."""
    return tuple(one for one in episodes if one.state != "resolved" and matches(silence, one))


def silenced_while_it_ran(silences: Iterable[Silence], episode: Episode, until: datetime) -> bool:
    """Whether somebody silenced an alert during its episode.

    A silence that was made for something else, or long before, counts if it covered the episode: it
    is not told apart.

    Args:
        silences: all that ran at some time.
        episode: the one.
        until: the end of what is looked at, for an episode that still runs.
    """
    ended = episode.resolved_at or until
    return any(
        one.starts_at < ended
        and min(one.ends_at, one.ended_at or one.ends_at) > episode.began_at
        and matches(one, episode)
        for one in silences
    )
