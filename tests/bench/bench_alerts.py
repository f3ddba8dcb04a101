"""2,000 rules over 50 services: how long a minute's evaluation takes.

`python -m tests.bench.bench_alerts` prints one JSON object. One service is filled with the demo's
last days and rolled up, and copied under 49 more names, each with 40 rules of every kind.
`everything` is all rules at once, without the limit for slow areas: nobody waits for it. `first` is
the evaluation of a worker that has just started, for which every area is due; `slowest` is the
slowest of the minutes after it, in which the slow areas are caught up with and nobody writes any
more, so that every service begins to call. These two must be done within 10 s. `cpu_seconds` is
the CPU time of this process and, where they run on this machine, of the server's.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from core.alerts.parameters import POLICY_NAMES
from core.timeframe import HOUR, MINUTE, floor_to
from db.alerting import Alerting, Outcome
from db.demo.fill import fill
from db.engine import Role, Store
from db.team.alert_rules import create, ensure_rules
from db.worker import Worker
from db.writer import MetricWriter
from tests.bench.bench_rollup import Stopwatch
from tests.bench.databases import database

SERVICES, RULES_EACH = 50, 40
DAYS = 8
MINUTES = 12
FIRST = "newsletters"
_TABLES = text("""
    select table_schema, table_name,
        string_agg(quote_ident(column_name), ', ' order by ordinal_position) filter
            (where column_name <> 'service' and is_generated = 'NEVER')
    from information_schema.columns
        join pg_class on oid = format('%I.%I', table_schema, table_name)::regclass
    where table_schema in ('metrics', 'rollup') and not relispartition and relkind in ('r', 'p')
    group by 1, 2
    having bool_or(column_name = 'service')
    order by 1, 2""")

_NAMES = "unnest(cast(:names as text[])) name"
_ONLY = {
    "serving_minute": "minute >= :since",
    "experiment_bucket_day": "dimension = 'all'",
}
#: All goals of the store are the first service's when they are copied.
_COPY_GOALS = (
    f"""insert into team.goal (goal_id, service, title, starts_on, due_on)
    select goal_id || name, name, title, starts_on, due_on from team.goal, {_NAMES}""",
    """insert into team.criterion
    select criterion_id || name.name, goal_id || name.name, position, of.name, area
    from team.criterion of, unnest(cast(:names as text[])) as name (name)
    where goal_id in (select goal_id from team.goal where service not like 'service-%')""",
    f"""insert into team.target
    select criterion_id || name, milestone, due_on, measure, operator, value, unit
    from team.target, {_NAMES}""",
)


@contextmanager
def filled() -> Iterator[tuple[Store, datetime]]:
    """Fifty services with rows up to a minute, and that minute."""
    with tempfile.TemporaryDirectory(prefix="greenlight-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # as root, the server runs as another user, who must get in
        with database(folder) as store:
            end = floor_to(datetime.now(UTC), MINUTE)
            with MetricWriter(store, service=FIRST, buffer=folder / "buffer") as writer:
                fill(store, end, writer=writer, days=DAYS)
            worker = Worker(store, now=lambda: datetime.now(UTC))
            while worker.tick().pending:
                pass
            worker.close()
            copy_service(store.engine(Role.OWNER), end)
            add_rules(store, end)
            yield store, end


def copy_service(owner: Engine, end: datetime) -> None:
    """Store the first service's rows once more under every other name.

    Of instances' minutes the last hours will do: what is older is read from the rollups. Of the
    A/B test the segments are left out: a small service has few.
    """
    names = [f"service-{number:02}" for number in range(1, SERVICES)]
    with owner.begin() as connection:
        for schema, table, columns in connection.execute(_TABLES).all():
            asked: dict[str, Any] = {"names": names, "first": FIRST, "since": end - 3 * HOUR}
            only = _ONLY.get(table, "true") if schema == "metrics" else "true"
            statement = (
                f"insert into {schema}.{table} (service, {columns}) "
                f"select name, {columns} from {schema}.{table}, {_NAMES} "
                f"where service = :first and {only}"
            )
            used = {name: value for name, value in asked.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
        _copy_goals(connection, names)
        # The worker that rolled up has evaluated the first service.
        connection.execute(text("truncate team.alert_evaluation, team.alert_episode cascade"))
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _copy_goals(connection: Connection, names: list[str]) -> None:
    for statement in _COPY_GOALS:
        connection.execute(text(statement), {"names": names})


def add_rules(store: Store, at: datetime) -> None:
    """The default rules of every service, and more of every kind up to RULES_EACH."""
    worker, app = store.engine(Role.WORKER), store.engine(Role.APP)
    with worker.connect() as connection:
        services = connection.execute(text("select distinct service from rollup.hour_state"))
        names = sorted(services.scalars())
    ensure_rules(worker, names, at)
    with worker.connect() as connection:
        given = connection.execute(text("select count(*) from team.alert_rule")).scalar_one()
    more = further_rules()[: RULES_EACH - given // len(names)]
    for name in names:
        for rule in more:
            create(app, name, rule, by="bench", at=at)


def further_rules() -> list[dict[str, Any]]:
    """Rules that a team may add; their thresholds differ from those of the default ones."""
    found: list[tuple[str, dict[str, Any]]] = [
        ("burn", {"sli": sli, "policies": [policy]})
        for sli in ("availability", "latency")
        for policy in POLICY_NAMES
    ]
    found += [("errors", {"minutes": span, "share": 0.02, "least": 20}) for span in (5, 15, 60)]
    found += [("traffic_vanished", {"minutes": 30, "share": 0.3, "least": 100})]
    found += [("load", {"factor": factor}) for factor in (0.9, 1.2)]
    found += [("rows", {"minutes": 10}), ("heartbeat", {"minutes": 10})]
    found += [("drift", {"index": index, "least": 1000}) for index in (0.1, 0.5)]
    found += [("complaints", {"weeks": 12, "false_alarms": 0.0001})]
    found += [("milestone_overdue", {"days": 14}), ("shadow_visible", {"hours": 48})]
    found += [
        ("red_line", {"path": path, "operator": operator, "value": value})
        for path, operator, value in (
            ("quality.precision.value", "<", 0.98),
            ("experiment.lift", ">", 0.0),
            ("reliability.percentiles.p99.9", ">", 25.0),
        )
    ]
    return [
        {
            "rule_id": f"bench-{number:02}",
            "name": f"Rule {number}",
            "check": check,
            "parameters": parameters,
            "severity": "ticket",
            "owner": "on-call",
            "runbook_id": "runbook-slo-burn",
        }
        for number, (check, parameters) in enumerate(found)
    ]


def measured(
    alerting: Alerting, now: datetime, queries: Counter[str], server: Stopwatch
) -> dict[str, float]:
    """One evaluation: seconds on the clock, CPU seconds, and queries."""
    before, cpu, wall = queries.total(), cpu_seconds(server), time.perf_counter()
    outcome = alerting.evaluate(now)
    seconds = time.perf_counter() - wall
    assert isinstance(outcome, Outcome)
    assert not outcome.errors
    return {
        "services": len(outcome.services),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds(server) - cpu, 2),
        "ms_a_service": round(1000 * seconds / len(outcome.services), 1),
        "queries_a_service": round((queries.total() - before) / len(outcome.services), 1),
        "moves": outcome.moves,
    }


def cpu_seconds(server: Stopwatch) -> float:
    """CPU time of this process and of the server's, as far as it is known."""
    return time.process_time() + (server.read() / 1000 if server.clock == "cpu" else 0.0)


