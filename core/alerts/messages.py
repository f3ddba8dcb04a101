"""What a notification says, as plain text.

Names, sentences and notes are data: their line breaks and control characters become spaces, and
what a chat would take for a mention or for a link with a text of its own is broken by a space of no
width, because many services render what they are sent, whatever it was meant to be.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from core import wording
from core.ports.alerts import Episode
from core.timeframe import write_time

#: The longest piece of foreign text in a title and in a body; services cut at about these.
TITLE_LENGTH, LINE_LENGTH = 200, 1_000
_NO_WIDTH = "\u200b"
#: '@everyone', '<!channel>', '<@U1>' and '[text](address)' mean something in Slack, Discord, Teams.
_MENTION = re.compile(r"(@)(?=\w)|(<)(?=[!@#:a-zA-Z/])|(\])(?=\s*[(\[])")
_WORDS = {
    "firing": "FIRING",
    "unknown": "UNKNOWN",
    "known": "STILL FIRING",
    "resolved": "RESOLVED",
    "escalated": "ESCALATED",
    "acknowledged": "ACKNOWLEDGED",
}
_MOODS = {"firing": "failure", "escalated": "failure", "unknown": "warning", "known": "warning"}


@dataclass(frozen=True, slots=True)
class Message:
    """One notification.

    Attributes:
        mood: 'failure', 'warning', 'success' or 'info', for services that colour what they show.
        key: the idempotency key: whoever receives it twice has one message.
    """

    title: str
    body: str
    mood: str
    key: str


@dataclass(frozen=True, slots=True)
class Background:
    """What is known about an alert beside its episode.

    Attributes:
        rule: the rule's name; '' shows its id.
        owner: who answers for it.
        runbook_id: what to do; '' where nobody has written it.
        base_url: where the dashboard is reached, e.g. 'https://greenlight.example.org'; '' where
            nobody has said: messages then have no links.
    """

    rule: str = ""
    owner: str = ""
    runbook_id: str = ""
    base_url: str = ""


def key_of(episode_id: int, event: str, at: datetime, channel_id: str) -> str:
    """The idempotency key of one event in one channel: 32 hexadecimal digits.

    The same transition gives the same key however often it is evaluated, queued or sent.
    """
    spoken = "\x1f".join((str(episode_id), event, write_time(at), channel_id))
    return hashlib.sha256(spoken.encode()).hexdigest()[:32]


def mood_of(event: str) -> str:
    """How a service that knows colours is to show an event.

    >>> mood_of("firing"), mood_of("resolved"), mood_of("test")
    ('failure', 'success', 'info')
    """
    return "success" if event == "resolved" else _MOODS.get(event, "info")


def plain(foreign: str, length: int = LINE_LENGTH) -> str:
    r"""Foreign text on one line, with nothing in it that a chat would act upon.

    >>> plain("two\nlines  and a tab\t.")
    'two lines and a tab .'
    >>> plain("@everyone") == "@\u200beveryone"
    True
    """
    visible = "".join(sign if sign.isprintable() else " " for sign in foreign)
    line = " ".join(visible.split())
    if len(line) > length:
        line = line[: length - 1] + "…"
    return _MENTION.sub(lambda found: found[0] + _NO_WIDTH, line)


def page_link(base_url: str, service: str, episode_id: int) -> str:
    """The alert, opened on the alerts' page; '' without a base.

    It shows the present: whoever was called wants to do something, which a page that is frozen at
    an earlier time does not allow.

    >>> page_link("https://green.example/", "news letters", 17)
    'https://green.example/alerts?service=news%20letters&episode=17'
    """
    if not base_url:
        return ""
    asked = {"service": service, "episode": episode_id}
    return f"{base_url.rstrip('/')}/alerts?{urlencode(asked, quote_via=quote)}"


def runbook_link(base_url: str, service: str, runbook_id: str) -> str:
    """The runbook on the alerts' page; '' without a base or a runbook."""
    if not base_url or not runbook_id:
        return ""
    asked = {"service": service, "runbook": runbook_id}
    return f"{base_url.rstrip('/')}/alerts?{urlencode(asked, quote_via=quote)}"


def compose(
    episode: Episode,
    event: str,
    *,
    at: datetime,
    key: str,
    background: Background,
    by: str = "",
    note: str = "",
    to: str = "",
) -> Message:
    """The message of one event.

    Args:
        episode: as it is after the event.
        event: one of `core.alerts.routing.EVENTS` except 'test'.
        at: when it happened.
        key: see `key_of`.
        background: what else is known.
        by: who acknowledged or resolved it by hand.
        note: what they said.
        to: whom an escalation calls.
    """
    rule = plain(background.rule or episode.rule_id, TITLE_LENGTH)
    service = plain(episode.service, TITLE_LENGTH)
    drill = "[DRILL] " if episode.drill else ""
    title = f"{drill}{_WORDS[event]} {episode.severity}: {service}: {rule}"
    since = episode.fired_at or episode.began_at
    lines = [
        "This is a drill." if episode.drill else "",
        *_news(episode, event, at, by=by, note=note, to=to),
        plain(episode.sentence),
        f"Firing since {wording.clock(since)}.",
        f"Where: {plain(', '.join(episode.where))}" if episode.where else "",
        f"Owner: {plain(background.owner, TITLE_LENGTH) or 'nobody'}",
        _labelled("Page", page_link(background.base_url, episode.service, episode.episode_id)),
        _labelled(
            "Runbook",
            runbook_link(background.base_url, episode.service, background.runbook_id)
            or plain(background.runbook_id, TITLE_LENGTH),
        ),
        f"Key: {key}",
    ]
    return Message(title, "\n".join(filter(None, lines)), mood_of(event), key)


def trial_message(channel: str, *, by: str, at: datetime, key: str, base_url: str) -> Message:
    """What the button for a test sends: nobody has to do anything."""
    who, where = plain(by, TITLE_LENGTH), plain(channel, TITLE_LENGTH)
    lines = [
        f"{who} tries whether notifications arrive in {where}. Nothing is the matter.",
        f"Sent {wording.clock(at)}.",
        _labelled("Greenlight", base_url),
        f"Key: {key}",
    ]
    return Message("Greenlight: a test", "\n".join(filter(None, lines)), "info", key)


def _news(
    episode: Episode, event: str, at: datetime, *, by: str, note: str, to: str
) -> tuple[str, ...]:
    """What has just happened, before the sentence of the alert itself."""
    who, said = plain(by, TITLE_LENGTH), plain(note)
    match event:
        case "unknown":
            return ("Its data are missing: whether it still holds is unknown.",)
        case "known":
            return ("Its data are back, and it still fires.",)
        case "resolved":
            lasted = wording.duration(at - (episode.fired_at or episode.began_at))
            hand = f", by hand: {who or plain(episode.resolved_by)}" if episode.resolved_by else ""
            return (f"Resolved at {wording.clock(at)} after {lasted}{hand}.", said)
        case "escalated":
            whom = f": {plain(to, TITLE_LENGTH)} is called" if to else ""
            return (f"Nobody has acknowledged it{whom}.",)
        case "acknowledged":
            return (f"{who or 'Somebody'} has it in hand since {wording.clock(at)}.", said)
    return ()


def _labelled(label: str, value: str) -> str:
    return f"{label}: {value}" if value else ""
