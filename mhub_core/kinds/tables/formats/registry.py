"""Every format of tables: one line for each. The first that accepts a file reads it."""

from __future__ import annotations

from pathlib import Path

from mhub_core.kinds.tables.formats.csv import Csv
from mhub_core.kinds.tables.formats.format import Format

_HEAD_BYTES = 4096

FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Csv(),  # which takes what nobody else does, and says what is wrong with it
    )
}


def format_of(path: Path, file_name: str) -> Format:
    """Return the format of a file, by its first bytes and its name."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return next(one for one in FORMATS.values() if one.accepts(head, file_name))
