"""Who watches the demo's services, and a channel that shows what one looks like. Nobody exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from core.oncall.changes import parse_rota
from core.oncall.rota import who
from core.timeframe import DAY, HOUR
from db.demo.newsletters.story import SERVICE, Scenario
from db.team.audit import ConflictError
from db.team.channels import ChannelConflictError, create
from db.team.rotas import add_override, save_rota

MEMBERS = ("simulated: Dmitri", "simulated: Elena", "simulated: Farid")
SPAMBASE = "spambase"
SPAMBASE_MEMBERS = ("simulated: Greta", "simulated: Hugo")
#: The day, after the anchor's, in which nobody has the newsletters.
GAP_IN_DAYS = 5
CHANNEL = "oncall-webhook"


@dataclass(frozen=True, slots=True)
class _Turns:
    zone: str
    members: tuple[str, ...]

    def fields(self, scenario: Scenario) -> dict[str, object]:
        """As a form of a rota holds them; weeks are handed over on Mondays at ten."""
        return {
            "zone": self.zone,
            "handover_weekday": 0,
            "handover_time": "10:00",
            "starts_on": scenario.first_moment.date().isoformat(),
            "members": list(self.members),
            "departed": [],
            "escalate_after_minutes": 15,
            "escalate_to": "",
        }


_TURNS = {SERVICE: _Turns("Europe/Moscow", MEMBERS), SPAMBASE: _Turns("UTC", SPAMBASE_MEMBERS)}


def on_call(scenario: Scenario, moment: datetime) -> str:
    """Who of the simulated members had the newsletters' week at a moment."""
    shift = who(parse_rota(SERVICE, _TURNS[SERVICE].fields(scenario)), (), moment)
    return MEMBERS[0] if shift is None else shift.member


def seed_rotas(app: Engine, scenario: Scenario) -> None:
    """Write the rotas, who stands in for whom, and a day that nobody has.

    A rota that somebody has made already stays as it is.

    Args:
        app: the store, as greenlight_app.
        scenario: whose history the rotas reach back through.
    """
    for service, turns in _TURNS.items():
        fields, by = turns.fields(scenario), turns.members[0]
        try:
            save_rota(app, service, None, fields, by=by, at=scenario.first_moment)
        except ConflictError:
            continue
        if service == SERVICE:
            _seed_overrides(app, scenario)


def seed_channel(app: Engine, scenario: Scenario) -> None:
    """Write a channel that is switched off, and whose address would be read from the environment.

    One of its name that somebody has made already stays as it is.
    """
    given = {
        "channel_id": CHANNEL,
        "name": "simulated: web hook, an example",
        "address": "env:ONCALL_WEBHOOK",
        "service": SERVICE,
        "severities": ["page", "ticket"],
        "quiet_from": "22:00",
        "quiet_until": "08:00",
        "zone": "Europe/Moscow",
        "enabled": False,
    }
    try:
        create(app, given, by=MEMBERS[0], at=scenario.first_moment)
    except ChannelConflictError:
        return


def _seed_overrides(app: Engine, scenario: Scenario) -> None:
    made = max(scenario.first_moment, scenario.anchor - DAY)
    evening = scenario.midnight(-2) + 15 * HOUR
    absent = on_call(scenario, evening)
    standing_in = MEMBERS[(MEMBERS.index(absent) + 1) % len(MEMBERS)]
    add_override(
        app,
        SERVICE,
        {
            "member": standing_in,
            "starts_at": evening,
            "ends_at": evening + timedelta(hours=16),
            "reason": f"simulated: {absent.removeprefix('simulated: ')} travels",
        },
        by=absent,
        at=made,
        request_id="simulated override 1",
    )
    free = scenario.midnight(-GAP_IN_DAYS) + 6 * HOUR
    add_override(
        app,
        SERVICE,
        {
            "member": "",
            "starts_at": free,
            "ends_at": free + DAY,
            "reason": "simulated: the whole team is away for a day; nobody has taken it yet",
        },
        by=on_call(scenario, free),
        at=made,
        request_id="simulated override 2",
    )
