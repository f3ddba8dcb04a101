"""After kill -9 of the server, of its clients, or of a first start, the next start works."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg2
import pytest

from tests.db.embedded.places import AS_ROOT, Place, wait_until_stopped
from tests.db.embedded.processes import children_of, wait_until


def test_after_kill_9_of_the_server_ensure_starts_it_with_all_that_was_committed(
    any_place: Place,
) -> None:
    clients = [any_place.client() for _ in range(3)]
    clients[0]("sql(KEPT)")
    os.kill(any_place.server(), signal.SIGKILL)
    for client in clients:
        client.send("server.ensure()")
    for client in clients:
        client.reply()
    assert len({client("sql('select pg_postmaster_start_time()')") for client in clients}) == 1
    assert clients[2]("sql('select id from letter')") == "7"


def test_orphans_of_a_killed_server_that_still_work_do_not_hold_up_the_next_start(
    place: Place,
) -> None:
    client = place.client()
    busy = psycopg2.connect(
        client("server.url().set(drivername='postgresql').render_as_string()"), async_=1
    )
    wait_until(lambda: busy.poll() == psycopg2.extensions.POLL_OK)
    busy.cursor().execute("select sum(sqrt(i)) from generate_series(1, 40000000) as t(i)")
    wait_until(
        lambda: client("sql(\"select count(*) from pg_stat_activity where state='active'\")") == "2"
    )
    os.kill(place.server(), signal.SIGKILL)
    client("server.ensure()")
    assert client("sql('select 7')") == "7"
    busy.close()


def test_after_kill_9_of_every_client_the_next_shares_the_living_server_and_stops_it(
    any_place: Place,
) -> None:
    clients = [any_place.client() for _ in range(2)]
    started = clients[0]("sql('select pg_postmaster_start_time()')")
    for client in clients:
        client.kill()
    any_place.server()
    late = any_place.client()
    assert late("sql('select pg_postmaster_start_time()')") == started
    late("server.leave()")
    wait_until_stopped(any_place)


def test_after_kill_9_of_the_server_and_every_client_the_next_start_works(
    any_place: Place,
) -> None:
    client = any_place.client()
    client("sql(KEPT)")
    server = any_place.server()
    client.kill()
    os.kill(server, signal.SIGKILL)
    assert any_place.client()("sql('select id from letter')") == "7"


@pytest.mark.parametrize("moment", ["at once", 0.3, 0.6])
def test_a_first_start_killed_at_any_moment_leaves_no_half_store(
    new_place: Place, moment: str | float
) -> None:
    client = new_place.client(joined=False)
    client.send(f"join({str(new_place.folder)!r})")
    wait_until(lambda: bool(list(new_place.folder.glob("postgres-*"))))
    if isinstance(moment, float):
        time.sleep(moment)
    working = children_of(client.pid)
    client.kill()
    for pid in working:  # initdb too, and not only its parent
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    late = new_place.client()
    assert late("sql('select 7')") == "7"
    if moment == "at once":
        assert [path.name for path in new_place.folder.glob("postgres-*")] == [new_place.data.name]
    late("server.leave()")
    wait_until_stopped(new_place)


@pytest.mark.parametrize("holder", ["a stranger", "a zombie", "nobody, the file was cut off"])
def test_a_stale_pid_does_not_forbid_the_start(place: Place, holder: str) -> None:
    client = place.client()
    client("sql(KEPT)")
    socket_folder = Path(client("server.url().query['host']"))
    stale = [place.data / "postmaster.pid", socket_folder / ".s.PGSQL.5432.lock"]
    server = place.server()
    client.kill()
    os.kill(server, signal.SIGKILL)
    owner = place.data.stat().st_uid
    command = ["sleep", "60"] if holder == "a stranger" else ["true"]
    with subprocess.Popen(command, user=owner if AS_ROOT else None, cwd="/") as process:
        if holder == "a zombie":
            stat = Path(f"/proc/{process.pid}/stat")
            wait_until(lambda: ") Z " in stat.read_text())
        for path in stale:
            _, _, rest = path.read_text().partition("\n")
            path.write_text("" if "cut off" in holder else f"{process.pid}\n{rest}")
        try:
            assert place.client()("sql('select id from letter')") == "7"
        finally:
            process.kill()
