"""How an alert is marked: severity and state, each with a word, an icon and a colour."""

from __future__ import annotations

from core.ports.alerts import Delivery, Episode

_STATES = {
    "unknown": ":gray[:material/help: **Unknown**]",
    "pending": ":gray[:material/hourglass_top: **Pending**]",
    "resolved": ":blue[:material/check_circle: **Resolved**]",
}
_SEVERITIES = {
    "page": ":red[:material/notifications_active: **Page**]",
    "ticket": ":orange[:material/assignment: **Ticket**]",
}
_DELIVERIES = {
    "sent": ":blue[:material/check:]",
    "waiting": ":gray[:material/schedule_send:]",
    "held": ":gray[:material/notifications_paused:]",
    "failed": ":red[:material/error:]",
}


def chip(episode: Episode) -> str:
    """An alert as markdown: what it is to whoever looks now."""
    said = _STATES.get(episode.state, _SEVERITIES[episode.severity])
    if episode.state == "unknown":
        said = f"{said} {episode.severity}"
    return f"{said} · drill" if episode.drill else said


def icon_of(delivery: Delivery) -> str:
    """What became of a notification, as markdown."""
    return _DELIVERIES[delivery.status]
