"""One process per run, from a forkserver that has Keras loaded: it starts at once, and its memory goes with it.

Messages of a run's child: `("epoch", n, values)`, `("say", words)`, `("stopping",)` once it has heeded a stop, and
one last `("done", Outcome)` or
`("failed", error as JSON)`. The parent may send `"stop"`. For a child that ends without a last message, the last one is
`("died", error as JSON)`.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Any

from mhub_core import errors
from mhub_core.errors import MHubError, Unavailable

# These import Keras and run no operation: a fork after any operation of TensorFlow hangs. SQLite comes first: TensorFlow brings
# one of its own, without full-text search, which Python's module would otherwise take for the system's.
_KERAS = "mhub_core.training.engine.learners.registry"
PRELOAD = ["sqlite3", _KERAS, "jobs.children"]
KILLED = -signal.SIGKILL
_PR_SET_PDEATHSIG = 1


class Child:
    """A process with a two-way pipe. Close it (or kill it) when its last message came."""

    def __init__(self, process: BaseProcess, pipe: Connection, scratch: tempfile.TemporaryDirectory[str]) -> None:
        self._process = process
        self._pipe = pipe
        self._scratch = scratch

    @property
    def process_id(self) -> int:
        """The id of the process."""
        return int(self._process.pid or 0)

    def is_alive(self) -> bool:
        """Tell whether the process still runs."""
        return self._process.is_alive()

    def send(self, message: Any) -> None:
        """Send a message. A child that is gone already takes none, and `receive` will tell."""
        with suppress(OSError):
            self._pipe.send(message)

    def receive(self, seconds: float) -> tuple[Any, ...] | None:
        """Return the next message, or None when none comes in time. A dead child's last message is a "died"."""
        try:
            return self._pipe.recv() if self._pipe.poll(seconds) else None
        except (EOFError, OSError):
            self._process.join()
            return ("died", errors.to_json(death(self._process.exitcode)))

    def kill(self) -> None:
        """End the process at once, whatever it does, and let its pipe go."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """Wait for the process to end by itself for a moment, then make it."""
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()
        self._process.close()
        self._scratch.cleanup()


def death(exit_code: int | None) -> MHubError:
    """Return in plain words what it means that a child ended without a last message."""
    if exit_code == KILLED:
        return Unavailable(
            "The training process was killed from outside, most likely because the machine ran out of memory.",
            "A batch of data, the model and its gradients must fit into memory together.",
            "Try a smaller batch size, smaller images or a smaller model.",
        )
    return Unavailable(
        f"The training process ended unexpectedly (exit code {exit_code}).",
        mend="Start the run again; the worker's log has the details.",
    )


def set_environment() -> None:
    """Say what TensorFlow reads from the environment. Call it before Keras is loaded."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # Else the spare would take the whole GPU from the run.


@cache
def _context() -> ForkServerContext:
    set_environment()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    return context


def fork_server() -> None:
    """Make the forkserver a fork of this process, whose Keras it then shares, where that is loaded (see `jobs.nursery`).

    Call it before this process starts a thread or handles signals. A forkserver that dies is replaced by a program of its own.
    """
    if _KERAS not in sys.modules:
        return
    _context()
    server: Any = forkserver._forkserver
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{get_temp_dir()}/forkserver")
    listener.listen()
    alive, ours = os.pipe()
    process_id = os.fork()
    if not process_id:
        try:
            os.close(ours)
            forkserver.main(listener.fileno(), alive, [])
        finally:
            os._exit(0)
    server._forkserver_address, server._forkserver_alive_fd, server._forkserver_pid = listener.getsockname(), ours, process_id
    os.close(alive)
    listener.close()


def do_apart(function: Callable[[], None]) -> None:
    """Have a function called once without waiting: by a fork that ends with it, so that its memory goes with it, or with this
    process. Where Keras is not loaded, the fork would load most of it anew, and a thread does it.

    Call it before this process starts a thread or handles signals.
    """
    if _KERAS not in sys.modules:
        threading.Thread(target=function, daemon=True).start()
    elif process_id := os.fork():
        threading.Thread(target=os.waitpid, args=(process_id, 0), daemon=True).start()
    else:
        try:
            _end_with_parent()
            function()
        finally:
            os._exit(0)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def start(function: Callable[..., None], *arguments: Any) -> Child:
    """Run `function(pipe, *arguments)` in a child of its own."""
    ours, theirs = _context().Pipe(duplex=True)
    scratch = tempfile.TemporaryDirectory(prefix="mhub-child-")
    process = _context().Process(target=_enter, args=(function, theirs, scratch.name, arguments), daemon=True)
    process.start()
    theirs.close()
    return Child(process, ours, scratch)


def _enter(function: Callable[..., None], pipe: Connection, scratch: str, arguments: tuple[Any, ...]) -> None:
    tempfile.tempdir = scratch  # TensorFlow writes code of its own there, which a killed process would leave behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent decides what it means.
    _end_with_parent()  # The forkserver ends with the worker, and its children with it.
    if sys.platform == "linux":
        with suppress(OSError):  # Short of memory, a child goes before its worker.
            Path("/proc/self/oom_score_adj").write_text("1000")
    function(pipe, *arguments)


class Runs:
    """Starts the children of runs, and keeps one warm: Keras initialised, waiting for its spec."""

    def __init__(self) -> None:
        self._spare: Child | None = None

    def warm(self) -> None:
        """Have a spare ready. Call it when the worker starts and after each run."""
        if self._spare is None or not self._spare.is_alive():
            self._spare = start(run_child)

    def start(self, spec: dict[str, Any], folder: Path) -> Child:
        """Start a run's child with a spec as JSON; what it writes goes into the folder."""
        self.warm()
        child, self._spare = self._spare, None
        assert child is not None
        child.send((spec, str(folder)))
        return child

    def close(self) -> None:
        """End the spare."""
        if self._spare is not None:
            self._spare.kill()
            self._spare = None


def run_child(pipe: Connection) -> None:
    """Be the child of one run: get warm, wait for the spec, carry it out, tell how it goes."""
    from mhub_core.training.engine.learners import registry as learners  # Only here: the worker itself stays without Keras.

    learners.warm_up()
    try:
        spec, folder = pipe.recv()
    except EOFError:
        return
    report = PipeReport(pipe)
    try:
        pipe.send(("done", learners.fit_json(spec, report, Path(folder))))
    except MHubError as error:
        pipe.send(("failed", errors.to_json(error)))


class PipeReport:
    """A training's report through a pipe. A thread listens for "stop", and ends the child when its worker is gone."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._stop, self._heeded = threading.Event(), False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while self._pipe.recv() != "stop":
                pass
            self._stop.set()
            self._pipe.recv()
        except (EOFError, OSError):
            os._exit(0)

    def epoch(self, epoch: int, values: dict[str, float]) -> None:
        """Send an epoch's values."""
        self._pipe.send(("epoch", epoch, values))

    def say(self, words: str) -> None:
        """Send a sentence for the log."""
        self._pipe.send(("say", words))

    def should_stop(self) -> bool:
        """Tell whether the worker said "stop"; the first time that it did, let it know that it was heard."""
        if self._stop.is_set() and not self._heeded:
            self._heeded = True
            self._pipe.send(("stopping",))
        return self._stop.is_set()
