"""Has Keras loaded and forks the workers, so that they share that memory: `python -m jobs.nursery`, its input a socket.

It runs no operation of TensorFlow and starts no thread: a fork would copy neither. A worker belongs to the supervisor like any
other of its processes, although it did not start it: the process between the two ends at once, and the system gives an orphan to
the nearest ancestor that adopts them. So nothing happens to a worker whose nursery ends. Linux only; elsewhere, and started by
hand, a worker loads Keras by itself.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

from jobs.children import PRELOAD, set_environment
from jobs.process import Process, Running

COMMAND = [sys.executable, "-m", "jobs.nursery"]
# What workers load. `jobs.broker` is not among them: each worker needs a name of its own at the broker.
LOADED = (
    *PRELOAD,
    "jobs.consumer",
    "psutil",
    "mhub_core.datasets.worker_service",
    "mhub_core.evaluation.engine",
    "mhub_core.graphs.engine.facts",
    "mhub_core.graphs.engine.repairs",
    "mhub_core.runs.worker_service",
)
# What Keras loads wherever it is installed, 150 MB and two seconds, for parts of it that nothing here uses.
LEFT_OUT = ("matplotlib", "pandas", "sklearn")
SECONDS_TO_FORK = 20.0  # on a machine that is busy
_PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 15, 36
_READY = b"ready"
_MOST_BYTES = 65_536


def adopt() -> bool:
    """Have the system give this process the orphans among its descendants. Return whether it does."""
    return sys.platform == "linux" and int(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) == 0


def bury_orphans(own: set[int]) -> None:
    """Let go of adopted processes that have ended and that nobody asks for, such as children of a worker that was killed."""
    if sys.platform != "linux":
        return
    with suppress(ChildProcessError):
        while (found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and found.si_pid not in own:
            os.waitpid(found.si_pid, 0)


class Adopted:
    """A process that was adopted, with what the supervisor uses of `subprocess.Popen`."""

    def __init__(self, process_id: int) -> None:
        self.pid = process_id
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._look(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait for its end and return the exit code."""
        return self._look(0)

    def _look(self, how: int) -> int | None:
        if self.returncode is None:
            process_id, status = os.waitpid(self.pid, how)
            self.returncode = os.waitstatus_to_exitcode(status) if process_id else None
        return self.returncode

    def terminate(self) -> None:
        """Ask it to stop."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


@dataclass
class Nursery(Process):
    """The nursery as the supervisor sees it."""

    is_ready: bool = False
    _ours: socket.socket | None = None

    def spawn(self, log: IO[bytes]) -> Running:
        """Start it with a socket as its standard input."""
        if self._ours:
            self._ours.close()
        self.is_ready = False
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            return self.run_command(log, theirs.fileno())

    def look(self) -> bool:
        """Return whether it has loaded everything and lives."""
        if self.child is None or self._ours is None or self.child.poll() is not None:
            return False
        if not self.is_ready and select.select([self._ours], [], [], 0)[0]:
            self.is_ready = self._ours.recv(len(_READY)) == _READY
        return self.is_ready

    def fork(self, asked: dict[str, Any], log: IO[bytes]) -> int | None:
        """Return the id of a new process that runs a module, as `python -m` would. None when it did not begin in time."""
        assert self._ours is not None
        answer, theirs = os.pipe()
        try:
            socket.send_fds(self._ours, [json.dumps(asked).encode()], [log.fileno(), theirs])
        except OSError:
            return None
        finally:
            os.close(theirs)
        with open(answer, "rb") as pipe:
            told = pipe.read() if select.select([pipe], [], [], SECONDS_TO_FORK)[0] else b""
        return int(told) if told else None


@dataclass
class Forked(Process):
    """A worker that the nursery forks. It starts when the nursery is ready."""

    nursery: Nursery = field(kw_only=True)

    def is_due(self) -> bool:
        """Return whether it can be started."""
        return super().is_due() and self.nursery.look()

    def spawn(self, log: IO[bytes]) -> Running | None:
        """Have it forked. A nursery that cannot is started again, and this worker after it."""
        _, _, module, *arguments = self.command
        asked = {"name": self.name, "module": module, "arguments": arguments, "environment": self.environment}
        process_id = self.nursery.fork(asked, log)
        if process_id is None:
            self.nursery.kill()
            return None
        return Adopted(process_id)


# In the nursery itself


def main() -> None:
    """Load everything and fork until the supervisor is gone. In a forked worker: be that worker."""
    set_environment()
    load()
    gc.collect()
    gc.freeze()  # a collection would write to what is shared
    with socket.socket(fileno=os.dup(0)) as supervisor:
        supervisor.send(_READY)
        asked = serve(supervisor)
    if asked:
        sys.argv[1:] = asked["arguments"]
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


def load() -> None:
    """Load what workers have in common. Whoever then wants a package that was left out can load it."""
    absent: Any = None  # so that an import fails as if it were not installed
    sys.modules.update(dict.fromkeys(LEFT_OUT, absent))
    for module in LOADED:
        importlib.import_module(module)
    for package in LEFT_OUT:
        del sys.modules[package]


def serve(supervisor: socket.socket) -> dict[str, Any] | None:
    """Fork a process for each request. Returns the request in the new process, and None when no more come."""
    while True:
        asked, (*descriptors,), _, _ = socket.recv_fds(supervisor, _MOST_BYTES, 2)
        if not asked:
            return None
        between = os.fork()
        if not between:
            return _begin(json.loads(asked), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(between, 0)


def _begin(asked: dict[str, Any], log: int, answer: int) -> dict[str, Any]:
    """Fork once more, and let this process, whose orphan the worker is to be, end. Returns in the worker."""
    between = os.getpid()
    if os.fork():
        os._exit(0)
    while os.getppid() == between:
        time.sleep(0.001)
    os.setpgid(0, 0)
    os.environ.update(asked["environment"])
    _connect(log)
    ctypes.CDLL(None).prctl(_PR_SET_NAME, f"mhub {asked['name']}".encode(), 0, 0, 0)
    try:
        os.write(answer, str(os.getpid()).encode())
    except BrokenPipeError:  # The supervisor gave up waiting.
        os._exit(0)
    os.close(answer)
    return asked


def _connect(log: int) -> None:
    """Have the log as output, and no input."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(old, new)
    os.close(nothing)
    os.close(log)


if __name__ == "__main__":
    main()
