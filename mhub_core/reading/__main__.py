"""The process in which one file or text is read: `python -m mhub_core.reading`, a request in, an answer out, as JSON.

`apart` starts it. What strangers send is read here, under limits that the system holds, so that a file made to hang or
to fill a reader hangs and fills nothing else.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from mhub_core.reading import read
from mhub_core.reading.records import Reading, Unreadable

CPU_SECONDS = 10
MOST_MEMORY = 1 << 30


def limit() -> None:
    """Bound the time and the memory of this process. macOS does not hold every limit; the parent ends what lasts too long."""
    limits = ((resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CORE, 0))
    for kind, most in limits:
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return what reading gives, or why it gives nothing."""
    try:
        if "text" in request:
            reading = read.read_text(request["text"])
        else:
            reading = read.read(request["file_name"], Path(request["path"]))
    except Unreadable as error:
        return {"refused": [error.words, error.expected, error.mend, error.line], "problems": error.problems}
    except MemoryError:
        told = "Reading this takes more memory than any architecture needs."
        return {"refused": [told, "", "Bring only the part that builds the model.", None], "problems": {}}
    return to_json(reading)


def to_json(reading: Reading) -> dict[str, Any]:
    """Return a reading as plain JSON."""
    notes = [[note.line, note.words] for note in reading.notes]
    return {"graph": reading.graph, "notes": notes, "name": reading.name}


if __name__ == "__main__":
    limit()
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
