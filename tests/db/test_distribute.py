"""`cli.py distribute`, on a real server whose Citus only writes down what it is asked.

The stand-in has the extension's row in the catalogue and its functions by their own names; it
refuses what Citus refuses outright. That a cluster then works is not shown here.
"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from db import distribute
from db.engine import Role, Store
from tests.terminal.conftest import Terminal, terminal

__all__ = ["terminal"]  # a fixture

STAND_IN = """
create table public.asked (nth integer generated always as identity, call text);
create table public.citus_tables (table_name regclass primary key, citus_table_type text,
    distribution_column text);
create table public.pg_dist_object (classid oid, objid oid);
grant select on public.citus_tables, public.pg_dist_object to public;

create function public.create_distributed_table(of_table regclass, by text) returns void
language plpgsql as $$
begin
    if exists (select from public.citus_tables where table_name = of_table) then
        raise 'table % is already distributed', of_table;
    end if;
    if exists (select from pg_index where indrelid = of_table and indisunique and not exists (
            select from pg_attribute where attrelid = of_table and attname = by
                and attnum = any(indkey))) then
        raise 'cannot create constraint on %', of_table;
    end if;
    insert into public.asked (call) values (format('distribute %s by %s', of_table, by));
    insert into public.citus_tables values (of_table, 'distributed', by);
    insert into public.citus_tables
        select inhrelid, 'distributed', by from pg_inherits where inhparent = of_table;
end $$;

create function public.create_reference_table(of_table regclass) returns void
language plpgsql as $$
begin
    if exists (select from public.citus_tables where table_name = of_table) then
        raise 'table % is already distributed', of_table;
    end if;
    insert into public.asked (call) values (format('copy %s to every node', of_table));
    insert into public.citus_tables values (of_table, 'reference', '<none>');
end $$;

create function public.create_distributed_function(of_function regprocedure) returns void
language plpgsql as $$
begin
    insert into public.asked (call) values (format('make %s known', of_function));
    insert into public.pg_dist_object values ('pg_proc'::regclass, of_function);
end $$;

insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
select 999999, 'citus', pg_roles.oid, 'public'::regnamespace, false, 'stand-in'
from pg_roles where rolname = current_user;
"""
ALL = [
    "make rollup.written_microseconds(timestamp with time zone) known",
    "copy metrics.heartbeat to every node",
    "distribute metrics.serving_minute by instance",
]


@pytest.fixture
def owner(store: Store) -> Engine:
    """A migrated store on a server without the extension."""
    return store.engine(Role.OWNER)


@pytest.fixture
def cluster(owner: Engine) -> Engine:
    """The same on the stand-in's server."""
    with owner.begin() as connection:
        connection.execute(text(STAND_IN))
    return owner


def asked(engine: Engine) -> list[str]:
    """What the stand-in was asked, in order."""
    with engine.connect() as connection:
        return list(connection.execute(text("select call from asked order by nth")).scalars())


def run(engine: Engine, statement: str) -> None:
    """Do something to the store."""
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_functions_come_before_what_calls_them_and_small_tables_before_the_large_one(cluster):
    done = list(distribute.distribute(cluster))

    assert [step.done for step in done] == [False] * 3
    assert asked(cluster) == ALL


def test_doing_it_again_changes_nothing(cluster):
    list(distribute.distribute(cluster))

    again = list(distribute.distribute(cluster))

    assert [step.done for step in again] == [True] * 3
    assert asked(cluster) == ALL


def test_what_an_interrupted_run_left_is_finished(cluster):
    first = distribute.distribute(cluster)
    next(first), next(first)
    first.close()
    assert asked(cluster) == ALL[:2]

    list(distribute.distribute(cluster))

    assert asked(cluster) == ALL


def test_a_step_that_the_cluster_refuses_leaves_those_before_it(cluster):
    run(cluster, "create unique index one_a_minute on metrics.heartbeat (service)")
    run(
        cluster,
        "create unique index by_minute on metrics.serving_minute "
        "(service, minute, datacenter, model_version)",
    )

    with pytest.raises(DBAPIError, match="cannot create constraint"):
        list(distribute.distribute(cluster))

    assert asked(cluster) == ALL[:2]


def test_a_table_that_is_distributed_in_another_way_is_not_touched(cluster):
    run(cluster, "select create_distributed_table('metrics.serving_minute', 'minute')")

    with pytest.raises(distribute.DistributeError, match=r"by minute already.*undistribute_table"):
        list(distribute.distribute(cluster))

    assert asked(cluster) == ["distribute metrics.serving_minute by minute"]


def test_a_right_that_was_lost_on_the_way_is_told(cluster):
    run(
        cluster,
        """create or replace function create_reference_table(of_table regclass) returns void
        language plpgsql as $$ begin
            execute format('revoke select on %s from greenlight_app', of_table);
        end $$""",
    )

    with pytest.raises(
        distribute.DistributeError, match=r"greenlight_app SELECT on metrics\.heartbeat"
    ):
        list(distribute.distribute(cluster))


def test_without_the_extension_one_sentence_says_so(owner, terminal: Terminal):
    told = terminal("distribute")

    assert told.exit_code == 3
    assert "This server has no Citus extension: every table stays where it is." in told.output
    assert "stays on the coordinator" not in told.output


def test_a_dry_run_says_what_would_be_done_and_does_nothing(cluster, terminal: Terminal):
    told = terminal("distribute", "--dry-run")

    assert told.exit_code == 0, told.output
    assert told.output.count("To do: ") == 3
    assert "To do: metrics.serving_minute is spread by instance" in told.output
    assert "metrics.labelled_letter stays on the coordinator" in told.output
    assert asked(cluster) == []


def test_the_terminal_says_what_was_done(cluster, terminal: Terminal):
    assert terminal("distribute").output.count("Done: ") == 3

    assert terminal("distribute").output.count("Done already: ") == 3


@pytest.mark.parametrize("on", ["owner", "cluster"])
def test_services_are_found_on_one_server_and_on_a_cluster(on, request, store: Store):
    engine: Engine = request.getfixturevalue(on)
    run(
        engine,
        """insert into metrics.heartbeat (service, component, instance, started_at, beat_at)
        select name, 'inference', 'i' || instance, now(), now()
        from unnest(array['b', 'a', 'c']) as name, generate_series(1, 3) as instance""",
    )

    with store.engine(Role.APP).connect() as connection:
        found = [
            connection.execute(text(f"select * from rollup.services_of('{table}')")).scalars().all()
            for table in ("metrics.heartbeat", "metrics.serving_minute")
        ]

    assert found == [["a", "b", "c"], []]
