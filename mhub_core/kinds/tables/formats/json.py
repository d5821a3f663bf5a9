"""JSON: a list of objects or of lists, an object of columns or of rows, or an object that holds one of these under some name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from mhub_core.data.records import Option, Progress
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables.formats import objects, turned
from mhub_core.kinds.tables.formats.format import Head, Refusals, Whole
from mhub_core.kinds.tables.formats.json_lines import refused_words

_MAX_BYTES = 400_000_000  # of a list, which is read row by row
_MAX_OBJECT = 100_000_000  # of anything else, which is read as a whole and takes about ten times as much memory
_HEAD_BYTES, _HEAD_ROWS = 1 << 20, 2_000
_BLANK = re.compile(r"[ \t\r\n]*")
_STARTS = re.compile(rb'\s*(\[\s*)?\{\s*"')
_TEXTS = (".csv", ".tsv", ".txt")
_decoder = json.JSONDecoder(object_pairs_hook=objects.pairs)


class Json:
    """A whole file is one value."""

    name = "json"
    words = "a JSON file"
    endings: tuple[str, ...] = (".json",)
    head_is_enough = False
    reads_pieces = False

    def __init__(self, min_columns: int = 2) -> None:
        self._min_columns = min_columns

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take what is called so, and what begins with an object or a list of them."""
        start = head.removeprefix(b"\xef\xbb\xbf")
        if file_name.lower().endswith(self.endings):
            return bool(start.strip())
        return bool(_STARTS.match(start)) or (start.lstrip()[:1] in (b"{", b"[") and not file_name.lower().endswith(_TEXTS))

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Read the first rows of a list, or all of another file."""
        size = path.stat().st_size
        piece, is_cut = _head(path, size, _HEAD_BYTES)
        if not piece.lstrip().startswith("["):
            value = _whole(path)
            names = _places(value)
            frame, refusals, notes = _of_value(value, chosen, self._min_columns)
            options = [_option(names, chosen)] if len(names) > 1 else turned.option(value, chosen)
            return Head(frame.head(_HEAD_ROWS), tuple(options), _told(notes, refusals), min(1.0, _HEAD_ROWS / frame.height))
        values = list(islice(_items(piece, is_cut), _HEAD_ROWS + 1))
        if not values and is_cut:  # the first row alone is longer
            piece, is_cut = _head(path, size, _MAX_BYTES)
            values = list(islice(_items(piece, is_cut), _HEAD_ROWS + 1))
        rows, refusals = objects.Rows(self._min_columns), Refusals()
        for number, (value, _) in enumerate(_as_objects(iter(values[:_HEAD_ROWS])), start=1):
            _add(rows, refusals, number, value)
        frame, notes = _frame(rows, refusals)
        is_whole = not is_cut and len(values) <= _HEAD_ROWS
        return Head(frame, (), _told(notes, refusals), 1.0 if is_whole else min(1.0, values[-1][1] / size))

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read all."""
        progress(0, 0, "Reading rows")
        _require_small(path, _MAX_BYTES)
        written = _decoded(path.read_bytes())
        if not written.lstrip().startswith("["):
            del written
            frame, refusals, notes = _of_value(_whole(path), chosen, self._min_columns)
            return Whole(frame, refusals, tuple(notes))
        rows, refusals = objects.Rows(self._min_columns), Refusals()
        for number, (value, at) in enumerate(_as_objects(_items(written, False)), start=1):
            _add(rows, refusals, number, value)
            if number % 20_000 == 0:
                progress(at, len(written), "Reading rows")
        frame, notes = _frame(rows, refusals)
        return Whole(frame, refusals, tuple(notes))

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> None:
        """Such files are read at once."""


def _told(notes: list[str], refusals: Refusals) -> tuple[str, ...]:
    return (*notes, *([refused_words(refusals)] if refusals.count else []))


def _head(path: Path, size: int, num_bytes: int) -> tuple[str, bool]:
    """Return the beginning of a file, and whether more comes behind it."""
    with path.open("rb") as file:
        return _decoded(file.read(num_bytes), size > num_bytes), size > num_bytes


def _require_small(path: Path, limit: int) -> None:
    if (size := path.stat().st_size) > limit:
        told, most = f"The JSON file has {size / 1e6:,.0f} MB.", f"At most {limit / 1e6:,.0f} MB of this kind."
        raise TooLarge(told, most, "Save a large table as JSON Lines, CSV or Parquet.")


def _decoded(data: bytes, is_cut: bool = False) -> str:
    """Return the text of a file, or of its beginning. Raises Invalid."""
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding, "ignore" if is_cut else "surrogatepass" if encoding[:5] == "utf-1" else "strict")
    except UnicodeDecodeError as error:
        raise Invalid(
            f"The JSON file is not written in UTF-8: byte {error.start + 1:,} is none of a letter.",
            "JSON is always written in UTF-8.",
            "Save it in UTF-8.",
        ) from error


