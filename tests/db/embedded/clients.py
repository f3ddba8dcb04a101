"""Processes that use a store, of any user, told in Python what to do."""

import json
import os
import signal
import socket
from typing import Any

from tests.db.embedded.processes import alive, wait_until

# Processes that use the store are forked by one that has done the imports: that is quick, and as
# root they can become an ordinary user, who may not be able to read this Python's own files. Each
# reads one Python expression a line and answers in JSON.
NURSERY = """
import atexit, encodings.idna, json, linecache, os, pathlib, signal, socket, sys, time, traceback
import psycopg2
from db import embedded

def join(folder, bin_folder=None):
    global server
    server = embedded.join(pathlib.Path(folder), bin_folder=bin_folder and pathlib.Path(bin_folder))
    return server.url().query["host"]

def sql(statement):
    connection = psycopg2.connect(server.url().set(drivername="postgresql").render_as_string())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return str(rows[0][0]) if rows else None

KEPT = "drop table if exists letter; create table letter as select 7 as id"

def fork(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
            atexit._run_exitfuncs()  # as at the end of a forked program
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(0)
    return pid

signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that none becomes a zombie
with socket.socket(fileno=int(sys.argv[1])) as orders:
    while True:
        order, files, _, _ = socket.recv_fds(orders, 100, 2)
        if not order:
            sys.exit()
        pid = os.fork()
        if pid == 0:
            break
        orders.send(str(pid).encode())
        for file in files:
            os.close(file)

signal.signal(signal.SIGCHLD, signal.SIG_DFL)
os.setsid()
for standard, file in enumerate(files):
    os.dup2(file, standard)
    os.close(file)
if (uid := int(order)) != os.geteuid():
    os.setgroups([]); os.setgid(uid); os.setuid(uid)
os.chdir("/")
for line in sys.stdin:
    try:
        reply = {"value": eval(line)}
    except Exception as error:
        reply = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(reply, default=str), flush=True)
"""


class ClientError(Exception):
    """What went wrong inside a client."""


class Client:
    """A process that uses the store."""

    def __init__(self, nursery: socket.socket, uid: int) -> None:
        reads, self._requests = os.pipe()
        self._replies, writes = os.pipe()
        socket.send_fds(nursery, [str(uid).encode()], [reads, writes])
        self.pid = int(nursery.recv(100))
        os.close(reads)
        os.close(writes)
        self.replies = os.fdopen(self._replies)

    def send(self, expression: str) -> None:
        os.write(self._requests, f"{expression}\n".encode())

    def reply(self) -> Any:
        line = self.replies.readline()
        if not line:
            raise ClientError("the client has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise ClientError(f"{answer['error']}: {answer['message']}")
        return answer["value"]

    def __call__(self, expression: str) -> Any:
        self.send(expression)
        return self.reply()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """End as a program does that has nothing left to do."""
        if self._requests >= 0:
            os.close(self._requests)
            self._requests = -1
            wait_until(lambda: not alive(self.pid))
            self.replies.close()
