"""One way to open a file from a stranger: a declared function runs in a process of its own, under limits.

`run(name, request, limits)` starts `python -m mhub_core.sandbox NAME FOLDER`. The process gets no secrets, no open files and
a temporary folder that is removed afterwards; it answers plain JSON. What breaks in it breaks nothing else.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import queue as threads
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from mhub_core import errors, look, settings
from mhub_core.errors import Busy, MHubError

# What may run, by name: "module:function". The function takes (request, folder, progress) and returns plain JSON.
FUNCTIONS = {
    "decode_images": "mhub_core.kinds.pictures.making:make_json",
    "decode_input": "mhub_core.evaluation.child:decode_json",
    "open_file": "mhub_core.evaluation.child:open_json",
    "prepare_dataset": "mhub_core.datasets.child:prepare_json",
    "extend_dataset": "mhub_core.datasets.child:extend_json",
    "process_dataset": "mhub_core.datasets.child:process_json",
    "query_table": "mhub_core.recipes.query:answer",
    "preview_upload": "mhub_core.datasets.child:preview_json",
    "profile_dataset": "mhub_core.exploring.child:profile_json",
    "crop_image": "mhub_core.people.child:crop_json",
    "read_model": "mhub_core.reading.apart:answer",
    "fetch_source": "mhub_core.sources.child:fetch_json",
}
Progress = Callable[[int, int, str], None]
Beat = Callable[[dict[str, Any] | None], None]
_LOOK_SECONDS = 0.1
_PREFIX = "mhub-sandbox-"
_RESERVED = 2 << 30  # what allocators and threads set aside without using it
_LAST_SECONDS = 5  # of computing, for what does not end at the signal: at the end of these the system kills it
_LONGEST_LOG = 4_000
# Of the environment, only what a program needs to start, and the limits that the hub's owner set.
_PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT")
_LIMITS = ("MHUB_PREPARE_MEMORY_MB", "MHUB_CACHE_MB")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # where the system says which ones it trusts
_SAVING = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:100,muzzy_decay_ms:0"}  # polars gives back at once what it needs no more
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much one run may take; None where there is no limit. `address_bytes` counts also memory that is only set aside."""

    memory_bytes: int
    address_bytes: int | None = None
    cpu_seconds: int | None = None
    stall_seconds: float | None = None  # without any computing
    wall_seconds: float | None = None
    file_bytes: int | None = None


class Broken(Exception):
    """Raised when a run ended without an answer."""


class TooMuchMemory(Broken):
    """Raised when a run took more memory than it may."""


class TooLong(Broken):
    """Raised when a run took longer than it may."""


class Died(Broken):
    """Raised when the process ended by itself or was killed; `code` is its exit status, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the process ended with {code}")
        self.code = code


class Places:
    """So many runs at once, so that many people cannot take the machine; others wait for a moment, and are told."""

    def __init__(self, num: int, seconds: float, busy: str) -> None:
        self._free, self._seconds, self._busy = threading.BoundedSemaphore(num), seconds, busy

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take a place. Raises Busy when none becomes free in time."""
        look.forget()  # no transaction of a page lasts while it waits
        if not self._free.acquire(timeout=self._seconds):
            raise Busy(self._busy, mend="Try again in a few seconds.")
        try:
            yield
        finally:
            self._free.release()


def run(
    name: str, request: dict[str, Any], limits: Limits, beat: Beat | None = None, folder: Path | None = None
) -> dict[str, Any]:
    """Run a declared function and return its answer. `beat` gets each progress, and None often in between; what it raises ends
    the run. The function may write into `folder`; without one, into a temporary one.

    Raises the MHubError that the function raised, or a child of Broken.
    """
    look.forget()  # no transaction of a page lasts while it waits
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as made:
        work = Path(made)
        asked = {"request": request, "folder": str(folder or work), "limits": asdict(limits)}
        (work / "request.json").write_text(json.dumps(asked))
        with (work / "log").open("wb") as log:
            code = _carry_out(
                [sys.executable, "-m", "mhub_core.sandbox", name, made], work, limits, beat or (lambda _: None), log
            )
        _tell_log(name, work / "log")
        return _answer(work / "result.json", code)


def folders() -> Iterator[Path]:
    """Give the folders of runs in the temporary folder: also those of runs whose hub was killed, which nobody removed."""
    mine = Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")
    return (path for path in mine if path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid())


def _carry_out(command: list[str], work: Path, limits: Limits, beat: Beat, log: IO[bytes]) -> int:
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": log, "close_fds": True}
    with subprocess.Popen(command, cwd=settings.ROOT, env=environment(work), text=True, errors="replace", **options) as child:
        try:
            watch = Watch(child.pid, limits)
            for line in _lines(child.stdout):
                watch.look()
                beat(_progress(line))
        finally:
            child.kill()
    return child.returncode


