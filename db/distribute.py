"""Spreading the largest metric table over a cluster: PostgreSQL with the Citus extension.

Everything that is needed is asked of the store first, so that doing it again changes nothing, and
what an interrupted run left is finished. Each step is a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

#: How long a step may wait for writers that are at it: they wait behind it meanwhile.
PATIENCE = "30s"


class DistributeError(RuntimeError):
    """The store cannot be distributed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A table whose rows are spread.

    Attributes:
        table: its name, with the schema.
        column: rows with the same value of it are on the same shard. It is part of the key.
        why: the reason for the column.
    """

    table: str
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A large table that stays on the coordinator.

    Attributes:
        table: its name, with the schema.
        column: what it would be spread by.
        why: what keeps it.
    """

    table: str
    column: str
    why: str


#: By instance, and not by minute: every minute's rows are then written to all nodes at once, and a
#: window over an instance's minutes stays on one shard.
SPREAD = (
    Spread(
        "metrics.serving_minute",
        "instance",
        "a minute's rows go to all nodes at once, and an instance's minutes are on one",
    ),
)
#: Small, joined with rows of any shard: on every node.
EVERYWHERE = ("metrics.heartbeat",)
#: Called for each row of a distributed table, by the node that has it.
FUNCTIONS = ("rollup.written_microseconds(timestamptz)",)
#: Large, too, and with keys that could be spread; some of what reads them could not.
STAYING = (
    Kept("metrics.score_hour", "hour", "its days are found by a recursive statement"),
    Kept("metrics.labelled_letter", "letter_id", "its days are found by a recursive statement"),
    Kept("metrics.false_report", "report_id", "its letters are looked up row by row in team's"),
    Kept("metrics.experiment_bucket_day", "bucket", "its arms are found by a recursive statement"),
    Kept(
        "metrics.experiment_bucket_before",
        "bucket",
        "its arms are found by a recursive statement",
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes:
        statement: the SQL that does it, from the parameters.
        parameters: what it takes.
        says: what it does, as a sentence.
        done: whether the store is so already.
    """

    statement: str
    parameters: dict[str, str]
    says: str
    done: bool


def steps(connection: Connection) -> list[Step]:
    """What distributing this store takes, in order; what is done already says so.

    Args:
        connection: of the role that owns the store.

    Raises:
        DistributeError: the server has no Citus, or a table is distributed in another way.
    """
    if connection.execute(_EXTENSION).scalar_one_or_none() is None:
        raise DistributeError(
            "This server has no Citus extension: every table stays where it is. "
            "On a cluster, run first: create extension citus"
        )
    found = {table: (kind, column) for table, kind, column in connection.execute(_TABLES)}
    return [*_functions(connection), *_references(found), *_spread(found)]


def distribute(engine: Engine) -> Iterator[Step]:
    """Do what is to be done, step by step; each is yielded when it is done.

    Args:
        engine: the store, as the role that owns it.

    Raises:
        DistributeError: see `steps`; or a role lost a right.
        DBAPIError: the cluster refused a step. Those before it stay done.
    """
    with engine.connect() as connection:
        every = steps(connection)
        rights = set(connection.execute(_RIGHTS, {"tables": _named()}))
    for step in every:
        if not step.done:
            with engine.begin() as connection:
                connection.execute(
                    text("select set_config('lock_timeout', :patience, true)"),
                    {"patience": PATIENCE},
                )
                connection.execute(text(step.statement), step.parameters)
        yield step
    with engine.connect() as connection:
        lost = rights - set(connection.execute(_RIGHTS, {"tables": _named()}))
    if lost:
        said = ", ".join(sorted(f"{who} {what} on {table}" for table, who, what in lost))
        raise DistributeError(f"Rights were lost on the way: {said}. Grant them again.")


_EXTENSION = text("select extversion from pg_extension where extname = 'citus'")
# A partition is distributed with its parent and is listed too.
_TABLES = text("""
    select table_name::text, citus_table_type, distribution_column
    from citus_tables where citus_table_type in ('distributed', 'reference')""")
_RIGHTS = text("""
    select of_table, grantee::regrole::text, privilege_type
    from unnest(cast(:tables as text[])) as of_table
        join pg_class on pg_class.oid = of_table::regclass,
        aclexplode(coalesce(relacl, acldefault('r', relowner))) """)
# Citus keeps the objects that it has told all nodes of in a table of its own.
_ON_ALL_NODES = text("""
    select exists (
        select from pg_dist_object where classid = 'pg_proc'::regclass
            and objid = cast(:name as regprocedure)::oid)""")


def _named() -> list[str]:
    return [*EVERYWHERE, *(each.table for each in SPREAD)]


def _functions(connection: Connection) -> Iterator[Step]:
    for name in FUNCTIONS:
        yield Step(
            "select create_distributed_function(cast(:name as regprocedure))",
            {"name": name},
            f"The function {name} is made known to all nodes.",
            bool(connection.execute(_ON_ALL_NODES, {"name": name}).scalar_one()),
        )


def _references(found: dict[str, tuple[str, str]]) -> Iterator[Step]:
    for table in EVERYWHERE:
        kind, _ = found.get(table, ("", ""))
        if kind == "distributed":
            raise DistributeError(f"{table} is distributed already, and has to be on every node.")
        yield Step(
            "select create_reference_table(cast(:table as regclass))",
            {"table": table},
            f"{table} is copied to every node.",
            kind == "reference",
        )


def _spread(found: dict[str, tuple[str, str]]) -> Iterator[Step]:
    for each in SPREAD:
        kind, column = found.get(each.table, ("", ""))
        if kind and (kind, column) != ("distributed", each.column):
            by = f"distributed by {column}" if kind == "distributed" else "on every node"
            raise DistributeError(
                f"{each.table} is {by} already, and has to be distributed by {each.column}. "
                f"Run first: select undistribute_table('{each.table}')"
            )
        yield Step(
            "select create_distributed_table(cast(:table as regclass), :column)",
            {"table": each.table, "column": each.column},
            f"{each.table} is spread by {each.column}: {each.why}.",
            bool(kind),
        )
