"""How alerts went: time to acknowledge, time to resolve, noise by rule, rules to retire.

MTTA is the time from firing to the first acknowledgement, MTTR from firing to the end. The mean is
what the abbreviations say; the median is beside it, because one forgotten weekend makes a mean of
anything. What is still open has no time yet: it is left out and counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from statistics import median

from core import wording
from core.alerts.silences import silenced_while_it_ran
from core.ports.alerts import Acknowledgement, AlertRule, Episode, Silence

#: A rule is proposed to be retired if nobody acted on at least this share of so many episodes.
NOISY = Fraction(9, 10)
FEWEST_EPISODES = 5


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took.

    Attributes:
        mean: None without any.
        count: episodes that it happened in.
        open: episodes in which it has not happened: left out of both.
    """

    mean: timedelta | None
    median: timedelta | None
    count: int
    open: int


@dataclass(frozen=True, slots=True)
class Noise:
    """How often a rule called, and how often anybody acted.

    Attributes:
        episodes: that fired, drills left out.
        ignored: of them, those over that nobody acknowledged, silenced, escalated, added to an
            incident or resolved by hand.
        flaps: how often they fired again soon after their end.
    """

    rule_id: str
    episodes: int
    ignored: int
    flaps: int

    @property
    def share(self) -> Fraction:
        """Of its episodes, those that nobody acted on."""
        return Fraction(self.ignored, self.episodes)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that may be retired, and why."""

    rule_id: str
    noise: Noise
    sentence: str


@dataclass(frozen=True, slots=True)
class History:
    """How the alerts of a span went.

    Attributes:
        fired: episodes that fired, drills left out.
        drills: episodes that a drill raised.
        acknowledged: MTTA.
        resolved: MTTR.
        noise: by rule, the noisiest first.
        proposals: rules to retire.
    """

    fired: int
    drills: int
    acknowledged: Times
    resolved: Times
    noise: tuple[Noise, ...]
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Acts:
    """What people did in a span.

    Attributes:
        silences: that ran at some time of it.
        handled: ids of episodes that were escalated or added to an incident.
    """

    acknowledgements: Sequence[Acknowledgement]
    silences: Sequence[Silence]
    handled: Collection[int]


def history(
    episodes: Iterable[Episode], rules: Iterable[AlertRule], acts: Acts, end: datetime
) -> History:
    """Work out how the alerts of a span went.

    Args:
        episodes: that ran in the span, as they were at its end.
        rules: of the service, as they are: only these can be retired.
        acts: of the span.
        end: of the span.
    """
    every = tuple(episodes)
    fired = [one for one in every if one.fired_at is not None and not one.drill]
    first = _first_acknowledgements(acts.acknowledgements)
    acknowledged = [
        first[one.episode_id] - one.fired_at
        for one in fired
        if one.fired_at is not None and one.episode_id in first
    ]
    resolved = [
        one.resolved_at - one.fired_at
        for one in fired
        if one.fired_at is not None and one.resolved_at is not None
    ]
    noise = _noise(fired, first, acts, end)
    return History(
        fired=len(fired),
        drills=sum(one.drill for one in every),
        acknowledged=_times(acknowledged, len(fired)),
        resolved=_times(resolved, len(fired)),
        noise=noise,
        proposals=_proposals(noise, rules, fired),
    )


def _first_acknowledgements(made: Iterable[Acknowledgement]) -> dict[int, datetime]:
    first: dict[int, datetime] = {}
    for one in made:
        first[one.episode_id] = min(one.at, first.get(one.episode_id, one.at))
    return first


def _times(lengths: Sequence[timedelta], among: int) -> Times:
    if not lengths:
        return Times(None, None, 0, among)
    # An acknowledgement of a pending alert comes before it fires: nobody had to wait.
    waited = [max(length, timedelta(0)) for length in lengths]
    mean = sum(waited, timedelta(0)) / len(waited)
    middle = timedelta(seconds=median(length.total_seconds() for length in waited))
    return Times(mean, middle, len(waited), among - len(waited))


def _noise(
    fired: Iterable[Episode], first: Mapping[int, datetime], acts: Acts, end: datetime
) -> tuple[Noise, ...]:
    of_rule: dict[str, list[Episode]] = {}
    for one in fired:
        of_rule.setdefault(one.rule_id, []).append(one)
    found = [
        Noise(
            rule_id,
            len(every),
            sum(not _acted(one, first, acts, end) for one in every),
            sum(one.flaps for one in every),
        )
        for rule_id, every in of_rule.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.share, -one.episodes, one.rule_id)))


def _acted(episode: Episode, first: Mapping[int, datetime], acts: Acts, end: datetime) -> bool:
    """Whether anybody did anything; of an episode that still runs somebody yet may."""
    return (
        episode.resolved_at is None
        or bool(episode.resolved_by)
        or episode.episode_id in first
        or episode.episode_id in acts.handled
        or silenced_while_it_ran(acts.silences, episode, end)
    )


def _proposals(
    noise: Iterable[Noise], rules: Iterable[AlertRule], fired: Sequence[Episode]
) -> tuple[Proposal, ...]:
    """Noisy rules, except those that page because an error budget is lost.

    Such a page is about letters that were lost, whether or not anybody looked: it is not noise that
    has to be dealt with, but that nobody comes.
    """
    kinds = {rule.rule_id: rule for rule in rules if rule.enabled}
    found = []
    for one in noise:
        rule = kinds.get(one.rule_id)
        if rule is None or one.episodes < FEWEST_EPISODES or one.share < NOISY:
            continue
        paged = any(each.rule_id == one.rule_id and each.severity == "page" for each in fired)
        if rule.kind == "slo_burn" and paged:
            continue
        found.append(Proposal(one.rule_id, one, _why(rule, one)))
    return tuple(found)


def _why(rule: AlertRule, noise: Noise) -> str:
    return (
        f"{rule.name}: nobody acted on {noise.ignored} of {noise.episodes} alerts "
        f"({wording.percent(noise.share, 0)}). Retire the rule, raise its threshold or its wait."
    )
