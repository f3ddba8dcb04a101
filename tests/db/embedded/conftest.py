"""Places for stores: one that the tests take in turns, and new ones for what spoils a store."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.db.embedded.clients import NURSERY
from tests.db.embedded.places import Place, needs_root, ordinary_user

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def nursery() -> Iterator[socket.socket]:
    """Where clients come from."""
    if not Path("/proc/self").exists():
        pytest.skip("the tests watch processes through /proc")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-W", "error", "-c", NURSERY, str(theirs.fileno())]
        with subprocess.Popen(command, cwd=REPOSITORY, pass_fds=[theirs.fileno()]):
            theirs.close()
            yield ours
            ours.close()


@pytest.fixture(scope="session")
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
