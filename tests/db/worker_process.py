"""A worker as a process of its own: `python -m tests.db.worker_process <address of the store>`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from db.engine import Store
from db.worker import Worker


def main() -> None:
    with Store(sys.argv[1], Path("unused")) as store:
        Worker(store, now=lambda: datetime.now(UTC), tick_seconds=0.1).run(Event())


if __name__ == "__main__":
    main()
