"""The guard in front of the store: whoever forgets to ask is refused all the same."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, TextClause, text
from sqlalchemy.exc import DBAPIError

import db.team
from core.access import OPEN, Person, Role
from core.experiment.settings import default_definition
from core.oncall import on_duty
from db.engine import Role as DatabaseRole
from db.engine import Store
from db.readers.oncall import SqlOnCallReader
from db.readers.snapshot import snapshot
from db.team.alert_silences import end_silence, silence
from db.team.experiments import amend, create
from db.team.guard import NAMED, NAMES, NotAllowedError, guard, on_behalf_of, refused, unseen
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


def test_nobody_ends_a_silence_that_hides_alerts_of_other_services(writing: Engine):
    mara = Person("mara@example.org", "Mara", Role.MANAGER)

    def quiet(**matchers: str) -> int:
        given = {"matchers": matchers, "reason": "r", "ends_at": NINE + timedelta(hours=1)}
        made = silence(writing, given, by="Mara", at=NINE, request_id=repr(matchers))
        return made.silence_id

    with on_behalf_of(mara):
        ours, theirs, everybodys = (
            quiet(service="mail"),
            quiet(service="search"),
            quiet(severity="page"),
        )
    with on_behalf_of(LIMITED):
        for number in (theirs, everybodys):
            with pytest.raises(NotAllowedError, match="other services"):
                end_silence(writing, number, by="Глеб", at=NINE)
        assert end_silence(writing, ours, by="Глеб", at=NINE).ended_by == "Глеб"


def test_what_somebody_else_has_frozen_is_amended_and_stays_theirs(writing: Engine):
    boris = Person("boris@example.org", "Борис", Role.MANAGER)
    begun = default_definition("mail", "new", ("a", "b"), date(2026, 6, 10))
    wanted = replace(begun, s_plan=0.02, assumption="last year")
    with on_behalf_of(boris):
        seen = create(writing, wanted, by="Борис", at=NINE)
    with on_behalf_of(replace(ANNA, role=Role.MANAGER)):
        changed = replace(seen, note="longer")
        amended = amend(writing, seen, changed, by="Анна", at=NINE, reason="")
        assert amended.frozen_by == "Борис"
        again = amend(
            writing, amended, replace(amended, s_plan=0.03), by="Анна", at=NINE, reason=""
        )
    assert again.frozen_by == "Анна"


def test_where_nobody_signs_in_any_name_and_any_service_passes(writing: Engine):
    with on_behalf_of(OPEN):
        rota(writing, by="Whoever", service="search")


@pytest.mark.parametrize("name", [*sorted(NAMES), "by_1", "changed_by__0", "reviewer__12"])
def test_every_way_to_say_who_writes_is_looked_at(name: str):
    assert refused(ANNA, {name: "Борис", "at": date(2026, 6, 1)})
    assert not refused(ANNA, {name: "Анна"})
    assert not refused(ANNA, {name: ""})  # nobody's: an escalation that fell due


def test_services_are_looked_at_one_by_one_and_by_every_name():
    for name in ("service", "service_1", "services", "service__3"):
        assert unseen(LIMITED, {name: "search"})
        assert not unseen(LIMITED, {name: "mail"})
    assert unseen(LIMITED, {"services": ["mail", "search"]})
    assert not unseen(LIMITED, {"services": []})
    assert unseen(LIMITED, {"service": ""})  # everybody's


def test_a_statement_whose_parameters_have_no_names_passes_neither_way(
    reading: Engine, writing: Engine
):
    for engine in (reading, writing):
        with (
            on_behalf_of(LIMITED),
            engine.connect() as connection,
            pytest.raises(NotAllowedError, match="have to have names"),
        ):
            connection.exec_driver_sql("select %s", ("search",))


#: How a column is called that holds a person's name.
WHO = re.compile(r"author|reviewer|approver|owner|who|by|person|decider|assignee|\w+_by")


def test_every_column_that_names_a_person_is_tied_or_known_to_name_others(store: Store):
    columns = text("""
        select distinct column_name from information_schema.columns
        where table_schema = 'team' and data_type = 'text'""")
    with store.engine(DatabaseRole.OWNER).connect() as connection:
        found = {name for name in connection.execute(columns).scalars() if WHO.fullmatch(name)}
    assert len(found) > 20
    # Of an alert, `inhibited_by` is the alert that keeps it quiet.
    assert found - NAMES - NAMED == {"inhibited_by"}


def test_no_statement_says_who_by_a_parameter_that_the_guard_does_not_know():
    """Those that SQLAlchemy makes call their parameters as the columns are called."""
    looked_at, strays = set(), []
    for module in pkgutil.walk_packages(db.team.__path__, "db.team."):
        for statement in vars(importlib.import_module(module.name)).values():
            if not isinstance(statement, TextClause):
                continue
            for column, value in filled(statement.text):
                named = set(re.findall(r"(?<!:):(\w+)", value))
                looked_at.add(column)
                if not named <= (NAMES | {column} if column in NAMED else NAMES):
                    strays.append(f"{module.name}: {column} = {value}")
    assert {"author", "decided_by", "frozen_by", "reviewer", "withdrawn_by"} <= looked_at
    assert strays == []


def test_the_walk_over_the_statements_sees_a_parameter_of_another_name():
    added = "insert into team.t as t (a, made_by) values (coalesce(:a, 1), :whoever) returning a"
    assert list(filled(added)) == [("made_by", ":whoever")]
    changed = "update team.t set a = greatest(:a, 2), made_by = :whoever where a = :b"
    assert list(filled(changed)) == [("made_by", ":whoever")]


def filled(statement: str) -> Iterator[tuple[str, str]]:
    """The columns of people that a statement fills, and what with."""
    said = " ".join(statement.split())
    pairs: list[tuple[str, str]] = []
    for found in re.finditer(
        r"insert into team\.\w+(?: as \w+)? \(([^()]*)\) (?:values \(|select )", said
    ):
        pairs += zip(parts(found[1]), parts(said[found.end() :]), strict=False)
    if re.search(r"(^| )update (team\.|set )", said):
        pairs += re.findall(
            r"(\w+) = ((?:\w+\([^()]*\)|[^,()])+?)(?= where |,|$| from | returning )", said
        )
    return (pair for pair in pairs if WHO.fullmatch(pair[0]))


def parts(listed: str) -> list[str]:
    """What commas tell apart, up to the bracket that ends it."""
    found, depth = [""], 0
    for sign in listed:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            break
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [one.strip() for one in found]


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
