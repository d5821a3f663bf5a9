"""One supervised process: started in a group of its own, with a log, started again with growing patience when it dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from jobs.watchdog import send

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
SECONDS_THAT_COUNT_AS_WELL = 60.0
MAX_LOG_BYTES = 5_000_000


class Running(Protocol):
    """A process that was started: what is used of `subprocess.Popen`."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""

    def wait(self) -> int | None:
        """Wait for its end and return the exit code."""

    def terminate(self) -> None:
        """Ask it to stop."""


@dataclass
class Process:
    """What to run, and how it fares. `announce` is told `+group` and `-group` for the watchdog."""

    name: str
    command: list[str]
    log: Path
    announce: Callable[[str], None]
    environment: dict[str, str] = field(default_factory=dict)
    child: Running | None = None
    started: float = 0.0
    restarts: int = 0
    wait: float = FIRST_WAIT
    due: float = 0.0

    def start(self) -> None:
        """Start it, its words going to the end of its log."""
        self.put_log_aside()
        with self.log.open("ab") as log:
            log.write(f"--- {self.name} started {time.strftime('%Y-%m-%d %H:%M:%S')}\n".encode())
            log.flush()
            self.child = self.spawn(log)
        self.started = time.time()
        if self.child is not None:
            self.announce(f"+{self.child.pid}")

    def spawn(self, log: IO[bytes]) -> Running | None:
        """Return a new process in a group of its own. None when it cannot be started now."""
        return self.run_command(log, subprocess.DEVNULL)

    def run_command(self, log: IO[bytes], given: int) -> Running:
        """Run the command with `given` as its input."""
        return subprocess.Popen(
            self.command,
            stdin=given,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self.environment},
            process_group=0,
        )

    def put_log_aside(self) -> None:
        """Move what a long log holds to `.1` and begin it anew. The process goes on in the same file, at its end."""
        with suppress(OSError):
            if self.log.stat().st_size > MAX_LOG_BYTES:
                try:
                    shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                finally:  # on a full disk, too, which needs it most
                    os.truncate(self.log, 0)

    def is_running(self) -> bool:
        """Return whether it lives. One that has just died takes the rest of its group with it."""
        if self.child is None:
            return False
        if self.child.poll() is None:
            return True
        send(self.child.pid, signal.SIGKILL)
        self.announce(f"-{self.child.pid}")
        return False

    def bury(self) -> str:
        """Note a death and set the time of the next start; return what happened in words."""
        assert self.child is not None and self.child.returncode is not None
        code, lived = self.child.returncode, time.time() - self.started
        self.wait = FIRST_WAIT if lived > SECONDS_THAT_COUNT_AS_WELL else min(self.wait * 2, LONGEST_WAIT)
        self.due = time.monotonic() + self.wait
        self.restarts += 1
        self.child = None
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{self.name} {how}; starting it again in {self.wait:.0f} s. Its last output is in {self.log}"

    def is_due(self) -> bool:
        """Return whether a process that died has waited long enough."""
        return self.child is None and time.monotonic() >= self.due

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the process alone: it knows best how to end its own children."""
        if self.is_running():
            assert self.child is not None
            self.child.terminate()

    def kill(self) -> None:
        """End the whole group now."""
        if self.child is not None:
            send(self.child.pid, signal.SIGKILL)
            self.child.wait()
            self.is_running()


def last_words(log: Path, num_lines: int = 3) -> str:
    """Return the end of a log, on one line, without our own headlines."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if not line.startswith("---")]
    return " / ".join(lines[-num_lines:])
