"""The terminal on a real store: what it prints, what it computes, and how it exits."""

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import URL, Connection, text

import cli
from db.demo.play import SERVICES
from db.engine import Role, Store
from db.leadership import Leadership
from tests.external_server import free_port

ROOT = Path(__file__).parents[1]
MINUTE = timedelta(minutes=1)
SERVING_MINUTE = text(
    "insert into metrics.serving_minute (service, minute, datacenter, instance, model_version, "
    "letters, errors, slow, latency) select :service, minute, :datacenter, :datacenter || '-1', "
    "'v1', :letters, :errors, :slow, cast(:latency as integer[]) "
    "from generate_series(cast(:first as timestamptz), cast(:last as timestamptz), '1 minute') "
    "as minute on conflict (service, minute, datacenter, instance, model_version) do update set "
    "letters = excluded.letters, errors = excluded.errors, slow = excluded.slow, "
    "latency = excluded.latency, written_at = now()"
)

Terminal = Callable[..., Result]


@pytest.fixture
def terminal(database: URL) -> Terminal:
    """Runs a command on the test's store."""
    address = database.render_as_string(hide_password=False)
    return lambda *arguments: run(address, *arguments)


def run(address: str, *arguments: str) -> Result:
    result = CliRunner().invoke(cli.main, arguments, env={"DATABASE_URL": address})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


@pytest.fixture
def as_of() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def cells(**counts: int) -> list[int]:
    """A histogram by the SQL numbers of its cells: c81=10 puts 10 letters in cell 81."""
    return [counts.get(f"c{number}", 0) for number in range(1, 163)]


def cell_value(number: int) -> float:
    """What contract.sql says a letter in an SQL cell took: 2 lo hi / (lo + hi), ms."""
    low, high = (20 * 2 ** ((number - 2 + step - 80) / 16) for step in (0, 1))
    return 2 * low * high / (low + high)


@contextmanager
def serving(store: Store) -> Iterator[Connection]:
    with store.engine(Role.SERVING).begin() as connection:
        assert connection.execute(text("select current_user")).scalar() == "greenlight_serving"
        yield connection


def write(
    connection: Connection,
    service: str,
    first: datetime,
    last: datetime,
    latency: list[int],
    *,
    errors: int = 0,
    datacenter: str = "dc1",
) -> None:
    """A row a minute from first to last, both included; slow is what lies over 20 ms."""
    connection.execute(
        SERVING_MINUTE,
        {
            "service": service,
            "datacenter": datacenter,
            "first": first,
            "last": last,
            "latency": latency,
            "letters": sum(latency) + errors,
            "errors": errors,
            "slow": sum(latency[81:]),
        },
    )


def evidence(terminal: Terminal, service: str, as_of: datetime, window: str = "1h") -> Any:
    asked = ("--service", service, "--window", window, "--as-of", as_of.isoformat())
    result = terminal("evidence", "reliability", "--format", "json", *asked)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def tick(terminal: Terminal) -> None:
    result = terminal("worker", "--once")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(
        r"Rolled up \d+ hours, took in \d+ reports and evaluated the alerts of \d+ services in "
        r"\d+\.\d s\.\n",
        result.stdout,
    )