def environment(work: Path) -> dict[str, str]:
    """Return the environment of a run: no address of the database, the queue or the store, and no key."""
    limits = {setting.name for setting in settings.SETTINGS if setting.name.startswith("MHUB_MAX_")}
    passed = {name: os.environ[name] for name in (*_PASSED, *_LIMITS, *_CERTIFICATES, *limits) if name in os.environ}
    return {**passed, **_SAVING, "HOME": str(work), "TMPDIR": str(work)}


def _progress(line: str | None) -> dict[str, Any] | None:
    """Return a progress, or None for silence and for what a library printed."""
    with suppress(ValueError):
        told = json.loads(line or "null")
        return told if isinstance(told, dict) and told.keys() == {"done", "total", "words"} else None
    return None


def _lines(stream: IO[str] | None) -> Iterator[str | None]:
    """Give the lines of a stream as they come, and None while it is silent."""
    lines: threads.Queue[str] = threads.Queue()

    def read() -> None:
        try:
            for line in stream or ():
                lines.put(line)
        finally:
            lines.put("")

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=_LOOK_SECONDS)
        except threads.Empty:
            yield None
            continue
        if not line:
            return
        yield line


class Watch:
    """Looks at a run from outside, because libraries that meet the end of memory may hang instead of failing."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._process, self._limits = psutil.Process(pid), limits
        self._busy, self._began = 0.0, time.monotonic()
        self._since = self._began

    def look(self) -> None:
        """Raise TooMuchMemory, TooLong, or Died when it has stood still for too long."""
        now, limits = time.monotonic(), self._limits
        if limits.wall_seconds is not None and now - self._began > limits.wall_seconds:
            raise TooLong(f"longer than {limits.wall_seconds} s")
        try:
            memory, times = self._process.memory_info(), self._process.cpu_times()
        except psutil.Error:
            return  # it has just ended
        if memory.rss - getattr(memory, "shared", 0) > limits.memory_bytes:
            raise TooMuchMemory(f"more than {limits.memory_bytes} bytes")
        if times.user + times.system > self._busy:
            self._busy, self._since = times.user + times.system, now
        elif limits.stall_seconds is not None and now - self._since > limits.stall_seconds:
            raise Died(-9)


def _tell_log(name: str, path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST_LOG))
        told = file.read().decode("utf-8", "replace")
    if told.strip():
        _log.warning("%s in the sandbox said: %s", name, told)


def _answer(path: Path, code: int) -> dict[str, Any]:
    if code == -signal.SIGXCPU:
        raise TooLong("more than its seconds of computing")
    if not path.exists():
        raise Died(code)
    answer = json.loads(path.read_text())
    if "error" in answer:
        raise errors.from_json(answer["error"])
    if "value" not in answer:
        raise TooMuchMemory("the process met the end of its memory")
    value: dict[str, Any] = answer["value"]
    return value


# In the process itself


def limit(limits: Limits) -> None:
    """Have the system hold the limits too. macOS does not hold every one; the parent ends what takes too much."""
    held = (
        (resource.RLIMIT_DATA, 2 * limits.memory_bytes + _RESERVED),  # should it grow faster than it is watched
        (resource.RLIMIT_AS, limits.address_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in held:
        if most is not None:
            with suppress(ValueError, OSError):
                resource.setrlimit(kind, (most, most))
    if limits.cpu_seconds is not None:  # where both are the same, the system kills at once, as it does for want of memory
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + _LAST_SECONDS))


def main(name: str, work: Path) -> None:
    """Run the function that `request.json` asks for and leave `result.json`."""
    asked = json.loads((work / "request.json").read_text())
    (work / "request.json").unlink()  # it may hold a password, and nobody reads it again
    limit(Limits(**asked["limits"]))
    module, _, function = FUNCTIONS[name].partition(":")
    try:
        verb = getattr(importlib.import_module(module), function)
        answer: dict[str, Any] = {"value": verb(asked["request"], Path(asked["folder"]), _say)}
    except MHubError as error:
        answer = {"error": errors.to_json(error)}
    except MemoryError:
        answer = {}
    (work / "result.tmp").write_text(json.dumps(answer))
    (work / "result.tmp").rename(work / "result.json")


def _say(done: int, total: int, words: str) -> None:
    # A parent that is gone closes the pipe, and the error that this raises ends the process too.
    print(json.dumps({"done": done, "total": total, "words": words}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
