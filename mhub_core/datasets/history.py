"""How a version came to be, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mhub_core.datasets.child import APPEND, REPLACE
from mhub_core.errors import Invalid
from mhub_core.recipes import run

_ADDED = {APPEND: "Appended", REPLACE: "Replaced the data by"}


def words(request: Mapping[str, Any], recipe: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what was done, of what was asked for a version."""
    if request.get("same_as"):
        return (f"Restored version {request['same_as']}",)
    if recipe or request.get("adds"):
        name = request.get("file_name", "a file")
        added = (f"{_ADDED.get(request['adds'], 'Added')} {name}",) if request.get("adds") else ()
        try:
            return (*added, *run.words(recipe))
        except (Invalid, KeyError, TypeError):  # of a later release
            return ("Steps that this release of M-Hub does not know",)
    if request.get("fetched"):
        return (f"Fetched {'again: ' if request.get('from') else ''}{request.get('file_name', '')}",)
    return (f"Uploaded {request['file_name']}" if request.get("file_name") else "First version",)