def test_rows_inserted_by_hand_are_reported_exactly_after_one_tick(
    store: Store, terminal: Terminal, as_of: datetime
):
    """Two datacenters over an hour, one of them out for three minutes."""
    start, end = as_of - 60 * MINUTE, as_of - MINUTE
    with serving(store) as connection:
        write(connection, "search", start, end, cells(c41=5_998, c82=2), datacenter="dc1")
        write(connection, "search", start, end, cells(c41=4_000), datacenter="dc2")
        out = start + 20 * MINUTE
        write(connection, "search", out, out + 2 * MINUTE, cells(), errors=4_000, datacenter="dc2")
    tick(terminal)

    found = evidence(terminal, "search", as_of)

    letters, errors, slow = 600_000, 12_000, 120
    answered = letters - errors
    assert (found["letters"], found["errors"], found["slow"]) == (letters, errors, slow)
    assert found["state"] == "ok"
    assert found["availability"] == 0.98
    assert found["latency_sli"] == float(1 - Fraction(slow, answered))
    assert found["coverage"] == 1
    assert found["budget"] == {"allowed": 60, "bad": 12_000, "remaining": -199}
    allowed = Fraction(answered, 10_000)
    assert found["budget_latency"]["allowed"] == float(allowed)
    assert found["budget_latency"]["remaining"] == float(1 - slow / allowed)
    assert found["burn"]["availability"]["1h"] == 200
    assert found["burn"]["availability"]["5m"] == 0
    assert found["burn"]["latency"]["5m"] == 2  # 10 of 50,000
    assert found["burn"]["latency"]["1h"] == float(Fraction(slow * 10_000, answered))
    alerts = found["alerts"]["availability"]
    assert alerts["page_fast"] is False  # it is over: nothing burns in the short window
    assert alerts["page_slow"] is False
    assert alerts["ticket_day"] is True
    assert found["load"]["mean_rpm"] == 10_000
    assert found["load"]["peak_rpm"] == 10_000
    assert found["load"]["peak_rpm_within_slo"] is None  # 2 of 10,000 are slow in every minute
    p50, p9999 = found["percentiles"]["p50"], found["percentiles"]["p99.99"]
    assert math.isclose(p50, cell_value(41), rel_tol=1e-12)
    assert math.isclose(p9999, cell_value(82), rel_tol=1e-12)
    assert found["data_through"] == (as_of - MINUTE).strftime("%Y-%m-%dT%H:%MZ")


def test_percentiles_are_those_of_all_letters_and_not_averages(
    store: Store, terminal: Terminal, as_of: datetime
):
    """One datacenter's p99 is in cell 61, the other's in 101: that of both is in neither."""
    start, end = as_of - 60 * MINUTE, as_of - MINUTE
    with serving(store) as connection:
        write(connection, "mix", start, end, cells(c41=980, c61=20), datacenter="dc1")
        write(connection, "mix", start, end, cells(c41=975, c81=15, c101=10), datacenter="dc2")
    tick(terminal)

    found = evidence(terminal, "mix", as_of)

    assert math.isclose(found["percentiles"]["p99"], cell_value(81), rel_tol=1e-12)
    average = (cell_value(61) + cell_value(81)) / 2
    assert not math.isclose(found["percentiles"]["p99"], average, rel_tol=0.01)


