"""Reads what a person brings in the sandbox: nothing that anybody sends can hang or fill the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mhub_core import sandbox
from mhub_core.graphs import design
from mhub_core.reading import read
from mhub_core.reading.records import Note, Reading, Unreadable

LIMITS = sandbox.Limits(1 << 30, address_bytes=1 << 30, cpu_seconds=10, wall_seconds=20.0, file_bytes=64 << 20)
_places = sandbox.Places(2, 5.0, "The hub is busy reading other people's imports.")


def read_file(file_name: str, path: Path) -> Reading:
    """Return the design in a file, as `read.read` does. Raises Unreadable, and Unavailable while too many others are read."""
    return _ask({"file_name": file_name, "path": str(path)})


def read_text(text: str) -> Reading:
    """Return the design in a text, as `read.read_text` does. Raises as `read_file` does."""
    return _ask({"text": text})


def _ask(request: dict[str, Any]) -> Reading:
    try:
        with _places.taken():
            told = sandbox.run("read_model", request, LIMITS)
    except sandbox.Broken as error:
        words = "Reading this took more time or memory than any model needs: it may contain an endless loop."
        raise Unreadable(words, mend="Import only the lines that build the model.") from error
    graph = design.require_well_formed(told["graph"])
    return Reading(graph, tuple(Note(*note) for note in told["notes"]), told["name"])


def answer(request: dict[str, Any], folder: Path, progress: sandbox.Progress) -> dict[str, Any]:
    """Read a file or a text, as the sandbox runs it: the reading as plain JSON."""
    if (typed := request.get("text")) is not None:
        reading = read.read_text(typed)
    else:
        reading = read.read(request["file_name"], Path(request["path"]))
    notes = [[note.line, note.words] for note in reading.notes]
    return {"graph": reading.graph, "notes": notes, "name": reading.name}
