"""The guard in front of the store: whoever forgets to ask is refused all the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, text
from sqlalchemy.exc import DBAPIError

from core.access import OPEN, Person, Role
from core.oncall import on_duty
from db.engine import Role as DatabaseRole
from db.engine import Store
from db.readers.oncall import SqlOnCallReader
from db.readers.snapshot import snapshot
from db.team.alert_silences import silence
from db.team.guard import NotAllowedError, guard, on_behalf_of, refused
from db.team.members import sign_out
from db.team.rotas import save_rota
from tests.conftest import open_store

ROOT = Path(__file__).parents[3]
NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
FORM: dict[str, Any] = {
    "zone": "UTC",
    "handover_weekday": 0,
    "handover_time": "10:00",
    "starts_on": "2026-06-01",
    "members": ["Анна"],
    "escalate_after_minutes": 15,
}
ANNA = Person("anna@example.org", "Анна", Role.ON_CALL)
LIMITED = Person("gleb@example.org", "Глеб", Role.ON_CALL, ("mail",))


@pytest.fixture
def store(database: URL) -> Iterator[Store]:
    with open_store(database) as opened:
        yield opened


@pytest.fixture
def reading(store: Store) -> Engine:
    return guard(store.engine(DatabaseRole.APP), writes=False)


@pytest.fixture
def writing(store: Store) -> Engine:
    return guard(store.engine(DatabaseRole.APP), writes=True)


def rota(store: Engine, *, by: str, service: str = "mail") -> None:
    save_rota(store, service, None, FORM, by=by, at=NINE)


def test_what_reads_cannot_write_whatever_it_tries(reading: Engine):
    for statement in (
        "insert into team.sign_out values ('a@b.c', now())",
        "update team.member set role = 'admin'",
        "delete from team.rota",
        "select setval('team.report_draw', 7)",
        "create temporary table mine (one integer)",
    ):
        with pytest.raises(DBAPIError), on_behalf_of(OPEN), reading.begin() as connection:
            connection.execute(text(statement))
    with pytest.raises(DBAPIError, match="read-only"), on_behalf_of(OPEN):
        sign_out(reading, "a@b.c", at=NINE)


def test_what_reads_reads(reading: Engine, writing: Engine):
    with on_behalf_of(ANNA):
        rota(writing, by="Анна")
        with snapshot(reading) as connection:
            assert on_duty(SqlOnCallReader(connection), "mail", NINE).rota is not None


def test_without_a_person_nothing_passes(reading: Engine, writing: Engine):
    for engine in (reading, writing):
        with pytest.raises(NotAllowedError), engine.connect() as connection:
            connection.execute(text("select 1"))


def test_the_person_is_gone_when_the_act_is_over(writing: Engine):
    with on_behalf_of(ANNA):
        rota(writing, by="Анна")
    with pytest.raises(NotAllowedError):
        rota(writing, by="Анна")


def test_nobody_writes_in_the_name_of_somebody_else(store: Store, writing: Engine):
    with on_behalf_of(ANNA), pytest.raises(NotAllowedError, match="somebody else"):
        rota(writing, by="Борис")
    with store.engine(DatabaseRole.APP).connect() as connection:
        assert connection.execute(text("select count(*) from team.rota")).scalar_one() == 0


def test_nobody_writes_or_reads_a_service_that_is_not_theirs(reading: Engine, writing: Engine):
    with on_behalf_of(LIMITED):
        rota(writing, by="Глеб")
        with pytest.raises(NotAllowedError, match="no such service"):
            rota(writing, by="Глеб", service="search")
        with pytest.raises(NotAllowedError, match="no such service"):
            SqlOnCallReader(reading).rota("search", NINE)


def test_a_silence_reaches_no_service_that_is_not_theirs(writing: Engine):
    def quiet(**matchers: str) -> None:
        given = {"matchers": matchers, "reason": "r", "ends_at": NINE + timedelta(hours=1)}
        silence(writing, given, by="Глеб", at=NINE, request_id=repr(matchers))

    with on_behalf_of(LIMITED):
        quiet(service="mail", severity="page")
        for matchers in ({"severity": "page"}, {"service": "search"}):
            with pytest.raises(NotAllowedError, match="other services"):
                quiet(**matchers)


def test_where_nobody_signs_in_any_name_and_any_service_passes(writing: Engine):
    with on_behalf_of(OPEN):
        rota(writing, by="Whoever", service="search")


@pytest.mark.parametrize("name", ["by", "changed_by", "author", "reviewer"])
def test_every_way_to_say_who_writes_is_looked_at(name: str):
    assert refused(ANNA, {name: "Борис", "at": date(2026, 6, 1)})
    assert not refused(ANNA, {name: "Анна"})
    assert not refused(ANNA, {name: ""})  # nobody's: an escalation that fell due


def calls(module: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def pages() -> list[Path]:
    return sorted((ROOT / "pages").rglob("*.py"))


def test_no_page_has_a_road_to_the_store_but_asking_and_acting():
    """An engine is made in one module, and the one that writes is handed out in one function."""
    makers, writers = [], []
    for module in pages():
        path = module.relative_to(ROOT).as_posix()
        for call in calls(module):
            said = ast.unparse(call.func)
            if said.split(".")[-1] in {"Store", "create_engine"} or said.endswith(").engine"):
                makers.append(path)
            if said == "_writer":
                writers.append(path)
            assert not said.startswith("psycopg2."), path
    assert set(makers) == {"pages/parts/data/store.py"}
    assert writers == ["pages/parts/data/store.py"]


def test_everything_that_pages_take_from_the_writers_is_done_by_an_act():
    """A function of db.team that takes the store is called within what is handed to an act."""
    strays = []
    for module in pages():
        tree = ast.parse(module.read_text(encoding="utf-8"))
        writers = {
            name.asname or name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("db.team.")
            for name in node.names
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called, first = ast.unparse(node.func), ast.unparse(node.args[0])
            if called in writers and first in {"data.engine()", "engine()"}:
                strays.append(f"{module.name}: {ast.unparse(node)}")
    assert strays == []
