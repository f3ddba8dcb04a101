"""Alerts and on-call on the terminal."""

import json
from datetime import UTC, datetime

from sqlalchemy import text

from db.engine import Role, Store
from tests.terminal.conftest import Terminal

SERVICE = text("""
    insert into metrics.heartbeat (service, component, instance, started_at, beat_at)
    values (:service, 'inference', 'i1', now() - interval '2 hours', now() - interval '1 hour')""")
ROTA = text("""
    insert into team.rota (service, zone, handover_weekday, handover_time, starts_on, members,
        changed_by, changed_at)
    values ('search', 'Europe/Berlin', 0, '10:00', '2026-06-01', '{Анна,Boris}', 'test', :at)""")


def test_a_tick_seeds_rules_and_says_what_is_quiet(terminal: Terminal, store: Store):
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(SERVICE, {"service": "search"})

    done = terminal("worker", "--once")
    found = json.loads(
        terminal("evidence", "alerts", "--service", "search", "--format", "json").stdout
    )

    assert done.exit_code == 0, done.stderr
    assert "evaluated the alerts of 1 services" in done.stdout
    assert found["service"] == "search"
    quiet = [one for one in found["firing"] + found["pending"] if "inference" in one["sentence"]]
    assert quiet, found


def test_the_table_of_alerts_begins_with_what_they_say(terminal: Terminal, store: Store):
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(SERVICE, {"service": "search"})
    terminal("worker", "--once")

    said = terminal("evidence", "alerts", "--service", "search")
    values = terminal("evidence", "alerts", "--service", "search", "--format", "json")

    assert json.loads(values.stdout)["headline"] in said.stdout


def test_the_calendar_holds_the_shifts_ahead(terminal: Terminal, store: Store):
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(SERVICE, {"service": "search"})
        connection.execute(ROTA, {"at": datetime(2026, 6, 1, tzinfo=UTC)})

    every = terminal("calendar", "--service", "search", "--as-of", "2026-06-10T12:00Z")
    hers = terminal("calendar", "--member", "Анна", "--as-of", "2026-06-10T12:00Z")

    assert every.stdout_bytes.startswith(b"BEGIN:VCALENDAR\r\n")
    assert "Boris" in every.stdout
    assert "Анна" in hers.stdout
    assert "Boris" not in hers.stdout
    assert 0 < hers.stdout.count("BEGIN:VEVENT") < every.stdout.count("BEGIN:VEVENT")
