"""Each process works under a role that may do what it needs and no more."""

from collections.abc import Iterator
from datetime import date

import psycopg2.errors
import pytest
from sqlalchemy import URL, Engine, text
from sqlalchemy.exc import ProgrammingError

from db.engine import Role, Store
from tests.conftest import open_store

TABLES = text("""
    select relnamespace::regnamespace || '.' || relname from pg_class
    where relnamespace in ('metrics'::regnamespace, 'rollup'::regnamespace, 'team'::regnamespace)
      and relkind in ('r', 'p')
    order by 1
""")
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
READ = {"SELECT"}
WRITE = {"SELECT", "INSERT", "UPDATE"}
KEEP = {"SELECT", "INSERT", "UPDATE", "DELETE"}

#: What a role holds on every table of a schema.
GRANTED: dict[Role, dict[str, set[str]]] = {
    Role.SERVING: {"metrics": WRITE, "rollup": set(), "team": set()},
    Role.APP: {"metrics": READ, "rollup": READ, "team": KEEP},
    Role.WORKER: {"metrics": READ, "rollup": KEEP, "team": KEEP},
}
#: Logs of what people decided: added to, and left as they were written.
APPEND = {"SELECT", "INSERT"}
APPEND_ONLY = (
    "team.experiment_amendment",
    "team.experiment_decision",
    "team.alert_transition",
    "team.alert_acknowledgement",
    "team.alert_act",
    "team.incident_note",
    "team.incident_alert",
    "team.audit",
    "team.report_review",
    "team.report_review_undo",
    "team.report_second_opinion",
    "team.retraining_set",
    "team.retraining_set_letter",
    "team.withdrawal",
    "team.review_pack",
    "team.review_file",
    "team.baseline",
    "team.baseline_task",
)
#: Who may use the dashboard is kept by the web server alone, and nobody is ever forgotten.
OF_MEMBERS = ("team.member", "team.sign_out")

ROW = "'s', '2026-06-01T12:00Z', 'dc', 'i', 'v', 0, 0, 0, array_fill(0, array[162])"
UPSERT = (
    f"insert into metrics.serving_minute values ({ROW}) on conflict (service, minute, datacenter, "
    "instance, model_version) do update set letters = excluded.letters, "
    "latency = excluded.latency, written_at = now()"
)
BEAT = (
    "insert into metrics.heartbeat values ('s', 'inference', 'i', '', now(), now(), null) "
    "on conflict (service, component, instance) do update set beat_at = excluded.beat_at"
)
GOAL = (
    "insert into team.goal (goal_id, service, title, starts_on, due_on) "
    "values ('g', 's', 't', '2026-01-01', '2026-12-31')"
)
LIFE = "insert into rollup.lifetime values ('s', 'inference', '', 'i', now(), now(), null)"

MAY = [
    (Role.SERVING, UPSERT),
    (Role.SERVING, BEAT),
    (Role.SERVING, "update metrics.deployment set note = 'n'"),
    (Role.SERVING, "select count(*) from metrics.serving_minute"),
    (Role.SERVING, "select version_num from alembic_version"),
    (Role.APP, "select count(*) from metrics.serving_minute"),
    (Role.APP, "select count(*) from rollup.serving_hour"),
    (Role.APP, GOAL),
    (Role.APP, "update team.goal set title = 'u'"),
    (Role.APP, "delete from team.goal"),
    (Role.APP, "select version_num from alembic_version"),
    (Role.WORKER, "select count(*) from metrics.serving_minute"),
    (Role.WORKER, LIFE),
    (Role.WORKER, "update rollup.worker set leader = 'me'"),
    (Role.WORKER, "delete from rollup.serving_minute"),
    (Role.WORKER, GOAL),
    (Role.WORKER, "select rollup.create_day('2026-06-01')"),
    (Role.WORKER, "select rollup.drop_day('2026-06-01')"),
    (Role.WORKER, "select rollup.clear_strays(now(), now())"),
    (Role.WORKER, "select version_num from alembic_version"),
]

