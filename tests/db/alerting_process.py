"""A worker in a world where a minute is a second.

`python -m tests.db.alerting_process <address of the store> <moment> <seconds>`: it was that moment
when the clock of this machine stood at so many seconds.
"""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from db.engine import Store
from db.worker import Worker

#: How many times faster time goes by.
SPEED = 60


def main() -> None:
    begin, began = datetime.fromisoformat(sys.argv[2]), float(sys.argv[3])

    def now() -> datetime:
        return begin + timedelta(seconds=SPEED * (time.time() - began))

    with Store(sys.argv[1], Path("unused")) as store:
        Worker(store, now=now, tick_seconds=0.1).run(Event())


if __name__ == "__main__":
    main()
