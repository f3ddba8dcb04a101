"""Writers and readers that go on with their work in threads while a test does something else."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

#: Does its work until the event is set.
Work = Callable[[Event], None]


@contextmanager
def at_work(*works: Work) -> Iterator[list[Future[None]]]:
    """Each work in a thread of its own until the block ends; an error of one is raised then."""
    stop = Event()
    with ThreadPoolExecutor(len(works)) as threads:
        running = [threads.submit(work, stop) for work in works]
        try:
            yield running
        finally:
            stop.set()
    for work in running:
        work.result()
