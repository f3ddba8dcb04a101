"""The processes of `up`: started together, started again when they die, ended with their parent.

Each child leads a session of its own, so that Ctrl-C in a terminal reaches the parent alone, and
holds the reading end of a pipe whose writing end only the parent has: when the parent dies, however
it dies, the system closes it, and the child ends itself in an orderly way.

Run as a program (`python -m db.processes DESCRIPTOR PROGRAM ...`) this module is the child's side.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

#: How long a dead child waits to be started again: doubled at each death, forgotten after health.
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
HEALTHY_SECONDS = 60.0
#: What an orderly end may take: the rest of a worker's tick, or PostgreSQL's last checkpoint.
GRACE_SECONDS = 20.0
POLL_SECONDS = 0.1
#: Who speaks where no child does.
ITSELF = "greenlight"


def stop_on_signals() -> threading.Event:
    """An event that is set when this process is to end: Ctrl-C, SIGTERM, its terminal gone."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        # Not set here: the handler may interrupt the very thread that waits for the event while it
        # holds the event's own lock.
        threading.Thread(target=stop.set, daemon=True).start()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue  # nohup means it
        signal.signal(number, ask)
    return stop


@dataclass(frozen=True, slots=True)
class Program:
    """What a child runs: a script or, with '-m' first, a module, and its arguments."""

    name: str
    arguments: tuple[str, ...]


@dataclass(slots=True)
class _Child:
    """A child and, between its death and its next start, when that is due (monotonic seconds)."""

    program: Program
    delay: float
    process: subprocess.Popen[bytes] | None = None
    reader: threading.Thread | None = None
    started_at: float = 0.0
    due_at: float = 0.0


class Supervisor:
    """Starts children, starts them again when they die, and ends them all.

    Args:
        folder: the working folder of every child.
        environment: what every child finds in its environment.
        written: how a line is printed, given who says it (a child's name, or `ITSELF`).
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        written: Callable[[str, str], str] | None = None,
    ) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._written = written or _plainly
        self._printing = threading.Lock()
        self._children: list[_Child] = []
        self._lifeline, self._held_open = os.pipe()

    def start(self, program: Program) -> None:
        """Start a child and watch over it from now on."""
        child = _Child(program, FIRST_DELAY_SECONDS)
        self._children.append(child)
        self._launch(child)

    def run(self, stop: threading.Event, between: Callable[[], None] = lambda: None) -> None:
        """Start whoever dies again, after a delay, until told to stop.

        Args:
            stop: set it to make this return; the children go on.
            between: called between two looks at the children.
        """
        while not stop.wait(POLL_SECONDS):
            self._look()
            between()

    def say(self, line: str) -> None:
        """Print a line; once nobody reads standard output any more, say nothing."""
        self._print(ITSELF, line)

    def _print(self, speaker: str, line: str) -> None:
        with self._printing, suppress(OSError, ValueError):
            sys.stdout.write(self._written(speaker, line) + "\n")
            sys.stdout.flush()

    def _look(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.due_at:
                    self._launch(child)
            elif child.process.poll() is not None:
                self._mourn(child, child.process.returncode, now)

    def stop(self) -> None:
        """End every child: SIGTERM, some patience, then SIGKILL to it and what it started.

        Doing it twice does no harm.
        """
        children, self._children = self._children, []
        living = [child.process for child in children if child.process is not None]
        for process in living:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while any(process.poll() is None for process in living) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        for process in living:
            if process.poll() is None:  # not reaped yet, so its number still names its own group
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for child in children:
            if child.reader is not None:
                child.reader.join(1.0)
        if self._held_open >= 0:
            os.close(self._held_open)
            os.close(self._lifeline)
            self._held_open = -1

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self, child: _Child) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "db.processes", str(self._lifeline), *child.program.arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[self._lifeline],
            start_new_session=True,
        )
        assert process.stdout is not None
        child.process, child.started_at = process, time.monotonic()
        child.reader = threading.Thread(
            target=self._relay, args=(child.program.name, process.stdout), daemon=True
        )
        child.reader.start()

    def _mourn(self, child: _Child, code: int, now: float) -> None:
        if now - child.started_at >= HEALTHY_SECONDS:
            child.delay = FIRST_DELAY_SECONDS
        self.say(f"{child.program.name} {_how_it_ended(code)}; starts again in {child.delay:g} s.")
        child.process = None
        child.due_at = now + child.delay
        child.delay = min(child.delay * 2, LONGEST_DELAY_SECONDS)

    def _relay(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                if text := line.decode(errors="replace").rstrip():
                    self._print(name, text)


def _plainly(speaker: str, line: str) -> str:
    return line if speaker == ITSELF else f"{speaker} | {line}"


def _how_it_ended(code: int) -> str:
    return f"ended with code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"


def _end_with_parent(descriptor: int) -> None:
    """Wait for the parent to be gone, then end this process: in an orderly way, or by force."""

    def wait() -> None:
        os.read(descriptor, 1)  # nothing is ever written: it returns when the other end is closed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for output in (
            1,
            2,
        ):  # nobody reads them any more: a last word must not stop it from ending
            os.dup2(nowhere, output)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def _exit(_number: int, _frame: FrameType | None) -> None:
    # Until the program has a handler of its own: atexit runs, and with it the leaving of the store.
    sys.exit(128 + signal.SIGTERM)


def run_child(arguments: Sequence[str]) -> None:
    """The child's side: end with the parent, and otherwise be the program."""
    descriptor, *program = arguments
    signal.signal(signal.SIGTERM, _exit)
    _end_with_parent(int(descriptor))
    if program[0] == "-m":
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(program)
        runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    run_child(sys.argv[1:])
