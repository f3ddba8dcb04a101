"""Processes share one server: the first starts it, the last to leave stops it."""

import os
import signal
from pathlib import Path

import pytest

from db import embedded
from tests.db.embedded.places import Place, wait_until_stopped
from tests.db.embedded.processes import alive, wait_until


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