def test_a_burn_of_exactly_the_factor_does_not_fire(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        first = as_of - 60 * MINUTE
        write(connection, "exact", first, as_of - MINUTE, cells(c41=99_856), errors=144)
    tick(terminal)
    found = evidence(terminal, "exact", as_of)
    assert found["burn"]["availability"]["1h"] == found["burn"]["availability"]["5m"] == 14.4
    assert found["alerts"]["availability"]["page_fast"] is False
    assert found["alerts"]["availability"]["page_slow"] is True

    with serving(store) as connection:  # a corrected row: one more letter failed
        last = as_of - MINUTE
        write(connection, "exact", last, last, cells(c41=99_855), errors=145)
    tick(terminal)
    assert evidence(terminal, "exact", as_of)["alerts"]["availability"]["page_fast"] is True


def test_a_gap_in_the_short_window_holds_the_alert_as_unknown(
    store: Store, terminal: Terminal, as_of: datetime
):
    first = as_of - 60 * MINUTE
    with serving(store) as connection:
        write(connection, "gap", first, as_of - 4 * MINUTE, cells(c41=900), errors=100)
        write(connection, "gap", as_of - 2 * MINUTE, as_of - MINUTE, cells(c41=900), errors=100)
    tick(terminal)
    found = evidence(terminal, "gap", as_of)
    assert found["alerts"]["availability"]["page_fast"] is None
    assert found["coverage"] == float(Fraction(59, 60))
    assert found["letters"] == 59_000


def test_rows_without_letters_are_no_traffic_and_not_good(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        write(connection, "idle", as_of - 60 * MINUTE, as_of - MINUTE, cells())
    tick(terminal)
    found = evidence(terminal, "idle", as_of)
    assert found["state"] == "no_traffic"
    assert found["availability"] is None
    assert found["budget"]["remaining"] is None
    assert set(found["percentiles"].values()) == {None}
    assert found["status"] == {"availability": "NO_DATA", "latency": "NO_DATA"}


def test_as_of_shows_what_was_known_of_the_past(store: Store, terminal: Terminal, as_of: datetime):
    with serving(store) as connection:
        write(connection, "search", as_of - 60 * MINUTE, as_of - 31 * MINUTE, cells(c41=100))
        write(connection, "search", as_of - 30 * MINUTE, as_of - MINUTE, cells(c41=90), errors=10)
    tick(terminal)
    before = evidence(terminal, "search", as_of - 30 * MINUTE, "30m")
    assert (before["letters"], before["errors"], before["availability"]) == (3_000, 0, 1)
    assert evidence(terminal, "search", as_of, "30m")["errors"] == 300
    assert evidence(terminal, "search", as_of - 2 * 60 * MINUTE)["state"] == "no_data"


def test_evidence_of_every_service_is_a_list(store: Store, terminal: Terminal, as_of: datetime):
    assert json.loads(terminal("evidence", "reliability", "--format", "json").stdout) == []
    with serving(store) as connection:
        for service in ("b", "a"):
            write(connection, service, as_of - MINUTE, as_of - MINUTE, cells(c41=100))
    tick(terminal)
    found = json.loads(terminal("evidence", "reliability", "--format", "json").stdout)
    assert [report["service"] for report in found] == ["a", "b"]


def promise(store: Store, service: str, minimum: str, *, measure: str = "availability") -> None:
    """A goal with one criterion: availability of at least so much by the end of the century."""
    with store.engine(Role.APP).begin() as connection:
        connection.execute(
            text(
                "insert into team.goal (goal_id, service, title, starts_on, due_on) values "
                "(:service || '-goal', :service, 'A goal', '2026-01-01', '2099-12-31')"
            ),
            {"service": service},
        )
        connection.execute(
            text(
                "insert into team.criterion values "
                "(:service || '-up', :service || '-goal', 1, 'Always up', 'reliability')"
            ),
            {"service": service},
        )
        connection.execute(
            text(
                "insert into team.target values (:service || '-up', 'End', '2099-12-31', "
                ":measure, '>=', cast(:minimum as numeric), 'share')"
            ),
            {"service": service, "measure": measure, "minimum": minimum},
        )


def test_the_gate_closes_on_a_breach_and_on_nothing_else(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        first, last = as_of - 60 * MINUTE, as_of - MINUTE
        write(connection, "bad", first, last, cells(c41=9_980), errors=20)
        write(connection, "good", first, last, cells(c41=10_000))
    promise(store, "bad", "0.9981")
    promise(store, "good", "0.9999")
    tick(terminal)
    seen = ("--as-of", as_of.isoformat())

    assert terminal("verdicts", "--gate", *seen).exit_code == 1
    assert terminal("verdicts", *seen).exit_code == 0
    assert terminal("verdicts", "--gate", "--service", "good", *seen).exit_code == 0
    long_ago = (as_of - timedelta(days=100)).isoformat()
    assert terminal("verdicts", "--gate", "--as-of", long_ago).exit_code == 0  # no data: no breach


def test_a_verdict_as_json_carries_everything_that_it_rests_on(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        first, last = as_of - 60 * MINUTE, as_of - MINUTE
        write(connection, "bad", first, last, cells(c41=9_980), errors=20)
    promise(store, "bad", "0.9981")
    tick(terminal)

    result = terminal("verdicts", "--format", "json", "--as-of", as_of.isoformat())

    [verdict] = json.loads(result.stdout)
    seen = as_of.strftime("%Y-%m-%dT%H:%MZ")
    assert verdict | {"sentence": ""} == {
        "service": "bad",
        "criterion_id": "bad-up",
        "name": "Always up",
        "area": "reliability",
        "status": "BREACHED",
        "sentence": "",
        "evidence": [
            {
                "measure": "availability",
                "status": "BREACHED",
                "value": 0.998,
                "low": 0.998,
                "high": 0.998,
                "n": 600_000,
                "target": 0.9981,
                "operator": ">=",
                "unit": "share",
                "milestone": "End",
                "due_on": "2099-12-31",
            }
        ],
        "window": "30d",
        "as_of": seen,
        "data_through": (as_of - MINUTE).strftime("%Y-%m-%dT%H:%MZ"),
        "reasons": [],
        "settles": "",
    }
    assert verdict["sentence"].endswith(".")


def test_the_worker_keeps_the_verdicts_of_its_tick(
    store: Store, terminal: Terminal, as_of: datetime
):
    with serving(store) as connection:
        write(connection, "bad", as_of - 60 * MINUTE, as_of, cells(c41=9_980), errors=20)
    promise(store, "bad", "0.9981")
    tick(terminal)
    with store.engine(Role.APP).connect() as connection:
        kept = connection.execute(text("select service, criterion_id, status from team.verdict"))
        assert kept.all() == [("bad", "bad-up", "BREACHED")]


def test_a_tick_beside_a_leading_worker_says_who_leads(store: Store, terminal: Terminal):
    leadership = Leadership(store.engine(Role.WORKER))
    assert leadership.hold()
    result = terminal("worker", "--once")
    leadership.release()
    assert result.exit_code == 0
    assert result.stdout.startswith("Another worker leads")


@pytest.mark.parametrize("style", ["table", "markdown"])
def test_reports_are_tables_for_people(
    store: Store, terminal: Terminal, as_of: datetime, style: str
):
    with serving(store) as connection:
        write(connection, "se|arch\x1b[2J", as_of - 60 * MINUTE, as_of - MINUTE, cells(c41=100))
    promise(store, "se|arch\x1b[2J", "0.9999")
    tick(terminal)
    seen = ("--format", style, "--as-of", as_of.isoformat(), "--window", "1h")
    reliability, verdicts, check = (
        terminal(*command, *(seen if "check" not in command else seen[:4])).stdout
        for command in (("evidence", "reliability"), ("verdicts",), ("check",))
    )
    for printed in (reliability, verdicts, check):
        assert "\x1b" not in printed  # a name cannot steer the terminal
    if style == "markdown":
        assert "| page\\_fast | quiet | quiet |" in reliability
        assert "| Always up | on target | availability at least 99.99 % |" in verdicts
        assert "se\\|arch" in check
    else:
        assert re.search(r"^page_fast +quiet +quiet$", reliability, re.MULTILINE)
        assert re.search(r"^letters +6,000$", reliability, re.MULTILINE)
        assert re.search(r"^Always up +on target +availability at least", verdicts, re.MULTILINE)
        assert max(map(len, (reliability + verdicts + check).splitlines())) <= 120


def test_check_finds_cells_that_do_not_add_up(store: Store, terminal: Terminal, as_of: datetime):
    with serving(store) as connection:
        connection.execute(
            text(
                "insert into metrics.heartbeat values "
                "('search', 'inference', 'dc1-1', 'dc1', :start, :now, null)"
            ),
            {"start": as_of - 60 * MINUTE, "now": datetime.now(UTC)},
        )
        connection.execute(
            text(
                "insert into metrics.deployment (service, deployment_id, deployed_at, "
                "model_version, stage) values ('search', '1', :start, 'v1', 'production')"
            ),
            {"start": as_of - 60 * MINUTE},
        )
        write(connection, "search", as_of - 60 * MINUTE, as_of - MINUTE, cells(c41=100))
    tick(terminal)
    clean = terminal("check", "--service", "search")
    assert clean.exit_code == 0, clean.output

    with serving(store) as connection:
        connection.execute(
            text("update metrics.serving_minute set letters = 101, written_at = now()")
        )
    tick(terminal)
    found = terminal("check", "--service", "search", "--format", "json")
    assert found.exit_code == 1
    [finding] = json.loads(found.stdout)["findings"]
    assert finding["table"] == "serving_minute"
    assert finding["total"] == 60
    assert finding["change"]
    assert all("dc1-1" in example["key"] for example in finding["examples"])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["verdicts", "--window", "5x"], "such as 30d"),
        (["verdicts", "--as-of", "yesterday"], "such as 2026-06-01T12:00Z"),
        (["verdicts", "--format", "xml"], "json"),
        (["evidence", "charm"], "No such command"),
        (["demo", "nobody"], "newsletters"),
        (["up", "--port", "0"], "65535"),
    ],
)
def test_a_wrong_argument_is_named(terminal: Terminal, arguments: list[str], complaint: str):
    result = terminal(*arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr


@pytest.mark.parametrize("command", [["verdicts"], ["evidence", "reliability"], ["check"]])
def test_an_unknown_service_is_answered_with_the_known_ones(
    store: Store, terminal: Terminal, as_of: datetime, command: list[str]
):
    result = terminal(*command, "--service", "nope")
    assert result.exit_code == 2
    assert result.stderr == "No service is called nope. No service has written anything.\n"
    with serving(store) as connection:
        for service in ("letters", "search"):
            write(connection, service, as_of - MINUTE, as_of - MINUTE, cells(c41=1))
    result = terminal(*command, "--service", "nope")
    assert result.exit_code == 2
    assert result.stderr == (
        "No service is called nope. The known services are: letters and search.\n"
    )
    assert result.stdout == ""


EVERY = [["verdicts"], ["evidence", "reliability"], ["check"], ["worker", "--once"]]


@pytest.mark.parametrize("command", [*EVERY, ["migrate"], ["demo", "spambase"]])
def test_a_store_that_is_down_is_one_sentence_without_the_password(command: list[str]):
    address = f"postgresql://someone:open-sesame@127.0.0.1:{free_port()}/greenlight"
    done = subprocess.run(
        [sys.executable, ROOT / "cli.py", *command],
        env={"DATABASE_URL": address, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("The store does not answer: connection to server at")
    assert done.stderr.count("\n") == 1
    assert "sesame" not in done.stderr


def test_an_address_that_cannot_be_read_does_not_give_its_password_away():
    for address in (
        "postgresql://someone:open@sesame@127.0.0.1/greenlight",
        "postgresql://someone:secret@127.0.0.1:sesame/greenlight",
        "mysql://someone:sesame@127.0.0.1/greenlight",
        "sesame",
    ):
        result = run(address, "verdicts")
        assert result.exit_code == 3
        assert "postgresql" in result.stderr.lower()
        assert "sesame" not in result.output


@pytest.mark.parametrize("command", EVERY)
def test_a_store_without_a_schema_says_how_to_get_one(empty_database: URL, command: list[str]):
    result = run(empty_database.render_as_string(hide_password=False), *command)
    assert result.exit_code == 3
    assert result.stderr.startswith("The store has no schema yet")
    assert result.stderr.endswith("Run: python cli.py migrate\n")


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [("0002", "older than this code"), ("9999", "Update Greenlight: git pull && make run")],
)
@pytest.mark.parametrize("command", EVERY)
def test_a_schema_of_another_version_says_how_to_mend_it(
    store: Store, terminal: Terminal, command: list[str], revision: str, sentence: str
):
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text("update alembic_version set version_num = :it"), {"it": revision})
    result = terminal(*command)
    assert result.exit_code == 3
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_migrate_makes_an_empty_database_a_store(empty_database: URL):
    address = empty_database.render_as_string(hide_password=False)
    first, again = run(address, "migrate"), run(address, "migrate")
    assert first.exit_code == again.exit_code == 0
    assert first.stdout == again.stdout
    assert re.fullmatch(r"The store is at revision \d{4}\.\n", first.stdout)
    assert run(address, "verdicts").stdout == "No service has written anything yet.\n"


def test_a_login_that_may_not_take_a_role_is_refused_in_a_sentence(store: Store, database: URL):
    name = f"stranger_{database.database}"
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(text(f"create role \"{name}\" login password 'open-sesame'"))
        connection.execute(text(f'grant select on alembic_version to "{name}"'))
    address = database.set(username=name, password="open-sesame")
    try:
        result = run(address.render_as_string(hide_password=False), "verdicts")
    finally:
        with store.engine(Role.OWNER).begin() as connection:
            connection.execute(text(f'drop owned by "{name}"'))
            connection.execute(text(f'drop role "{name}"'))
    assert result.exit_code == 3
    assert result.stderr == ('The store refuses: permission denied to set role "greenlight_app".\n')


def test_the_address_is_printed_for_a_role_and_without_a_password(database: URL):
    address = database.set(password="open sesame+").render_as_string(hide_password=False)
    result = run(address, "url", "--role", "serving")
    assert result.exit_code == 0
    assert result.stdout.startswith("postgresql://")
    assert "options=-crole%3Dgreenlight_serving" in result.stdout
    assert "sesame" not in result.output
    assert result.stderr == "The password is left out: set PGPASSWORD.\n"


def test_psql_works_as_the_role_and_hands_on_its_exit_code(database: URL):
    def psql(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, ROOT / "cli.py", "psql", "--role", "serving", "--", *arguments],
            env={
                "DATABASE_URL": database.render_as_string(hide_password=False),
                "PATH": "/usr/bin",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    assert psql("-Atc", "select current_user").stdout == "greenlight_serving\n"
    assert psql("-c", "delete from metrics.heartbeat").returncode == 1


def test_help_imports_nothing_heavy():
    heavy = ("numpy", "pandas", "sqlalchemy", "psycopg2", "streamlit", "sklearn", "alembic")
    program = f"import cli, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_demo_that_help_offers_is_the_demo_there_is():
    assert cli.DEMOS == SERVICES
