"""Reads what a person brings in a process of its own, with limits: nothing that anybody sends can hang or fill the hub."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from mhub_core import settings
from mhub_core.errors import Unavailable
from mhub_core.graphs import design
from mhub_core.reading.records import Note, Reading, Unreadable

MOST_AT_ONCE = 2
_COMMAND = [sys.executable, "-m", "mhub_core.reading"]
_LONGEST = 20.0  # Seconds; the process itself may compute for 10 of them.
_PATIENCE = 5.0  # Seconds that a reading waits for one of the places.
_places = BoundedSemaphore(MOST_AT_ONCE)
_log = logging.getLogger(__name__)


def read_file(file_name: str, path: Path) -> Reading:
    """Return the design in a file, as `read.read` does. Raises Unreadable, and Unavailable while too many others are read."""
    return _ask({"file_name": file_name, "path": str(path)})


def read_text(text: str) -> Reading:
    """Return the design in a text, as `read.read_text` does. Raises as `read_file` does."""
    return _ask({"text": text})


def _ask(request: dict[str, Any]) -> Reading:
    with _place():
        answer = _answer(json.dumps(request).encode())
    if "refused" in answer:
        error = Unreadable(*answer["refused"])
        error.problems = answer["problems"]
        raise error
    graph = design.require_well_formed(answer["graph"])
    return Reading(graph, tuple(Note(*note) for note in answer["notes"]), answer["name"])


@contextmanager
def _place() -> Iterator[None]:
    """Take one of the few places for readings, so that many people at once cannot take the machine."""
    if not _places.acquire(timeout=_PATIENCE):
        raise Unavailable("The hub is busy reading what others brought.", mend="Try again in a few seconds.")
    try:
        yield
    finally:
        _places.release()


def _answer(request: bytes) -> dict[str, Any]:
    """Return what the process answers. Raises Unreadable when a limit ended it."""
    try:
        done = subprocess.run(_COMMAND, input=request, capture_output=True, timeout=_LONGEST, cwd=settings.ROOT)
    except subprocess.TimeoutExpired as error:
        raise _too_much() from error
    if done.stderr:
        _log.warning("Reading something that a person brought said: %s", done.stderr[-4000:].decode("utf-8", "replace"))
    if done.returncode:
        raise _too_much()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _too_much() -> Unreadable:
    told = "Reading this took longer or more memory than any model needs: it may hold a loop that builds without end."
    return Unreadable(told, mend="Bring only the lines that build the model.")