def _items(written: str, is_cut: bool) -> Iterator[tuple[Any, int]]:
    """Give each value of a list with the place behind it; of the beginning of a file those that are whole. Raises Invalid."""
    at = _skip(written, written.index("[") + 1)
    while at < len(written) and written[at] != "]":
        try:
            value, at = _decoder.raw_decode(written, at)
        except RecursionError as error:
            objects.refuse_depth(error)
        except ValueError as error:
            if is_cut:
                return
            raise _damaged(error, written) from error
        yield value, at
        at = _skip(written, at)
        if written[at : at + 1] == ",":
            at = _skip(written, at + 1)
        elif written[at : at + 1] != "]" and not (is_cut and at >= len(written)):
            raise _damaged(json.JSONDecodeError("expecting ',' or ']'", written, at), written)
    if at >= len(written) and not is_cut:
        raise _damaged(json.JSONDecodeError("the list never ends", written, len(written)), written)


def _as_objects(values: Iterator[tuple[Any, int]]) -> Iterator[tuple[Any, int]]:
    """Give the items of a list; lists in it become objects, by the names in the first one or by `column_1` ..."""
    first = next(values, None)
    if first is None:
        return
    names = first[0] if isinstance(first[0], list) else []
    is_header = len(names) > 1 and all(isinstance(name, str) and name for name in names) and len(set(names)) == len(names)
    names = names if is_header else [f"column_{number}" for number in range(1, len(names) + 1)]
    for value, at in values if is_header else chain([first], values):
        is_row = isinstance(value, list) and len(value) == len(names) > 1
        yield (dict(zip(names, value, strict=True)) if is_row else value), at


def _skip(written: str, at: int) -> int:
    found = _BLANK.match(written, at)
    return found.end() if found else at


def _damaged(error: ValueError, written: str) -> Invalid:
    line = written.count("\n", 0, error.pos) + 1 if isinstance(error, json.JSONDecodeError) else 0
    where = f"line {line:,}, " if line else ""
    return Invalid(
        f"The JSON file is damaged: {where}{objects.no_json(error)}.",
        "A list of objects with names and values.",
        "Correct it there, or save the table again.",
    )


def _whole(path: Path) -> Any:
    _require_small(path, _MAX_OBJECT)
    written = _decoded(path.read_bytes())
    try:
        return json.loads(written, object_pairs_hook=objects.pairs)
    except RecursionError as error:
        objects.refuse_depth(error)
    except ValueError as error:
        raise _damaged(error, written) from error


def _places(value: Any) -> list[str]:
    """Return under which names an object holds lists of objects."""
    if not isinstance(value, dict):
        return []
    return [name for name, held in value.items() if isinstance(held, list) and held and isinstance(held[0], dict)]


def _option(names: list[str], chosen: dict[str, Any]) -> Option:
    return Option("rows", "Where the rows are", _place(names, chosen), tuple((name, name) for name in names))


def _place(names: list[str], chosen: dict[str, Any]) -> str:
    wanted = chosen.get("rows", names[0])
    if wanted not in names:
        raise Invalid(f"There are no rows under {str(wanted)[:80]!r}.", f"One of: {', '.join(names)[:400]}.", "Choose another.")
    return str(wanted)


def _of_value(value: Any, chosen: dict[str, Any], min_columns: int) -> tuple[Any, Refusals, list[str]]:
    """Return the table in a value that is no list."""
    rows, refusals = objects.Rows(min_columns), Refusals()
    names = _places(value)
    are_rows = turned.are_rows(value, chosen)
    listed = value[_place(names, chosen)] if names else value.values() if are_rows else turned.from_columns(value)
    for number, row in enumerate(listed, start=1):
        _add(rows, refusals, number, row)
    frame, notes = _frame(rows, refusals)
    told = [f"The rows under {_place(names, chosen)!r} are read."] if names else []
    return (
        frame,
        refusals,
        told + (["Each object inside is read as a row; their names are left out."] if are_rows else []) + notes,
    )


def _add(rows: objects.Rows, refusals: Refusals, number: int, value: Any) -> None:
    try:
        rows.add(value)
    except objects.Refused as error:
        refusals.add(f"row {number:,}", str(error), objects.shown(value))
    except RecursionError as error:
        objects.refuse_depth(error)


def _frame(rows: objects.Rows, refusals: Refusals) -> tuple[Any, list[str]]:
    objects.require_some(
        rows,
        refusals,
        "row",
        'A list of objects, such as [{"length": 5.1, "species": "rose"}].',
        "Save the table in this way, or as CSV.",
    )
    return rows.frame()
