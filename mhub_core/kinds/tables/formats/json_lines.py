"""JSON Lines: one object per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from mhub_core.data.records import Progress
from mhub_core.kinds.tables.formats import objects
from mhub_core.kinds.tables.formats.format import Head, Refusals, Whole

_MAX_LINE = 4 << 20
_HEAD_BYTES, _HEAD_ROWS = 1 << 20, 2_000
_FIRST = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_SHOWN = 200


class JsonLines:
    """Also called NDJSON."""

    name = "json_lines"
    words = "a JSON Lines file"
    endings: tuple[str, ...] = (".jsonl", ".ndjson")
    head_is_enough = True
    reads_pieces = False

    def __init__(self, min_columns: int = 2) -> None:
        self._min_columns = min_columns

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take what is called so, and what has an object in its first line and another one below."""
        if file_name.lower().endswith(self.endings):
            return True
        if not head.removeprefix(_BOM).lstrip().startswith(b'{"'):
            return False
        with path.open("rb") as file:
            lines = [line for line in file.read(_FIRST).removeprefix(_BOM).split(b"\n") if line.strip()]
        return len(lines) > 1 and _is_object(lines[0]) and lines[1].lstrip().startswith(b"{")

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Read the first lines."""
        rows, refusals, read = objects.Rows(self._min_columns), Refusals(), 0
        with path.open("rb") as file:
            for number, line in _lines(file):
                _add(rows, refusals, number, line)
                read = file.tell()
                if read >= _HEAD_BYTES or rows.num_rows >= _HEAD_ROWS:
                    break
        frame, notes = _frame(rows, refusals)
        if refusals.count:
            notes.append(refused_words(refusals))
        return Head(frame, notes=tuple(notes), share=min(1.0, read / max(1, path.stat().st_size)))

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read all lines; one that holds no object is a refused row."""
        rows, refusals, size = objects.Rows(self._min_columns), Refusals(), path.stat().st_size
        with path.open("rb") as file:
            for number, line in _lines(file):
                _add(rows, refusals, number, line)
                if number % 20_000 == 0:
                    progress(file.tell(), size, "Reading rows")
        frame, notes = _frame(rows, refusals)
        return Whole(frame, refusals, tuple(notes))

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> None:
        """Such files are read at once."""


def refused_words(refusals: Refusals) -> str:
    """Return a sentence about the rows that cannot be used, of those that were looked at."""
    what, why = refusals.examples[0]
    rows = "1 row" if refusals.count == 1 else f"{refusals.count:,} rows"
    return f"{rows} cannot be used and will be left out: {what} {why}."


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Give the lines that are not blank with their numbers; of one without end only its beginning."""
    number = 0
    while line := file.readline(_MAX_LINE):
        number += 1
        rest = line
        while not rest.endswith(b"\n") and len(rest) == _MAX_LINE:
            rest = file.readline(_MAX_LINE)
        line = line.removeprefix(_BOM) if number == 1 else line
        if line.strip():
            yield number, line


def _add(rows: objects.Rows, refusals: Refusals, number: int, line: bytes) -> None:
    try:
        if len(line) >= _MAX_LINE:
            raise objects.Refused(f"is longer than {_MAX_LINE >> 20} MB")
        rows.add(json.loads(line.decode("utf-8").rstrip(), object_pairs_hook=objects.pairs))
    except UnicodeDecodeError:
        refusals.add(f"line {number:,}", "is not written in UTF-8", _shown(line))
    except (ValueError, RecursionError) as error:
        refusals.add(f"line {number:,}", f"is no JSON: {objects.no_json(error)}", _shown(line))
    except objects.Refused as error:
        refusals.add(f"line {number:,}", str(error), _shown(line))


def _shown(line: bytes) -> str:
    return line[:_SHOWN].decode("utf-8", "replace").strip()


def _frame(rows: objects.Rows, refusals: Refusals) -> tuple[Any, list[str]]:
    objects.require_some(
        rows,
        refusals,
        "line",
        'One JSON object per line, such as {"length": 5.1, "species": "rose"}.',
        "Save the table as JSON Lines, JSON or CSV.",
    )
    return rows.frame()
