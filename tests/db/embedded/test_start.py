"""What a start gives: a store whose address works, and a server that nobody else reaches."""

import os
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from db import embedded
from tests.db.embedded.clients import ClientError
from tests.db.embedded.places import Place, wait_until_stopped


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
