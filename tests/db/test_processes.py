"""The supervision of children, with real processes that live for moments."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db import processes
from db.processes import Program, Supervisor

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30.0
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(processes, "FIRST_DELAY_SECONDS", 0.01)
    monkeypatch.setattr(processes, "LONGEST_DELAY_SECONDS", 0.04)
    monkeypatch.setattr(processes, "GRACE_SECONDS", 1.0)
    # A child's imports are those of this checkout; its working folder is the same.
    with Supervisor(ROOT, os.environ) as made:
        yield made


def script(folder: Path, program: str) -> Program:
    path = folder / "child.py"
    path.write_text(program)
    return Program("child", (str(path),))


def run_until(supervisor: Supervisor, happened: Callable[[], bool]) -> None:
    stop = threading.Event()
    deadline = time.monotonic() + PATIENCE_SECONDS

    def look() -> None:
        if happened():
            stop.set()
        assert time.monotonic() < deadline

    supervisor.run(stop, between=look)


class Printed:
    """What has been printed so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""

    def all(self) -> str:
        self._text += self._capsys.readouterr().out
        return self._text


def test_a_child_that_keeps_dying_is_started_ever_more_slowly_up_to_a_limit(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    printed = Printed(capsys)
    supervisor.start(script(tmp_path, "import sys; sys.exit(7)"))
    run_until(supervisor, lambda: printed.all().count("0.04 s") == 2)
    told = "child ended with code 7; starts again in"
    assert printed.all().splitlines() == [
        f"{told} {s} s." for s in ("0.01", "0.02", "0.04", "0.04")
    ]


def test_health_makes_the_delay_short_again(
    supervisor: Supervisor,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(processes, "HEALTHY_SECONDS", 0.0)
    printed = Printed(capsys)
    supervisor.start(script(tmp_path, "raise SystemExit(7)"))
    run_until(supervisor, lambda: printed.all().count("0.01 s") == 3)
    assert "0.02 s" not in printed.all()


def test_what_a_child_says_is_printed_behind_its_name(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    printed = Printed(capsys)
    program = (
        "import sys, time; print('out', flush=True); print('err', file=sys.stderr); time.sleep(60)"
    )
    supervisor.start(script(tmp_path, program))
    run_until(supervisor, lambda: len(printed.all().splitlines()) == 2)
    assert sorted(printed.all().splitlines()) == ["child | err", "child | out"]


def test_a_child_that_will_not_end_is_ended_with_what_it_started(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    printed = Printed(capsys)
    stubborn = f"""
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("pids", os.getpid(), grandchild.pid, flush=True)
time.sleep({PATIENCE_SECONDS * 10})
"""
    supervisor.start(script(tmp_path, stubborn))
    run_until(supervisor, lambda: "child | pids" in printed.all())
    child, grandchild = map(int, printed.all().split()[-2:])
    supervisor.stop()
    for pid in (child, grandchild):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while is_alive(pid):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has asked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def handlers() -> Iterator[None]:
    """Signals as a terminal leaves them, also under nohup; afterwards as they were."""
    before = {number: signal.getsignal(number) for number in STOPS}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", STOPS)
def test_a_signal_asks_to_stop(number: signal.Signals):
    stop = processes.stop_on_signals()
    os.kill(os.getpid(), number)
    assert stop.wait(PATIENCE_SECONDS)


@pytest.mark.usefixtures("handlers")
def test_nohup_means_it():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = processes.stop_on_signals()
    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGTERM)
    assert stop.wait(PATIENCE_SECONDS)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
