"""Which alerts make which others superfluous, so that one fault calls once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.ports.alerts import Episode

#: An episode in one of these states is a reason to leave another one alone.
_STANDS = frozenset({"firing", "unknown"})
_OPEN = frozenset({"pending", "firing", "unknown"})


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert like the source stands, alerts like the target call nobody.

    Attributes:
        source: labels that the one has; 'severity' counts as a label.
        target: labels that the other has.
        equal: labels that both have, with equal values. The service is always the same.
    """

    source: Mapping[str, str]
    target: Mapping[str, str]
    equal: tuple[str, ...] = ()


INHIBITIONS = (
    # A page inhibits the tickets of the same objective: they would tell of the same fault.
    Inhibition({"severity": "page"}, {"severity": "ticket"}, ("sli",)),
    # Where nobody writes, each single instance is no news.
    Inhibition({"watch": "rows"}, {"watch": "instance"}),
    Inhibition({"watch": "rows"}, {"watch": "table", "table": "serving_minute"}),
)


def inhibited(
    episodes: Iterable[Episode], inhibitions: Iterable[Inhibition] = INHIBITIONS
) -> tuple[Episode, ...]:
    """Those episodes whose inhibition has to change, with `inhibited_by` set or cleared."""
    standing = tuple(episodes)
    rules = tuple(inhibitions)
    found = []
    for episode in standing:
        by = _inhibitor(episode, standing, rules) if episode.state in _OPEN else ""
        if by != episode.inhibited_by:
            found.append(replace(episode, inhibited_by=by))
    return tuple(found)


def _inhibitor(
    target: Episode, episodes: Iterable[Episode], inhibitions: Iterable[Inhibition]
) -> str:
    """The fingerprint of the first alert that makes this one superfluous; '' without."""
    sources = [
        source.fingerprint
        for rule in inhibitions
        for source in episodes
        if source.state in _STANDS
        and source.fingerprint != target.fingerprint
        and source.service == target.service
        and _like(source, rule.source)
        and _like(target, rule.target)
        and all(
            name in source.labels and source.labels[name] == target.labels.get(name)
            for name in rule.equal
        )
    ]
    return min(sources, default="")


def _like(episode: Episode, wanted: Mapping[str, str]) -> bool:
    labels = {**episode.labels, "severity": episode.severity}
    return all(labels.get(name) == value for name, value in wanted.items())
