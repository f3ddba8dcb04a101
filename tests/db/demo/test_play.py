"""Which store the demo is welcome on, and that a service is played by one process at a time."""

import subprocess
import sys
from pathlib import Path
from threading import Event

from sqlalchemy import URL, text

from db.demo.play import is_welcome, turn
from db.engine import Role, Store
from tests.conftest import open_store

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from pathlib import Path
from threading import Event
from db.demo.play import turn
from db.engine import Store
with Store(sys.argv[1], Path("unused")) as store, turn(store, "spambase", Event()) as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""


def told_to_stop() -> Event:
    stop = Event()
    stop.set()
    return stop


def test_a_turn_is_one_process_s_and_free_again_after_it(store: Store, database: URL):
    with open_store(database) as other, turn(store, "spambase", Event()) as ours:
        assert ours
        with turn(other, "spambase", told_to_stop()) as theirs:
            assert not theirs
        with turn(other, "newsletters", told_to_stop()) as unrelated:
            assert unrelated
    with turn(store, "spambase", told_to_stop()) as ours:
        assert ours


def test_kill_9_gives_the_turn_to_the_one_who_waits(store: Store, database: URL):
    address = database.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, address],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "True\n"
        with turn(store, "spambase", told_to_stop()) as ours:
            assert not ours
        holder.kill()
        holder.wait()
        with turn(store, "spambase", Event()) as ours:  # waits until the server has noticed
            assert ours


def test_the_demo_is_welcome_where_nobody_else_is(store: Store):
    beat = text(
        "insert into metrics.heartbeat values (:service, 'inference', 'i', '', now(), now(), null)"
    )
    assert is_welcome(store)
    with store.engine(Role.SERVING).begin() as connection:
        connection.execute(beat, {"service": "spambase"})
    assert is_welcome(store)
    with store.engine(Role.SERVING).begin() as connection:
        connection.execute(beat, {"service": "search"})
    assert not is_welcome(store)
    with store.engine(Role.APP).begin() as connection:
        connection.execute(
            text("insert into team.demo_fill (service, step, total) values ('newsletters', 's', 1)")
        )
    assert is_welcome(store)  # it was here before the other came