def main() -> None:
    """Measure and print."""
    with filled() as (store, end):
        engine = store.engine(Role.WORKER)
        queries: Counter[str] = Counter()

        @event.listens_for(engine, "before_cursor_execute")
        def count(*told: Any) -> None:
            queries[str(told[2])] += 1

        watch = Stopwatch(store.engine(Role.OWNER))
        now = end + timedelta(seconds=15)
        patient = Alerting(engine, slow_seconds=math.inf)
        everything = measured(patient, now - MINUTE, queries, watch)
        alerting = Alerting(engine)
        first, *later = (
            measured(alerting, now + at * MINUTE, queries, watch) for at in range(MINUTES + 1)
        )
        with engine.connect() as connection:
            rules = connection.execute(text("select count(*) from team.alert_rule")).scalar_one()
            said = connection.execute(
                text(
                    "select sum(rules), sum(active), sum(unknown), sum(cardinality(errors)) "
                    "from team.alert_evaluation group by at order by at"
                )
            ).all()
    slowest = max(later, key=lambda one: one["seconds"])
    names = ("rules", "active", "unknown", "errors")
    print(
        json.dumps(
            {
                "rules": rules,
                "said": [dict(zip(names, map(int, row), strict=True)) for row in said],
                "everything": everything,
                "first": first,
                "slowest": slowest,
                "each_seconds": [one["seconds"] for one in later],
                "first_seconds": first["seconds"],
                "slowest_seconds": slowest["seconds"],
            }
        )
    )


if __name__ == "__main__":
    main()
