"""Alerts of one service belong together: who is called for it is told everything at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core import wording
from core.ports.alerts import Episode

#: Pages before tickets; what fires before what is unknown, before what may fire.
_SEVERITY = {"page": 0, "ticket": 1}
_STATE = {"firing": 0, "unknown": 1, "pending": 2, "resolved": 3}


@dataclass(frozen=True, slots=True)
class Group:
    """The open alerts of a service that call somebody, the gravest first.

    Attributes:
        severity: of the gravest.
        inhibited: how many are left out because a page says the same.
    """

    service: str
    severity: str
    episodes: tuple[Episode, ...]
    inhibited: int

    @property
    def title(self) -> str:
        """What is the matter, in one line: the gravest alert, and how many more there are."""
        first, more = self.episodes[0], len(self.episodes) - 1
        if not more:
            return first.sentence
        alerts = "alert" if more == 1 else "alerts"
        return f"{first.sentence} (and {wording.number_word(more)} more {alerts})"

    @property
    def lines(self) -> tuple[str, ...]:
        """One line an alert."""
        return tuple(
            f"[{one.severity}] {one.sentence}"
            + (" (unknown: data are missing)" if one.state == "unknown" else "")
            for one in self.episodes
        )


def in_order(episodes: Iterable[Episode]) -> tuple[Episode, ...]:
    """Alerts in the order in which somebody should look: severity, state, then the oldest first."""
    return tuple(
        sorted(
            episodes,
            key=lambda one: (
                _SEVERITY[one.severity],
                _STATE[one.state],
                one.fired_at or one.began_at,
                one.rule_id,
                one.fingerprint,
            ),
        )
    )


def groups(episodes: Iterable[Episode]) -> tuple[Group, ...]:
    """One group a service that has an alert which fires or is unknown, by service.

    Inhibited and pending alerts call nobody and are left out.
    """
    of_service: dict[str, list[Episode]] = {}
    for episode in episodes:
        if episode.state in {"firing", "unknown"}:
            of_service.setdefault(episode.service, []).append(episode)
    found = []
    for service in sorted(of_service):
        calling = in_order(one for one in of_service[service] if not one.inhibited_by)
        if calling:
            left_out = len(of_service[service]) - len(calling)
            found.append(Group(service, calling[0].severity, calling, left_out))
    return tuple(found)