MAY_NOT = [
    (Role.SERVING, "delete from metrics.serving_minute"),
    (Role.SERVING, "delete from metrics.heartbeat"),
    (Role.SERVING, "truncate metrics.serving_minute"),
    (Role.SERVING, "select * from team.goal"),
    (Role.SERVING, GOAL),
    (Role.SERVING, "select * from rollup.serving_hour"),
    (Role.SERVING, LIFE),
    (Role.SERVING, "create table metrics.mine ()"),
    (Role.SERVING, "create table public.mine ()"),
    (Role.SERVING, "create schema mine"),
    (Role.SERVING, "alter table metrics.heartbeat add column mine text"),
    (Role.SERVING, "drop table metrics.heartbeat"),
    (Role.SERVING, "select rollup.create_day('2026-06-01')"),
    (Role.SERVING, "update alembic_version set version_num = '0001'"),
    (Role.SERVING, "create role mine"),
    (Role.APP, UPSERT),
    (Role.APP, BEAT),
    (Role.APP, "update metrics.deployment set note = 'n'"),
    (Role.APP, "delete from metrics.serving_minute"),
    (Role.APP, LIFE),
    (Role.APP, "update rollup.worker set leader = 'me'"),
    (Role.APP, "delete from rollup.serving_hour"),
    (Role.APP, "create table team.mine ()"),
    (Role.APP, "create table public.mine ()"),
    (Role.APP, "create schema mine"),
    (Role.APP, "drop table team.goal"),
    (Role.APP, "select rollup.create_day('2026-06-01')"),
    (Role.APP, "select rollup.drop_day('2026-06-01')"),
    (Role.APP, "select rollup.clear_strays(now(), now())"),
    (Role.APP, "select rollup.begin_settling()"),
    (Role.APP, "update alembic_version set version_num = '0001'"),
    (Role.APP, "create role mine"),
    (Role.WORKER, UPSERT),
    (Role.WORKER, BEAT),
    (Role.WORKER, "update metrics.serving_minute set letters = 0"),
    (Role.WORKER, "delete from metrics.serving_minute"),
    (Role.WORKER, "drop table metrics.serving_minute"),
    (Role.WORKER, "drop table metrics.serving_minute_default"),
    (Role.WORKER, "create table metrics.mine ()"),
    (Role.WORKER, "create table rollup.mine ()"),
    (Role.WORKER, "create table public.mine ()"),
    (Role.WORKER, "alter table rollup.worker add column mine text"),
    (Role.WORKER, "truncate rollup.serving_hour"),
    (Role.WORKER, "update alembic_version set version_num = '0001'"),
    (Role.WORKER, "create role mine"),
]


@pytest.fixture(scope="module")
def engines(kept_database: URL) -> Iterator[dict[Role, Engine]]:
    """Engines by role on a migrated store in which this module's tests leave nothing behind."""
    with open_store(kept_database) as opened:
        yield {role: opened.engine(role) for role in Role}


def _run(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
        connection.rollback()


def _name(case: object) -> str:
    return str(case)


@pytest.mark.parametrize(("role", "statement"), MAY, ids=_name)
def test_a_role_may_do_what_its_process_does(
    engines: dict[Role, Engine], role: Role, statement: str
) -> None:
    _run(engines[role], statement)


@pytest.mark.parametrize(("role", "statement"), MAY_NOT, ids=_name)
def test_a_role_is_refused_what_is_not_its_business(
    engines: dict[Role, Engine], role: Role, statement: str
) -> None:
    with pytest.raises(ProgrammingError) as refusal:
        _run(engines[role], statement)
    assert isinstance(refusal.value.orig, psycopg2.errors.InsufficientPrivilege)


def _held(owner: Engine, role: Role, table: str) -> set[str]:
    with owner.connect() as connection:
        return {
            right
            for right in RIGHTS
            if connection.execute(
                text("select has_table_privilege(:role, :table, :right)"),
                {"role": role.value, "table": table, "right": right},
            ).scalar_one()
        }


@pytest.mark.parametrize("role", list(GRANTED))
def test_a_role_holds_exactly_its_rights_on_every_table(
    engines: dict[Role, Engine], role: Role
) -> None:
    with engines[Role.OWNER].connect() as connection:
        tables = connection.execute(TABLES).scalars().all()
    assert len(tables) > 20
    held = {table: _held(engines[Role.OWNER], role, table) for table in tables}
    wanted = {table: GRANTED[role][table.split(".")[0]] for table in tables}
    for table in APPEND_ONLY:
        wanted[table] = wanted[table] & APPEND
    for table in OF_MEMBERS:
        wanted[table] = wanted[table] & (READ if role is Role.WORKER else WRITE)
    assert held == wanted


def test_a_day_made_by_the_worker_is_read_by_those_who_read_and_written_through_its_parent_only(
    store: Store,
) -> None:
    with store.engine(Role.WORKER).begin() as connection:
        connection.execute(text("select rollup.create_day(:day)"), {"day": date(2026, 6, 1)})
    day = "metrics.serving_minute_20260601"
    owner = store.engine(Role.OWNER)
    assert _held(owner, Role.SERVING, day) == set()
    assert _held(owner, Role.APP, day) == READ
    assert _held(owner, Role.WORKER, day) == READ
    with store.engine(Role.SERVING).begin() as connection:
        connection.exec_driver_sql(UPSERT)
        connection.exec_driver_sql(UPSERT)


@pytest.mark.parametrize("role", list(GRANTED))
def test_a_role_has_no_rights_beyond_its_tables(engines: dict[Role, Engine], role: Role) -> None:
    with engines[Role.OWNER].connect() as connection:
        attributes = connection.execute(
            text(
                "select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, "
                "exists (select from pg_auth_members where member = pg_roles.oid) "
                "from pg_roles where rolname = :role"
            ),
            {"role": role.value},
        ).one()
    assert tuple(attributes) == (False,) * 6
