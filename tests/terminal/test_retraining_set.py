"""Retraining sets on the terminal: made, listed, exported, and letters withdrawn from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from db.engine import Role, Store
from db.terminal import Surroundings
from db.terminal.retraining_set import retraining_set
from tests.db.team.report_rows import REPORTED, Report, put_reports

Terminal = Callable[..., Result]
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
_CONFIRM = text("""
    insert into team.report_review (service, group_id, reviewer, verdict, stage, blind, drawn,
        group_version, exemplar, reports, request_id, decided_at)
    select service, group_id, stage, 'confirm', stage, true, 'order', version, exemplar, 1,
        stage || group_id, :at
    from team.report_group, unnest(array['first', 'second']) as stage
    where exemplar <> 'waits'""")


@pytest.fixture
def sets(store: Store) -> Terminal:
    """Runs a command on a store with two confirmed groups; every command comes a minute later."""
    app = store.engine(Role.APP)
    letters = [
        Report("a", "g", text="one"),
        Report("b", "g", text="two"),
        Report("c"),
        Report("waits"),
    ]
    put_reports(app, "mail", letters)
    with app.begin() as connection:
        connection.execute(_CONFIRM, {"at": REPORTED + timedelta(days=1)})

    @contextmanager
    def opened() -> Iterator[Store]:
        yield store

    minutes = iter(range(1000))
    around = Surroundings(opened, lambda: NOW + timedelta(minutes=next(minutes)))

    def run(*arguments: str, typed: str = "") -> Result:
        result = CliRunner().invoke(retraining_set, arguments, input=typed, obj=around)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return run


def make(sets: Terminal, *more: str) -> Result:
    return sets("make", "--service", "mail", "--by", "Анна", *more)


def withdraw(sets: Terminal, *letters: str, typed: str = "") -> Result:
    told = ("--service", "mail", "--by", "Вера", "--reason", "asked by mail")
    return sets("withdraw", *told, *letters, typed=typed)


def test_a_preview_says_what_would_be_made(sets: Terminal):
    done = make(sets, "--preview")
    assert done.exit_code == 0
    assert "mail-1 would hold 3 letters of 2 groups." in done.output
    assert "Their groups are not decided yet." in done.output
    found = json.loads(make(sets, "--preview", "--format", "json").output)
    assert (found["set"], found["counts"]["exported"]) == ("mail-1", 3)
    assert "No retraining set of mail" in sets("list", "--service", "mail").output


def test_a_set_is_made_and_listed(sets: Terminal):
    assert "mail-1: 3 letters of 2 groups, confirmed by 2 reviewers." in make(sets).output
    (found,) = json.loads(sets("list", "--service", "mail", "--format", "json").output)
    assert (found["set"], found["created_by"], found["letters"]) == ("mail-1", "Анна", 3)
    early = sets("list", "--service", "mail", "--as-of", "2026-06-01T00:00Z")
    assert "No retraining set of mail has been made." in early.output


def test_a_set_of_nothing_new_is_refused_in_a_sentence(sets: Terminal):
    make(sets)
    refused = make(sets)
    assert refused.exit_code == 2
    assert refused.output.startswith("Nothing is new: every confirmed group is in an earlier set.")
    assert "mail-2" in make(sets, "--cumulative").output


def test_wrong_settings_are_named(sets: Terminal):
    refused = make(sets, "--test-percent", "95", "--variants", "0")
    assert refused.exit_code == 2
    assert refused.output.splitlines() == [
        "test_percent: Must be a whole number from 0 to 90, and is 95.",
        "variants: Must be a whole number from 1 to 10000, and is 0.",
    ]


def test_a_set_is_exported_to_a_folder_and_verified_the_second_time(sets: Terminal, tmp_path: Path):
    make(sets)
    arguments = ("export", "mail-1", "--service", "mail", "--to", str(tmp_path / "set"))
    assert "mail-1 exported" in sets(*arguments).output
    assert json.loads((tmp_path / "set/manifest.json").read_bytes())["letters"] == 3
    again = sets(*arguments)
    assert "was there, and every file is whole" in again.output
    assert "  data/train-00000-of-00001.parquet" in again.output


def test_a_set_is_exported_here_under_its_name(
    sets: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    make(sets)
    monkeypatch.chdir(tmp_path)
    assert sets("export", "mail-1", "--service", "mail").exit_code == 0
    assert (tmp_path / "mail-1/README.md").is_file()


def test_letters_are_withdrawn_and_the_set_names_its_successor(sets: Terminal, tmp_path: Path):
    make(sets)
    done = withdraw(sets, "a", "--from", "-", typed="b\n\n")
    assert "Letters withdrawn: 2; withdrawn before: 0; reports erased: 2." in done.output
    assert "mail-1 is replaced by mail-1.1" in done.output
    assert "2 withdrawn: use mail-1.1" in sets("list", "--service", "mail").output
    refused = sets("export", "mail-1", "--service", "mail", "--to", str(tmp_path / "set"))
    assert refused.exit_code == 2
    assert "take mail-1.1" in refused.output


def test_an_unknown_letter_is_refused(sets: Terminal):
    refused = withdraw(sets, "who")
    assert refused.exit_code == 2
    assert "called who. Nothing was erased." in refused.output
