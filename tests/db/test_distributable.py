"""All SQL over what `cli.py distribute` spreads is such as Citus runs.

Statements are parsed and held against Citus' documented limits: this says nothing of a cluster.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from io import BytesIO

import pytest
import sqlglot
from sqlalchemy import Engine, text
from sqlglot.errors import SqlglotError

from db import distribute
from db.engine import Role
from db.writer import loading
from db.writer.contract import TABLES
from tests.db.citus_rules import Cluster, Finding
from tests.db.store_sql import parsed, statements

_COLUMNS = text("""
    select table_schema, table_name, array_agg(column_name::text)
    from information_schema.columns where table_schema in ('metrics', 'rollup', 'team')
    group by 1, 2""")
_KEYS = text("""
    select conrelid::regclass::text, conname, contype, array(
        select attname::text from pg_attribute
        where attrelid = conrelid and attnum = any(conkey))
    from pg_constraint where conrelid = any(cast(:tables as regclass[]))
        or confrelid = any(cast(:tables as regclass[]))""")
_UNIQUE = text("""
    select indexrelid::regclass::text, array(
        select attname::text from pg_attribute where attrelid = indrelid and attnum = any(indkey))
    from pg_index where indisunique and indrelid = any(cast(:tables as regclass[]))""")
_PARTS = text("""
    select 'trigger ' || tgname from pg_trigger
    where tgrelid = any(cast(:tables as regclass[])) and not tgisinternal
    union all
    select 'rule ' || rulename from pg_rules
    where (schemaname || '.' || tablename) = any(:tables)
    union all
    select 'sequence of ' || column_name from information_schema.columns
    where (table_schema || '.' || table_name) = any(:tables)
        and (is_identity = 'YES' or column_default like '%nextval%')""")
UNKNOWN = Finding("the parser does not know it")
EVERYWHERE = frozenset(tuple(name.split(".")) for name in distribute.EVERYWHERE)

#: Statements that run, but look at rows in one place, each with the reason why that will do.
PULLED: dict[str, str] = {}


@pytest.fixture(autouse=True)
def _quiet_parser(caplog: pytest.LogCaptureFixture) -> None:
    """Sqlglot warns of statements that it keeps as text: temporary tables, `set local`."""
    caplog.set_level(logging.ERROR, logger="sqlglot")


@pytest.fixture(scope="module")
def columns(shared_engines: dict[Role, Engine]) -> dict[tuple[str, str], frozenset[str]]:
    """The columns of every table of the store."""
    with shared_engines[Role.OWNER].connect() as connection:
        return {
            (schema, table): frozenset(names)
            for schema, table, names in connection.execute(_COLUMNS)
        }


def cluster(columns: dict[tuple[str, str], frozenset[str]], table: str, column: str) -> Cluster:
    """A cluster on which one table is spread."""
    schema, name = table.split(".")
    return Cluster({(schema, name): column}, EVERYWHERE, columns)  # type: ignore[arg-type]


def found(where: Cluster) -> Iterator[tuple[str, Finding]]:
    """Everything that stands in the way of some statement of the store."""
    names = re.compile("|".join(rf"\b{schema}\.{table}\b" for schema, table in where.spread))
    for name, statement in statements().items():
        if not names.search(statement):
            continue
        try:
            trees = parsed(statement)
        except SqlglotError:
            others = (other for other in statements().values() if other != statement)
            if not any(statement.strip() in other for other in others):
                yield name, UNKNOWN
            continue  # the beginning of other statements is no statement
        for tree in trees:
            for finding in where.findings(tree):
                yield name, finding


@pytest.mark.parametrize("spread", distribute.SPREAD, ids=lambda each: each.table)
def test_no_statement_over_a_spread_table_is_one_that_citus_refuses(spread, columns):
    refused = [
        f"{name}: {finding.what}"
        for name, finding in found(cluster(columns, spread.table, spread.column))
        if finding.refused
    ]

    assert refused == []


@pytest.mark.parametrize("spread", distribute.SPREAD, ids=lambda each: each.table)
def test_statements_that_pull_rows_to_one_place_are_named_with_a_reason(spread, columns):
    pulled = {
        name
        for name, finding in found(cluster(columns, spread.table, spread.column))
        if not finding.refused
    }

    assert pulled == set(PULLED)


@pytest.mark.parametrize("kept", distribute.STAYING, ids=lambda each: each.table)
def test_a_table_stays_only_while_some_statement_over_it_is_refused(kept, columns):
    every = found(cluster(columns, kept.table, kept.column))

    assert any(finding.refused and finding != UNKNOWN for _, finding in every)


def test_many_statements_are_looked_at():
    over = [name for name, each in statements().items() if "metrics.serving_minute" in each]

    assert len(over) > 20
    assert {"db.rollup_sql.ROLL", "db.rollup_sql.CHANGED", "db.partitions.strays"} <= set(over)


@pytest.mark.parametrize(
    "each", [*distribute.SPREAD, *distribute.STAYING], ids=lambda each: each.table
)
def test_a_writer_upserts_by_a_key_that_says_where_a_row_is(each, columns):
    told: list[str] = []

    class Cursor:
        """Keeps what it is told."""

        def execute(self, statement: str) -> None:
            """Keep a statement."""
            told.append(statement)

        def copy_expert(self, statement: str, _: BytesIO) -> None:
            """Keep a copy's statement."""
            told.append(statement)

    table = TABLES[each.table.removeprefix("metrics.")]
    loading._upsert_by_staging(Cursor(), table, BytesIO(), "text")
    (upsert,) = [statement for statement in told if statement.startswith("insert")]

    where = cluster(columns, each.table, each.column)
    assert [where.findings(tree) for tree in parsed(upsert)] == [[]]


