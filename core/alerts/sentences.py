"""What the report of alerts says in words."""

from __future__ import annotations

from datetime import timedelta

from core import wording
from core.alerts.history import Times
from core.alerts.report import AlertsReport, Shown


def headline(found: AlertsReport) -> str:
    """The finding, as the page's first sentence."""
    said = _standing(found)
    return f"{said}; {late(found)}" if found.health.late and found.rules else said


def _standing(found: AlertsReport) -> str:
    if not found.rules:
        return f"{found.service} has no alert rules: nobody would be called"
    pages = [one for one in found.firing if one.episode.severity == "page"]
    tickets = [one for one in found.firing if one.episode.severity == "ticket"]
    parts = [_counted(len(pages), "page fires"), _counted(len(tickets), "ticket fires")]
    parts = [part for part in parts if part]
    if found.unknown:
        number = wording.number_word(len(found.unknown))
        parts.append(f"{number} cannot be judged: data are missing")
    if not parts:
        return f"No alert of {found.service} fires"
    return f"{found.service}: {', '.join(parts)}"


def late(found: AlertsReport) -> str:
    """That rules are not evaluated; '' where they are."""
    if not found.health.late:
        return ""
    if found.health.last is None:
        return "the rules have never been evaluated"
    since = wording.clock(found.health.last.at, found.as_of)
    return f"the rules have not been evaluated since {since}: nothing is known of the time after"


def sentence(shown: Shown, found: AlertsReport) -> str:
    """An alert for who looks at it now.

    The sentence of an alert that is unknown is from when it was last seen, and says so.
    """
    episode = shown.episode
    if episode.state != "unknown":
        return episode.sentence
    since = wording.clock(episode.changed_at, found.as_of)
    return f"Unknown since {since}, because data are missing; before that: {episode.sentence}"


def state(shown: Shown, found: AlertsReport) -> str:
    """Its state with since when; for one that is damped, since when it has been quiet."""
    episode = shown.episode
    if episode.state == "pending":
        return f"pending since {wording.clock(episode.changed_at, found.as_of)}"
    since = wording.clock(episode.fired_at or episode.began_at, found.as_of)
    if episode.state == "unknown":
        return f"unknown, fired {since}"
    again = f", again {_times(episode.flaps)}" if episode.flaps else ""
    quiet = ""
    if episode.quiet_since is not None:
        quiet = f", quiet since {wording.clock(episode.quiet_since, found.as_of)}"
    return f"fires since {since}{again}{quiet}"


def in_hand(shown: Shown, found: AlertsReport) -> str:
    """Who has it in hand, or what keeps it quiet; '' where it calls.

    Names and reasons are what people wrote: data, never markdown.
    """
    parts = []
    made = shown.acknowledgement
    if made is not None:
        parts.append(f"acknowledged by {made.by} until {wording.clock(made.until, found.as_of)}")
    if shown.silence is not None:
        until = wording.clock(shown.silence.ends_at, found.as_of)
        parts.append(f"silenced by {shown.silence.author} until {until}: {shown.silence.reason}")
    if shown.inhibited_by is not None:
        parts.append(f"said by {shown.inhibited_by.rule_id} already")
    if shown.episode.drill:
        parts.append("a drill")
    return "; ".join(parts)


def length(found: timedelta | None) -> str:
    """A length of time, or that there is none.

    >>> length(timedelta(minutes=7)), length(None)
    ('7 minutes', 'none yet')
    """
    return "none yet" if found is None else wording.duration(found)


def times(found: Times) -> str:
    """Median and mean with how many they are of.

    >>> times(Times(timedelta(minutes=9), timedelta(minutes=5), 4, 1))
    'median 5 minutes, mean 9 minutes, of 4; 1 still open'
    """
    if found.mean is None:
        return f"none yet; {found.open} still open"
    said = f"median {length(found.median)}, mean {length(found.mean)}, of {found.count}"
    return f"{said}; {found.open} still open"


def _counted(number: int, one: str) -> str:
    """How many of what fires.

    >>> _counted(1, "page fires"), _counted(3, "page fires"), _counted(0, "page fires")
    ('one page fires', 'three pages fire', '')
    """
    if number == 1:
        return f"one {one}"
    noun = one.removesuffix(" fires")
    return f"{wording.number_word(number)} {noun}s fire" if number else ""


def _times(number: int) -> str:
    """How often.

    >>> _times(1), _times(2), _times(12)
    ('once', 'twice', '12 times')
    """
    return {1: "once", 2: "twice"}.get(number, f"{wording.number_word(number)} times")
