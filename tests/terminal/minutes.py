"""Minutes of serving written in SQL, a tick over them, and what the terminal says of them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from db.engine import Role, Store
from tests.terminal.running import Terminal

MINUTE = timedelta(minutes=1)
SERVING_MINUTE = text(
    "insert into metrics.serving_minute (service, minute, datacenter, instance, model_version, "
    "letters, errors, slow, latency) select :service, minute, :datacenter, :datacenter || '-1', "
    "'v1', :letters, :errors, :slow, cast(:latency as integer[]) "
    "from generate_series(cast(:first as timestamptz), cast(:last as timestamptz), '1 minute') "
    "as minute on conflict (service, minute, datacenter, instance, model_version) do update set "
    "letters = excluded.letters, errors = excluded.errors, slow = excluded.slow, "
    "latency = excluded.latency, written_at = now()"
)


def cells(**counts: int) -> list[int]:
    """A histogram by the SQL numbers of its cells: c81=10 puts 10 letters in cell 81."""
    return [counts.get(f"c{number}", 0) for number in range(1, 163)]


@contextmanager
def serving(store: Store) -> Iterator[Connection]:
    with store.engine(Role.SERVING).begin() as connection:
        assert connection.execute(text("select current_user")).scalar() == "greenlight_serving"
        yield connection


def write(
    connection: Connection,
    service: str,
    first: datetime,
    last: datetime,
    latency: list[int],
    *,
    errors: int = 0,
    datacenter: str = "dc1",
) -> None:
    """A row a minute from first to last, both included; slow is what lies over 20 ms."""
    connection.execute(
        SERVING_MINUTE,
        {
            "service": service,
            "datacenter": datacenter,
            "first": first,
            "last": last,
            "latency": latency,
            "letters": sum(latency) + errors,
            "errors": errors,
            "slow": sum(latency[81:]),
        },
    )


def tick(terminal: Terminal) -> None:
    result = terminal("worker", "--once")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(
        r"Rolled up \d+ hours, took in \d+ reports and evaluated the alerts of \d+ services in "
        r"\d+\.\d s\.\n",
        result.stdout,
    )


def promise(store: Store, service: str, minimum: str, *, measure: str = "availability") -> None:
    """A goal with one criterion: availability of at least so much by the end of the century."""
    with store.engine(Role.APP).begin() as connection:
        connection.execute(
            text(
                "insert into team.goal (goal_id, service, title, starts_on, due_on) values "
                "(:service || '-goal', :service, 'A goal', '2026-01-01', '2099-12-31')"
            ),
            {"service": service},
        )
        connection.execute(
            text(
                "insert into team.criterion values "
                "(:service || '-up', :service || '-goal', 1, 'Always up', 'reliability')"
            ),
            {"service": service},
        )
        connection.execute(
            text(
                "insert into team.target values (:service || '-up', 'End', '2099-12-31', "
                ":measure, '>=', cast(:minimum as numeric), 'share')"
            ),
            {"service": service, "measure": measure, "minimum": minimum},
        )
