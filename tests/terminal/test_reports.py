"""What reports have in common: tables for people, services by name, and the contract check."""

import json
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from db.engine import Store
from tests.terminal.minutes import MINUTE, cells, promise, serving, tick, write
from tests.terminal.running import Terminal


def test_evidence_of_every_service_is_a_list(store: Store, terminal: Terminal, as_of: datetime):
    assert json.loads(terminal("evidence", "reliability", "--format", "json").stdout) == []
    with serving(store) as connection:
        for service in ("b", "a"):
            write(connection, service, as_of - MINUTE, as_of - MINUTE, cells(c41=100))
    tick(terminal)
    found = json.loads(terminal("evidence", "reliability", "--format", "json").stdout)
    assert [report["service"] for report in found] == ["a", "b"]


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
