"""Experiments on the terminal: their evidence, and definitions from a file."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from sqlalchemy import text

from db.engine import Role, Store

Terminal = Callable[..., Result]
START = date(2026, 5, 4)
AS_OF = datetime(2026, 5, 25, 12, tzinfo=UTC)
WANTED = {
    "service": "mail",
    "experiment": "next",
    "variants": [{"name": "control", "share": 0.5}, {"name": "treatment", "share": 0.5}],
    "control": "control",
    "starts_on": "2199-01-07",
    "minimum_days": 14,
    "planned_days": 28,
    "primary": {"metric": "complaints_per_letter", "margin": -0.05, "direction": "down"},
    "guardrails": [],
}


@pytest.fixture
def running(store: Store) -> Store:
    """Three weeks of a test whose treatment has 20 % fewer complaints."""
    draw = np.random.default_rng(7)
    insert = text(
        "insert into metrics.experiment_bucket_day (service, experiment, variant, day, bucket, "
        "new_users, active_users, letters, complaints, sessions, session_seconds, revenue) "
        "select 'mail', 'folder', :variant, :day, bucket - 1, 20, 60, 1500, complaints, 100, "
        "6000, 30 from unnest(cast(:complaints as int[])) with ordinality as t (complaints, bucket)"
    )
    with store.engine(Role.SERVING).begin() as connection:
        for number in range(21):
            for variant, rate in (("control", 30.0), ("treatment", 24.0)):
                connection.execute(
                    insert,
                    {
                        "variant": variant,
                        "day": START + timedelta(days=number),
                        "complaints": draw.poisson(rate, 500).tolist(),
                    },
                )
    return store


def asked(terminal: Terminal, *arguments: str) -> Result:
    return terminal(
        *("evidence", "experiment", "--service", "mail", "--as-of", AS_OF.isoformat()), *arguments
    )


def test_the_verdict_is_in_the_evidence(running: Store, terminal: Terminal) -> None:
    found = json.loads(asked(terminal, "--format", "json").stdout)
    assert found["verdict"] == "met"
    assert found["days"] == 21
    assert found["always_valid"]["low"] < -0.2 < found["always_valid"]["high"]
    assert found["fixed"]["high"] < found["always_valid"]["high"] < -0.05
    assert found["srm"]["verdict"] == "ok"
    assert found["definition"]["is_default"]


def test_people_read_it_as_a_sentence(running: Store, terminal: Terminal) -> None:
    shown = asked(terminal).stdout
    assert "mail: Met" in shown
    assert "Nobody defined this experiment" in shown


def test_an_unknown_experiment_is_refused_with_the_known_ones(
    running: Store, terminal: Terminal
) -> None:
    result = asked(terminal, "--experiment", "folders")
    assert result.exit_code == 2
    assert "folder" in result.output


def test_a_file_defines_an_experiment_once(
    store: Store, terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "next.json"
    file.write_text(json.dumps(WANTED))
    first = terminal("experiment", "define", str(file), "--by", "Анна")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["revision"] == 1
    assert terminal("experiment", "define", str(file), "--by", "Анна").exit_code == 0
    file.write_text(json.dumps(WANTED | {"planned_days": 35}))
    second = terminal("experiment", "define", str(file), "--by", "Boris")
    assert second.exit_code == 2
    assert "Анна" in second.output


def test_every_wrong_field_is_named_and_nothing_is_stored(
    store: Store, terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "next.json"
    wrong = {"minimum_days": 40, "control": "nobody", "colour": "red"}
    file.write_text(json.dumps(WANTED | wrong))
    result = terminal("experiment", "define", str(file), "--by", "Anna")
    assert result.exit_code == 2
    for field in wrong:
        assert field in result.output
    with store.engine(Role.APP).connect() as connection:
        assert connection.execute(text("select count(*) from team.experiment")).scalar_one() == 0


def test_what_is_no_json_is_refused_with_its_place(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "next.json"
    file.write_text('{"service": ')
    result = terminal("experiment", "define", str(file), "--by", "Anna")
    assert result.exit_code == 2
    assert "is not JSON" in result.output
