"""Parquet: typed columns. The file's own table of contents is asked first, for a few bytes may stand for millions of rows."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core import settings
from mhub_core.data.records import Progress
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables import header
from mhub_core.kinds.tables.formats.format import Head, Refusals, Whole
from mhub_core.kinds.tables.formats.outside import refused_as

_MAGIC = b"PAR1"
_HEAD_ROWS = 2_000
_NAMED = 5
_UUID_BYTES = 16
_UUID = r"^(.{8})(.{4})(.{4})(.{4})(.{12})$"


class Parquet:
    """Numbers, text, true and false and dates stay what they are; lists and groups are left out, and told."""

    name = "parquet"
    words = "a Parquet file"
    endings: tuple[str, ...] = (".parquet", ".pq")
    head_is_enough = False
    reads_pieces = False

    def __init__(self, min_columns: int = 2) -> None:
        self._min_columns = min_columns

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take what begins as Parquet does."""
        return head.startswith(_MAGIC)

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Read the first rows."""
        frame, notes, num_rows = _read(path, _HEAD_ROWS, self._min_columns)
        return Head(frame, notes=notes, share=min(1.0, max(1, frame.height) / max(1, num_rows)))

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read all rows."""
        progress(0, 0, "Reading rows")
        frame, notes, num_rows = _read(path, None, self._min_columns)
        if frame.height != num_rows:
            raise _damaged()
        return Whole(frame, Refusals(), notes)

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> None:
        """Such files are read at once."""


def _read(path: Path, num_rows: int | None, min_columns: int) -> tuple[pl.DataFrame, tuple[str, ...], int]:
    """Return the first or all rows, what was left out or changed, and how many rows there are."""
    schema, total = _contents(path)
    notes: list[str] = []
    flat = [name for name, dtype in schema.items() if not dtype.is_nested() and dtype != pl.Object]
    _tell(notes, [name for name in schema if name not in flat], "they hold lists or groups of values")
    with refused_as(_damaged()):
        frame = pl.read_parquet(path, columns=flat, n_rows=num_rows)
    plain = {name: values for name in flat if (values := _plain(frame[name])) is not None}
    _tell(notes, [name for name in flat if name not in plain], "they hold bytes, not text")
    if len(plain) < min_columns:
        raise Invalid(
            "The Parquet file has fewer than two columns that can be used." + "".join(f" {note}" for note in notes),
            "Columns of numbers, text, true and false, or dates.",
            "Save the table with plain columns.",
        )
    names = header.unique_names(list(plain), notes)
    return pl.DataFrame([values.alias(name) for name, values in zip(names, plain.values(), strict=True)]), tuple(notes), total


def _contents(path: Path) -> tuple[dict[str, pl.DataType], int]:
    """Return the types of the columns and the number of rows, without reading any. Raises Invalid or TooLarge."""
    with refused_as(_damaged()):
        lazy = pl.scan_parquet(path)
        schema = dict(lazy.collect_schema())
        total = int(lazy.select(pl.len()).collect().item())
    for number, words, limit in ((total, "rows", "MHUB_MAX_ROWS"), (len(schema), "columns", "MHUB_MAX_COLUMNS")):
        if number > settings.number(limit):
            told, most = f"The table has {number:,} {words}.", f"At most {settings.number(limit):,}."
            raise TooLarge(told, most, "Upload only a part of it.")
    if not total:
        raise Invalid("The Parquet file has no rows.", "A table with rows.", "Add the rows.")
    return schema, total


def _plain(values: pl.Series) -> pl.Series | None:
    """Return a column as numbers, text, true and false, or a point in time; None for bytes that are no text."""
    if values.dtype == pl.Binary:
        return _text_of(values)
    if values.dtype.is_decimal():
        return values.cast(pl.Float64)
    if values.dtype == pl.Duration:
        return values.dt.total_microseconds() / 1e6
    if values.dtype == pl.Time or values.dtype in (pl.Categorical, pl.Enum):
        return values.cast(pl.String)
    return values


def _text_of(values: pl.Series) -> pl.Series | None:
    with suppress(pl.exceptions.ComputeError):
        return values.cast(pl.String)
    if bool((values.drop_nulls().bin.size() == _UUID_BYTES).all()):
        return values.bin.encode("hex").str.replace(_UUID, "$1-$2-$3-$4-$5")
    return None


def _tell(notes: list[str], names: list[str], why: str) -> None:
    if names:
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        notes.append(f"Left out, because {why}: {', '.join(name[:40] for name in names[:_NAMED])}{more}.")


def _damaged() -> Invalid:
    return Invalid(
        "The Parquet file is damaged, or it has a type that is not supported, such as an interval of months and days.",
        "A complete Parquet file with columns of numbers, text, true and false, or dates.",
        "Save it again without such columns, or as CSV.",
    )