@pytest.mark.parametrize(
    "each", [*distribute.SPREAD, *distribute.STAYING], ids=lambda each: each.table
)
def test_every_key_has_the_column_and_nothing_ties_the_table_to_another(each, shared_engines):
    with shared_engines[Role.OWNER].connect() as connection:
        asked = {"tables": [each.table]}
        constraints = connection.execute(_KEYS, asked).all()
        unique = connection.execute(_UNIQUE, asked).all()
        parts = connection.execute(_PARTS, asked).scalars().all()

    assert unique, "there is a key"
    assert [name for name, key in unique if each.column not in key] == []
    assert [name for _, name, kind, _ in constraints if kind in {"f", "x", "t"}] == []
    assert parts == []


REFUSED = {
    "a recursive CTE in a statement that reads a distributed table": """
        with recursive names as (
            (select service from metrics.serving_minute limit 1) union all
            select service from names) select * from names""",
    "a lateral join to a distributed table": """
        select * from rollup.hour_state as state cross join lateral (
            select count(*) from metrics.serving_minute where minute >= state.hour) as found""",
    "a correlated subquery over a distributed table": """
        select (select count(*) from metrics.serving_minute where minute >= state.hour)
        from rollup.hour_state as state""",
    "a correlated subquery over a local table, for rows of a distributed one": """
        select count(*) from metrics.serving_minute as written where exists (
            select from rollup.hour_state where hour = written.minute)""",
    "an outer join with a distributed table on its inner side": """
        select * from rollup.hour_state left join metrics.serving_minute using (service)""",
    "an outer join that keeps what no shard has": """
        select * from metrics.serving_minute full join rollup.hour_state using (service)""",
    "a join of distributed tables by other columns than theirs": """
        select * from metrics.serving_minute as one join metrics.serving_minute as other
            on one.minute = other.minute""",
    "a row lock across shards": """
        select * from metrics.serving_minute where service = :service for update""",
    "grouping sets": """
        select service, count(*) from metrics.serving_minute group by rollup (service)""",
    "an upsert by a key without instance": """
        insert into metrics.serving_minute (service) values ('a')
        on conflict (service, minute) do update set letters = excluded.letters""",
    "an upsert that moves a row: it sets instance": """
        insert into metrics.serving_minute (service) values ('a')
        on conflict (service, instance) do update set instance = excluded.instance""",
    "an update of instance": "update metrics.serving_minute set instance = 'a'",
    "an update or delete that looks at local rows": """
        delete from metrics.serving_minute using rollup.hour_state as state
        where state.hour = minute""",
}
PULLING = {
    "a window over raw rows that its shards cannot fill": """
        select row_number() over (partition by minute) from metrics.serving_minute""",
    "distinct on without the distribution column": """
        select distinct on (minute) * from metrics.serving_minute""",
    "an ordered-set aggregate over raw rows": """
        select percentile_cont(0.5) within group (order by letters)
        from metrics.serving_minute""",
}
ALLOWED = (
    """select datacenter, sum(letters) from metrics.serving_minute
    where service = :service group by 1""",
    """select instance, lag(minute) over (partition by instance order by minute)
    from metrics.serving_minute""",
    """select count(*) from metrics.serving_minute join rollup.hour_state using (service)""",
    """select instance from metrics.serving_minute as written where not exists (
        select from metrics.heartbeat as beating where beating.instance = written.instance)""",
    """select max(minute) from metrics.serving_minute
    where minute >= (select min(hour) from rollup.hour_state)""",
    """select count(*) from rollup.serving_minute as one where exists (
        select from rollup.hour_state where hour = one.minute)""",
)


@pytest.mark.parametrize(("what", "statement"), [*REFUSED.items(), *PULLING.items()])
def test_the_rules_find_what_they_name(what: str, statement: str, columns):
    (tree,) = parsed(statement)

    told = cluster(columns, "metrics.serving_minute", "instance").findings(tree)

    assert Finding(what, what in REFUSED) in told


@pytest.mark.parametrize("statement", ALLOWED)
def test_the_rules_let_pass_what_citus_runs(statement: str, columns):
    (tree,) = parsed(statement)

    assert cluster(columns, "metrics.serving_minute", "instance").findings(tree) == []


def test_the_parser_knows_every_part_of_the_rollup():
    (tree,) = parsed(statements()["db.rollup_sql.ROLL"])

    assert isinstance(tree, sqlglot.exp.Select)
    names = {each.alias for each in tree.args.get("with_", tree.args.get("with")).expressions}
    assert {"shared", "counted", "repeated", "instances", "state_vanished"} <= names
