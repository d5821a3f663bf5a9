"""Texts that somebody gives to a model in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mhub_core.data.records import Column
from mhub_core.errors import Invalid
from mhub_core.kinds.kind import Opened
from mhub_core.kinds.tables import asking, letters
from mhub_core.kinds.texts.words import MAX_LETTERS

_PLAIN = (".txt", ".md")
_MOST_BYTES = 4 * MAX_LETTERS  # UTF-32 has four for each letter


def opened(path: Path, file_name: str, column: str, chosen: Mapping[str, Any]) -> Opened:
    """Return the texts of a column of a table. A file of plain text that is no such table is one text. Raises Invalid."""
    try:
        found = asking.read(path, file_name, [Column(column, "category")], chosen)
    except Invalid:
        if not file_name.lower().endswith(_PLAIN):
            raise
        return _as_one(path, file_name)
    texts = ["" if text is None else str(text) for text in found.frame[column]]
    return Opened(texts, found.names, found.notes, found.options, asking.shown(found.frame))


def _as_one(path: Path, file_name: str) -> Opened:
    with path.open("rb") as file:
        head = file.read(_MOST_BYTES)
        letters.refuse_other_formats(head)
        encoding, notes = letters.find_encoding(file, head)
    text = letters.decode_head(head, encoding).removeprefix("\ufeff")
    return Opened([text[:MAX_LETTERS]], [file_name], notes)
