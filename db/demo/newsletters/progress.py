"""How far the first fill is: team.demo_fill, read by the page and by a fill that goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from db.demo.newsletters import truth
from db.demo.newsletters.records import Maintenance
from db.demo.newsletters.story import SERVICE, Scenario
from db.demo.newsletters.truth import Truth


def plan(engine: Engine, steps: Mapping[str, int]) -> None:
    """Say what there is to do, before any of it is done; what is known stays."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into team.demo_fill (service, step, total) values (:service, :step, "
                ":total) on conflict do nothing"
            ),
            [{"service": SERVICE, "step": step, "total": total} for step, total in steps.items()],
        )


def done(engine: Engine) -> dict[str, int]:
    """Units done by step; empty before the first fill."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("select step, done from team.demo_fill where service = :service"),
            {"service": SERVICE},
        )
        return {row[0]: row[1] for row in rows}


def advance(engine: Engine, step: str, count: int) -> None:
    """Say that a step has this many units done."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "update team.demo_fill set done = :count, "
                "finished_at = case when :count >= total then now() end "
                "where service = :service and step = :step"
            ),
            {"service": SERVICE, "step": step, "count": count},
        )


def write_truth(engine: Engine, quantities: Iterable[Truth]) -> None:
    """Write what is true; a quantity that stands there already is replaced."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into team.simulated_truth (service, quantity, value, note) "
                "values (:service, :quantity, :value, :note) on conflict (service, quantity) "
                "do update set value = excluded.value, note = excluded.note"
            ),
            [
                {"service": SERVICE, "quantity": quantity, "value": value, "note": note}
                for quantity, value, note in quantities
            ],
        )


def settle(engine: Engine, wanted: Scenario) -> Scenario:
    """The scenario of this store: the one that was begun, or the wanted one if none was.

    Whoever comes first decides anchor, seed and length, in one transaction.
    """
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into team.simulated_truth (service, quantity, value, note) "
                "values (:service, :quantity, :value, :note) on conflict do nothing"
            ),
            [
                {"service": SERVICE, "quantity": quantity, "value": value, "note": note}
                for quantity, value, note in truth.of_scenario(wanted)
            ],
        )
        rows = connection.execute(
            text("select quantity, value from team.simulated_truth where service = :service"),
            {"service": SERVICE},
        )
        found: dict[str, float] = {row[0]: row[1] for row in rows}
    anchor = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=found[truth.ANCHOR])
    return Scenario(anchor, int(found[truth.SEED]), int(found[truth.HISTORY]))


def write_maintenance(engine: Engine, row: Maintenance) -> None:
    """Write the planned maintenance, unless somebody has it there already."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into team.maintenance (service, starts_at, ends_at, datacenter, note) "
                "values (:service, :starts_at, :ends_at, :datacenter, :note) on conflict do nothing"
            ),
            {
                "service": SERVICE,
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
                "datacenter": row.datacenter,
                "note": row.note,
            },
        )
