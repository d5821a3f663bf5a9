"""Preparing one upload in a process of its own: `python -m mhub_core.datasets.child FOLDER`.

What strangers send is decoded here, under a limit of memory, so that a file made to break a decoder breaks nothing
else. The child reads `request.json` in the folder, prints a line of JSON for each progress, and writes the arrays and
`result.json` beside it.
"""

from __future__ import annotations

import json
import queue as threads
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import psutil

from mhub_core import errors, settings
from mhub_core.data.records import DataSpec, Progress
from mhub_core.errors import MHubError, TooLarge
from mhub_core.kinds.registry import require_kind

_LOOK_SECONDS = 0.2
_STALL_SECONDS = 60.0
_RESERVED = 2 << 30  # what allocators and threads set aside without using it


class ChildDied(Exception):
    """Raised when the child ended without a result; `code` is its exit status, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the preparing process ended with {code}")
        self.code = code


def prepare(path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> tuple[DataSpec, dict[str, Any]]:
    """Turn an upload into arrays in `folder`, as the request says."""
    return require_kind(request["kind"]).prepare(path, request, folder, progress)


def prepare_in_child(
    path: Path, request: dict[str, Any], folder: Path, beat: Callable[[dict[str, Any] | None], None]
) -> tuple[DataSpec, dict[str, Any]]:
    """Run `prepare` in a child. `beat` gets each progress, and None often in between; what it raises ends the child.

    Raises the MHubError that the child met, TooLarge when it takes too much memory, or ChildDied.
    """
    (folder / "request.json").write_text(json.dumps({"path": str(path), "request": request}))
    command = [sys.executable, "-m", "mhub_core.datasets.child", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=settings.ROOT, text=True) as child:
        try:
            watch = Watch(child.pid)
            for line in _lines(child.stdout):
                watch.look()
                beat(json.loads(line) if line else None)
        finally:
            child.kill()
    result = folder / "result.json"
    if not result.exists():
        raise ChildDied(child.returncode)
    answer = json.loads(result.read_text())
    if "error" in answer:
        raise errors.from_json(answer["error"])
    return DataSpec.from_json(answer["spec"]), answer["report"]


def _lines(stream: IO[str] | None):  # noqa: ANN202  (a generator of text, and None while it is silent)
    """Give the lines of a stream as they come, and None while it is silent."""
    lines: threads.Queue[str] = threads.Queue()

    def read() -> None:
        for line in stream or ():
            lines.put(line)
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
    """Looks at a child from outside, because libraries that meet the end of memory may hang instead of failing."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._busy, self._since = 0.0, time.monotonic()

    def look(self) -> None:
        """Raise TooLarge when the child holds too much memory, ChildDied when it has stood still for a minute."""
        try:
            memory, times = self._process.memory_info(), self._process.cpu_times()
        except psutil.Error:
            return  # it has just ended
        if memory.rss - getattr(memory, "shared", 0) > _limit():
            raise too_much_memory()
        if times.user + times.system > self._busy:
            self._busy, self._since = times.user + times.system, time.monotonic()
        elif time.monotonic() - self._since > _STALL_SECONDS:
            raise ChildDied(-9)


def _limit() -> int:
    return settings.number("MHUB_PREPARE_MEMORY_MB") * 1_000_000


def limit_memory() -> None:
    """Bound the memory of this process by the system too, should it grow faster than it is watched (Linux only)."""
    import resource

    limit = 2 * _limit() + _RESERVED
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(done: int, total: int, words: str) -> None:
    # A parent that is gone closes the pipe, and the error that this raises ends the child too.
    print(json.dumps({"done": done, "total": total, "words": words}), flush=True)


def main(folder: Path) -> None:
    """Prepare what `request.json` asks for and leave `result.json`."""
    limit_memory()
    asked = json.loads((folder / "request.json").read_text())
    try:
        spec, report = prepare(Path(asked["path"]), asked["request"], folder, _say)
        answer: dict[str, Any] = {"spec": spec.to_json(), "report": report}
    except MHubError as error:
        answer = {"error": errors.to_json(error)}
    except MemoryError:
        answer = {"error": errors.to_json(too_much_memory())}
    (folder / "result.tmp").write_text(json.dumps(answer))
    (folder / "result.tmp").rename(folder / "result.json")


def too_much_memory() -> TooLarge:
    """Return the error for an upload that cannot be prepared within the limit."""
    return TooLarge(
        "Preparing this takes more memory than the hub allows.",
        f"At most {settings.number('MHUB_PREPARE_MEMORY_MB'):,} MB.",
        "Send fewer rows or columns, or smaller images.",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
