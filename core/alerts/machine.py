"""The state machine of an alert: pending, firing, unknown, resolved; signals in, episodes out.

| state | active | quiet | unknown |
| --- | --- | --- | --- |
| none | pending, or firing if there is no wait | none | none |
| pending | firing once the wait is over | resolved | pending |
| firing | firing | resolved, or firing until quiet for long (damping) | unknown |
| unknown | firing | resolved, or firing until quiet for long (damping) | unknown |

- **Unknown** resolves nothing and fires nothing. The wait of a pending alert goes on while it is
  unknown, since nothing says that the condition ended; it fires at the next evaluation that sees
  the condition hold.
- **Wait** is counted from when the condition began to hold, by the data where they tell
  (`Signal.since`), else from the first evaluation that saw it. So a restart or a skipped minute
  changes nothing but the time of the notification.
- **Flapping.** An alert that would begin again within `REOPEN_WITHIN` of its end is the same
  episode again, and counts a flap when it fires. From `FLAPS` flaps on it is kept firing until it
  was quiet for `QUIET_FOR`; unknown minutes are not quiet. Somebody who resolves an alert by hand
  ends the episode for good: if the condition holds at the next evaluation, a new one begins.
- **What is not watched any more** (its rule was deleted or switched off, its instance was stopped,
  its test is over) is resolved, with a sentence that says so. Missing data are no such reason: a
  check that cannot see answers unknown for all that it watches.
- **The same minute twice** changes nothing; going back in time is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from core.alerts.evaluation import Evaluated
from core.alerts.inhibition import inhibited
from core.alerts.moves import Damping, Look, after, fresh, goes_on, reopened, resolved, unknown
from core.ports.alerts import AlertRule, Episode, Transition


@dataclass(frozen=True, slots=True)
class Change:
    """An episode that an evaluation changed or began, as it is after it.

    Attributes:
        transitions: of its state, oldest first; empty where only its sentence or numbers changed.
        begins: it is new: there was no episode of this alert that it goes on.
    """

    episode: Episode
    transitions: tuple[Transition, ...] = ()
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """What an evaluation made of the episodes.

    Attributes:
        episodes: all that were given and all that began, as they are after it.
        changes: those of them that changed.
    """

    episodes: tuple[Episode, ...]
    changes: tuple[Change, ...]

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """Every change of state."""
        return tuple(one for change in self.changes for one in change.transitions)


def fingerprint(service: str, rule_id: str, labels: Mapping[str, str]) -> str:
    """What an alert is known by: the same rule about the same thing is the same alert.

    >>> one = fingerprint("search", "slo", {"sli": "latency", "policy": "page_fast"})
    >>> one == fingerprint("search", "slo", {"policy": "page_fast", "sli": "latency"}), len(one)
    (True, 64)
    """
    # Lengths keep names apart that hold whatever would separate them.
    parts = [service, rule_id, *(part for pair in sorted(labels.items()) for part in pair)]
    written = "".join(f"{len(part)}:{part}" for part in parts)
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def step(
    evaluated: Evaluated,
    episodes: Sequence[Episode],
    at: datetime,
    damping: Damping | None = None,
) -> Steps:
    """Bring the episodes of one rule up to an evaluation.

    Args:
        evaluated: what the rule says.
        episodes: of the rule: those that are open, and those resolved within `reopen_within`.
        at: the time of the evaluation.
        damping: of flapping.

    Raises:
        ValueError: an episode was seen by a later evaluation, or two signals have equal labels.
    """
    rule = evaluated.rule
    look = Look(rule, at, damping or Damping())
    _refuse_the_past(episodes, at)
    latest = _latest(episodes)
    changes: list[Change] = []
    seen: set[str] = set()
    for signal in evaluated.signals:
        known_by = fingerprint(rule.service, rule.rule_id, signal.labels)
        if known_by in seen:
            raise ValueError(f"two signals of {rule.rule_id} have the labels {dict(signal.labels)}")
        seen.add(known_by)
        before = latest.get(known_by)
        if before is not None and before.seen_at == at:
            continue
        if before is not None and before.state != "resolved":
            changes.append(_change(before, after(look, before, signal), signal.sentence, at))
        elif signal.active and before is not None and goes_on(look, before):
            changes.append(_change(before, reopened(look, before, signal), signal.sentence, at))
        elif signal.active:
            ended = None if before is None else before.resolved_at
            begun = fresh(look, signal, known_by, ended)
            changes.append(_change(None, begun, signal.sentence, at))
    for known_by, before in latest.items():
        if known_by in seen or before.state == "resolved" or before.seen_at == at:
            continue
        if evaluated.complete:
            sentence = "It is not watched any more."
            changes.append(_change(before, resolved(before, at), sentence, at))
        else:
            sentence = evaluated.why or "Data are missing."
            changes.append(_change(before, unknown(before, at), sentence, at))
    return _steps(episodes, changes)


def advance(
    rules: Iterable[AlertRule],
    evaluations: Iterable[Evaluated],
    episodes: Sequence[Episode],
    at: datetime,
    damping: Damping | None = None,
) -> Steps:
    """Bring all episodes of a service up to an evaluation, inhibition included.

    Episodes of a rule that exists and was not evaluated now stay as they are; those of a rule that
    was deleted or switched off are resolved. What a drill raised has no rule behind it, and is left
    alone.

    Args:
        rules: all of the service.
        evaluations: of those that were evaluated.
        episodes: open, or resolved within `reopen_within`; of the service.
        at: the time of the evaluation.
        damping: of flapping.

    Raises:
        ValueError: an episode was seen by a later evaluation.
    """
    real = [episode for episode in episodes if not episode.drill]
    _refuse_the_past(real, at)
    of_rule: dict[str, list[Episode]] = {}
    for episode in real:
        of_rule.setdefault(episode.rule_id, []).append(episode)
    changed: dict[str, Change] = {}
    for evaluated in evaluations:
        found = step(evaluated, of_rule.get(evaluated.rule.rule_id, []), at, damping)
        changed |= {change.episode.fingerprint: change for change in found.changes}
    watched = {rule.rule_id for rule in rules if rule.enabled}
    for episode in real:
        if episode.rule_id in watched or episode.state == "resolved":
            continue
        sentence = "Its rule was deleted or switched off."
        changed[episode.fingerprint] = _change(episode, resolved(episode, at), sentence, at)
    after_all = _steps(real, list(changed.values())).episodes
    for episode in inhibited(after_all):
        known = changed.get(episode.fingerprint)
        changed[episode.fingerprint] = (
            Change(episode) if known is None else replace(known, episode=episode)
        )
    return _steps(episodes, list(changed.values()))


def _change(before: Episode | None, after: Episode, sentence: str, at: datetime) -> Change:
    was = "" if before is None else before.state
    moved = (Transition(after.episode_id, at, was, after.state, sentence),)
    return Change(after, moved if was != after.state else (), begins=before is None)


def _steps(episodes: Sequence[Episode], changes: Iterable[Change]) -> Steps:
    """Put changed episodes in the place of what they were; an equal one has not changed."""
    latest = _latest(episodes)
    changed = {
        change.episode.fingerprint: change
        for change in changes
        if change.begins or change.episode != latest[change.episode.fingerprint]
    }
    kept = []
    for episode in episodes:
        change = changed.get(episode.fingerprint)
        # A new episode leaves the resolved one before it alone.
        goes_on = change is not None and not change.begins
        newest = episode is latest[episode.fingerprint]
        kept.append(change.episode if change is not None and goes_on and newest else episode)
    begun = [change.episode for change in changed.values() if change.begins]
    return Steps((*kept, *begun), tuple(changed.values()))


def _latest(episodes: Iterable[Episode]) -> dict[str, Episode]:
    """The newest episode of each fingerprint: the open one, else the last that ended."""
    found: dict[str, Episode] = {}
    for episode in episodes:
        known = found.get(episode.fingerprint)
        if known is None or _newer(episode, known):
            found[episode.fingerprint] = episode
    return found


def _newer(one: Episode, other: Episode) -> bool:
    if (one.resolved_at is None) != (other.resolved_at is None):
        return one.resolved_at is None
    return one.began_at > other.began_at


def _refuse_the_past(episodes: Iterable[Episode], at: datetime) -> None:
    newest = max((episode.seen_at for episode in episodes), default=None)
    if newest is not None and newest > at:
        raise ValueError(f"at == {at}, must not be before the last evaluation at {newest}")
