"""A worker that is killed with -9 at the steps of its tick: another one makes it good.

The store keeps what was committed and nothing else, so what a kill leaves behind is decided by the
last COMMIT before it. `python -m tests.faults` kills at every one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.db.notifications.receiver import Receiver
from tests.faults.proxies import KillingProxy
from tests.faults.worker_life import Prepared, copy_of, go_on, killed_tick, prepared, state, tick

#: Every so many commits the worker dies.
STRIDE = 6


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    started = Receiver().start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def world(server_url: URL, migrated: str, receiver: Receiver) -> Iterator[Prepared]:
    with prepared(server_url, migrated, receiver) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(world: Prepared) -> dict[str, list[object]]:
    """What the store holds where nobody was killed."""
    with copy_of(world) as address:
        assert tick(address, world.moment).errors == ()
        go_on(address, world.moment)
        return state(address)


def test_a_worker_that_dies_again_and_again_leaves_what_an_undisturbed_one_does(
    world: Prepared, undisturbed: dict[str, list[object]], receiver: Receiver
):
    """Each life dies at a later commit than the one before, in turn before it and behind it."""
    receiver.requests.clear()
    lives = 0
    with copy_of(world) as address:
        while True:
            at = 2 + lives * STRIDE
            answered = bool(lives % 2)
            with KillingProxy(address, kill_at_commit=at, answered=answered) as proxy:
                if not killed_tick(proxy, world.moment):
                    break
            lives += 1
        go_on(address, world.moment)
        assert state(address) == undisturbed
    assert lives >= 4, "it hardly died: this test shows nothing"
    told = Counter(receiver.taken())
    assert set(told.values()) <= {1, 2}, "a letter whose sending was not recorded is sent again"


def test_a_worker_killed_while_it_notifies_has_each_letter_sent(
    world: Prepared, undisturbed: dict[str, list[object]], receiver: Receiver
):
    """It dies in the moment when a letter has arrived and that is not yet recorded."""
    receiver.requests.clear()
    with copy_of(world) as address, KillingProxy(address) as proxy:
        proxy.kill_at_words = b"set status = 'sent'"
        assert killed_tick(proxy, world.moment)
        assert len(receiver.taken()) >= 1
        go_on(address, world.moment)
        found = state(address)
        apart = "team.notification"  # where the second attempt is counted
        assert found | {apart: []} == undisturbed | {apart: []}
        assert len(set(receiver.taken())) == len(undisturbed["team.notification"])
        assert max(Counter(receiver.taken()).values()) == 2, "sent again, under the same key"
