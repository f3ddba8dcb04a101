"""The simulated service as a process of its own, on a clock that a test sets.

`python -m tests.db.demo.newsletters_process <address> <buffer> <start of the clock> <speed>`
"""

import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from db.demo.live import run_newsletters
from db.engine import Store
from tests.db.demo.bells import Bell

DAYS = 1


def main() -> None:
    address, buffer, start, speed = sys.argv[1:]
    began, first = time.monotonic(), datetime.fromisoformat(start)

    def now() -> datetime:
        return first + timedelta(seconds=(time.monotonic() - began) * float(speed))

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=stop.set).start())
    with Store(address, Path("unused")) as store:
        run_newsletters(store, now=now, stop=stop, buffer=Path(buffer), days=DAYS, scores=Bell)


if __name__ == "__main__":
    main()
