"""The home folder as the supervisor sees it: made safely, locked against a second hub, with a state file for `status`."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from mhub_core.errors import Conflict, Unavailable

LEAST_FREE_BYTES = 1_000_000_000
SECONDS_FOR_THE_LAST_ONE_TO_END = 15


class Home:
    """One home used by one supervisor. A joined worker has its own lock and state, so it may share a hub's home."""

    def __init__(self, path: Path, kind: str = "hub") -> None:
        self.path = path
        self.kind = kind
        self.state_file = path / f"{kind}.json"
        self.lock_fd = -1

    def prepare(self) -> None:
        """Make the folder, for its owner alone. Raises Unavailable when it cannot be used or the disk is full."""
        try:
            (self.path / "logs").mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.chmod(0o700)
        except OSError as error:
            raise Unavailable(
                f"The home {self.path} cannot be used: {error.strerror}.",
                "It must be a folder that you own and may write to.",
                "Choose another folder with --home DIR.",
            ) from error
        free = shutil.disk_usage(self.path).free
        if free < LEAST_FREE_BYTES:
            raise Unavailable(
                f"The disk that holds {self.path} has {free / 1e9:.2f} GB free.",
                f"M-Hub needs {LEAST_FREE_BYTES / 1e9:.0f} GB to start.",
                "Free some space, or choose a home on a larger disk with --home DIR.",
            )

    def lock(self) -> None:
        """Take the home for this process and whoever inherits `lock_fd`. Raises Conflict when another one has it.

        A hub that was killed leaves its lock with the watchdog until its children are gone: that is worth a short wait.
        """
        self.lock_fd = os.open(self.path / f"{self.kind}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + SECONDS_FOR_THE_LAST_ONE_TO_END
        while not _try_lock(self.lock_fd):
            state = self.read_state()
            if time.monotonic() > deadline or is_alive(state.get("pid", 0)):
                raise Conflict(
                    f"M-Hub is already running on the home {self.path} (process {state.get('pid', 'unknown')}"
                    + (f", {state['url']})." if state.get("url") else ")."),
                    "Each home can serve only one hub.",
                    "Stop that hub first, or choose another home with --home DIR and another port with --port N.",
                )
            time.sleep(0.2)

    def is_locked(self) -> bool:
        """Return whether a supervisor, or what is left of one, holds this home."""
        try:
            descriptor = os.open(self.path / f"{self.kind}.lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return not _try_lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def read_state(self) -> dict[str, Any]:
        """Return what the supervisor wrote last, or nothing."""
        try:
            state: dict[str, Any] = json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return {}
        return state

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace the state file in one step, so that no reader meets half of it."""
        draft = self.state_file.with_suffix(".new")
        draft.write_text(json.dumps(state, indent=1))
        draft.replace(self.state_file)

    def forget_state(self) -> None:
        """Remove the state file: nothing runs here any more."""
        self.state_file.unlink(missing_ok=True)

    def open_log(self, name: str) -> Path:
        """Return the log file of a process."""
        return self.path / "logs" / (f"{name}.log" if self.kind == "hub" else f"joined-{name}.log")


def _try_lock(descriptor: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def is_alive(pid: int) -> bool:
    """Return whether a process of that number exists and is not a zombie that nobody has reaped."""
    import psutil

    try:
        return pid > 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
